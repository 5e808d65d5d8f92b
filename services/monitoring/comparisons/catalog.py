"""Datasets as data: one YAML file each beside this module. A new one needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.monitoring.comparisons.columns import Column
from services.monitoring.comparisons.periods import PeriodKind, parse_period
from shared.domain.codes import Coded
from shared.domain.division import NATION, within
from shared.sheets.reading import Form, plain_header

#: In the order in which they are tried.
PersonClass = Literal["destitute", "minimum_living", "monitored", "lifted", "general"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
        """Return what holds in a division for a period: of the nearest place above it, the newest."""
        known = parse_period(period)
        on = known.first if known else date.min
        holding = [each for each in self.thresholds if each.hold(division_code, on)]
        nearest = sorted(
            holding, key=lambda each: (each.area != NATION, each.area.rstrip("0"), each.valid_from)
        )
        return nearest[-1] if nearest else None


class Key(StrEnum):
    """By what a row finds whom it is about; one that has no number is told as probable, for a person to decide."""

    NUMBER = "number"
    #: Name, birth date, and the division where the row has one.
    BIRTH = "birth"
    #: The name of a household's head, and the division.
    HEAD = "head"
    #: The division itself: what befalls a village.
    DIVISION = "division"


#: The columns that a key needs.
_NEEDS = {
    Key.NUMBER: {"identity_number", "name"},
    Key.BIRTH: {"name", "birth_date"},
    Key.HEAD: {"name", "division"},
    Key.DIVISION: {"division"},
}


class Dataset(_Strict):
    """What a department may post."""

    code: str
    zh: str
    en: str
    department: str
    period: PeriodKind
    description: str
    description_en: str = ""
    #: Whom its rows are about.
    subject: Literal["person", "household", "village"] = "person"
    #: In the order in which they are tried.
    match: tuple[Key, ...] = (Key.NUMBER,)
    columns: tuple[Column, ...]
    rule: Rule

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        fields = [column.field for column in self.columns]
        if len(set(fields)) < len(fields):
            raise ValueError("a field stands in one column")
        for key in self.match:
            if missing := _NEEDS[key] - set(fields):
                raise ValueError(f"to match by {key} takes {', '.join(sorted(missing))}")
        if (self.subject == "village") != (self.match == (Key.DIVISION,)):
            raise ValueError("villages, and they alone, are matched by division")
        return self

    @property
    def matches_without_number(self) -> bool:
        """Tell whether a row without a number may find whom it is about."""
        return self.match != (Key.NUMBER,)

    @property
    def form(self) -> Form:
        """What its files may hold: headers, and for programs the fields' own names."""
        names = {
            plain_header(name): each.field
            for each in self.columns
            for name in (each.header, each.header + each.unit, *each.aliases, each.field)
        }
        return Form(names, frozenset(each.field for each in self.columns if each.required))


@cache
def datasets() -> Mapping[str, Dataset]:
    """Return all datasets by code."""
    folder = files(__package__).joinpath("datasets")
    read = {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in folder.iterdir()}
    return {code: Dataset(code=code, **yaml.safe_load(text)) for code, text in sorted(read.items())}
