"""Datasets as data: one YAML file each beside this module. A new one needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.codes import Coded
from shared.sheets.reading import Form, plain_header

#: Classes of persons, in the order in which they are tried.
CLASSES = ("destitute", "minimum_living", "monitored", "lifted", "general")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Strict):
    """A column of a department's file."""

    field: Literal["name", "identity_number", "amount", "note"]
    header: str
    required: bool = False
    kind: Literal["text", "yuan"] = "text"
    aliases: tuple[str, ...] = ()


class Rule(_Strict):
    """When a row means risk."""

    id: str
    version: str
    source: str
    risk_type: Annotated[str, Coded("risk_type")]
    #: ``each``: every row about a person; ``calendar_year``: the year's sum over a threshold.
    window: Literal["each", "calendar_year"]
    #: Yuan by class of person; exceeded means risk.
    thresholds: Mapping[str, Decimal] = Field(default_factory=dict)


class Dataset(_Strict):
    """What a department may post."""

    code: str
    zh: str
    en: str
    department: str
    period: Literal["month"]
    description: str
    columns: tuple[Column, ...]
    rule: Rule

    @property
    def form(self) -> Form:
        """What its files may hold."""
        names = {
            plain_header(name): each.field for each in self.columns for name in (each.header, *each.aliases)
        }
        return Form(names, frozenset(each.field for each in self.columns if each.required))

    def header_of(self, field: str) -> str:
        """Return the header under which a field stands."""
        return next(each.header for each in self.columns if each.field == field)


@cache
def datasets() -> Mapping[str, Dataset]:
    """Return all datasets by code."""
    folder = files(__package__).joinpath("datasets")
    read = {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in folder.iterdir()}
    return {code: Dataset(code=code, **yaml.safe_load(text)) for code, text in sorted(read.items())}
