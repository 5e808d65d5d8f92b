"""Datasets as data: one YAML file each beside this module. A new one needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.monitoring.datasets.columns import KEYS, Column
from services.monitoring.datasets.periods import PeriodKind
from shared.domain.codes import Coded, code_lists
from shared.sheets.form import Form, plain_header


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Correcting(_Strict):
    """A fact of the registry that a matched row says: what stands in a column, or the same for every row.

    With neither, the row says that it is so no more, whatever it was: who lost their work has no work place.
    """

    of: Literal["household", "member"]
    #: Of ``HouseholdReplica`` or ``PersonReplica``.
    field: str
    column: str | None = None
    value: bool | str | None = None
    #: Only of rows with these values.
    when: Mapping[str, str] = Field(default_factory=dict)


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
    #: Facts of the registry that a matched row says otherwise (信息更正).
    corrects: tuple[Correcting, ...] = ()
    #: Columns that tell one thing of somebody from another (a car, a flat): of one whose doubt was explained and
    #: accepted no further doubt is raised while they stay the same.
    identified_by: tuple[str, ...] = ()
    #: Why whoever is named is not in the household any more (a code of ``leave_reason``).
    departs: Annotated[str, Coded("leave_reason")] | None = None

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        fields = [column.field for column in self.columns]
        if len(set(fields)) < len(fields):
            raise ValueError("a field stands in one column")
        if unknown := set(self.identified_by) - (set(fields) - KEYS):
            raise ValueError(
                f"things are told apart by columns of theirs, not by {', '.join(sorted(unknown))}"
            )
        for key in self.match:
            if missing := _NEEDS[key] - set(fields):
                raise ValueError(f"to match by {key} takes {', '.join(sorted(missing))}")
        if code_lists()["department"].code_of(self.department) is None:
            raise ValueError(f"no such department: {self.department}")
        if (self.subject == "village") != (self.match == (Key.DIVISION,)):
            raise ValueError("villages, and they alone, are matched by division")
        return self

    @property
    def owner(self) -> str:
        """The department that posts it: a code of the list ``department``."""
        owner = code_lists()["department"].code_of(self.department)
        assert owner is not None  # noqa: S101 - as was checked when it was read
        return owner

    @property
    def matches_without_number(self) -> bool:
        """Tell whether a row without a number may find whom it is about."""
        return self.match != (Key.NUMBER,)

    @property
    def contradicts(self) -> bool:
        """Tell whether its rows may say something otherwise than the registry."""
        return bool(self.corrects or self.departs)

    @property
    def kinds(self) -> frozenset[str]:
        """The codes that tell its rows apart; none where ``kind`` is words, or there is no such column."""
        lists = [each.codes for each in self.columns if each.field == "kind" and each.codes]
        return frozenset(code.code for name in lists for code in code_lists()[name].codes)

    @property
    def form(self) -> Form:
        """What its files may hold: headers, and for programs the fields' own names."""
        names = {
            plain_header(name): each.field
            for each in self.columns
            for name in (
                *each.names,
                *(name + unit for name in each.names for unit in each.units),
                each.field,
            )
        }
        told = {name: each for each in self.columns for name in each.with_units}
        units = {name: each.with_units[name] for name, each in told.items() if name not in names}
        required = frozenset(each.field for each in self.columns if each.required)
        return Form(names | {name: told[name].field for name in units}, required, units)


@cache
def datasets() -> Mapping[str, Dataset]:
    """Return all datasets by code."""
    found = (file for file in files(__package__).iterdir() if file.name.endswith(".yaml"))
    read = {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in found}
    return {code: Dataset(code=code, **yaml.safe_load(text)) for code, text in sorted(read.items())}


def _known(code: str) -> str:
    if code not in datasets():
        raise PydanticCustomError("unknown_dataset", "there is no such dataset: see GET /datasets")
    return code


#: A dataset that a list is asked for.
DatasetCode = Annotated[str, AfterValidator(_known)]
