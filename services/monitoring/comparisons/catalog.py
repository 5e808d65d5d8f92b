"""Datasets as data: one YAML file each beside this module. A new one needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.codes import Coded
from shared.domain.division import NATION, within
from shared.sheets.reading import Form, plain_header

#: In the order in which they are tried.
PersonClass = Literal["destitute", "minimum_living", "monitored", "lifted", "general"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Strict):
    """A column of a department's file."""

    field: Literal["name", "identity_number", "amount", "note"]
    header: str
    required: bool = False
    kind: Literal["text", "yuan"] = "text"
    aliases: tuple[str, ...] = ()


class Thresholds(_Strict):
    """What a sum must exceed, by class of person: where, since when, and who says so."""

    area: str
    valid_from: Annotated[date, Field(alias="from")]
    source: str
    #: Yuan by class of person.
    over: Mapping[PersonClass, Decimal]

    def hold(self, division_code: str, on: date) -> bool:
        """Tell whether they hold in a division on a day."""
        return self.valid_from <= on and (self.area == NATION or within(division_code, self.area))


class Rule(_Strict):
    """When a row means risk."""

    id: str
    version: str
    source: str
    risk_type: Annotated[str, Coded("risk_type")]
    #: ``each``: every row about a person; ``calendar_year``: the year's sum over a threshold.
    window: Literal["each", "calendar_year"]
    #: For sums.
    thresholds: tuple[Thresholds, ...] = ()

    def thresholds_for(self, division_code: str, period: str) -> Thresholds | None:
        """Return what holds in a division for a month: of the nearest place above it, the newest."""
        on = date.fromisoformat(f"{period}-01")
        holding = [each for each in self.thresholds if each.hold(division_code, on)]
        nearest = sorted(
            holding, key=lambda each: (each.area != NATION, each.area.rstrip("0"), each.valid_from)
        )
        return nearest[-1] if nearest else None


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
