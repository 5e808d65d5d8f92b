"""Which class is suggested, and what it asks for: data by place and date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict

from shared.domain.codes import Coded
from shared.domain.dated import DatedRule, nearest, read_rules

Class = Annotated[str, Coded("support_class")]
#: What may be known of a household; ``classes.suggestions`` says in SQL what each means.
Fact = Literal[
    "minimum_living",
    "destitute",
    "income_unknown",
    "unsafe_housing",
    "unsafe_water",
    "uninsured",
    "dropped_out",
    "serious_illness",
    "severely_disabled",
    "no_labour",
    "risk_eliminated",
    "clue_open",
]
FACTS: tuple[str, ...] = get_args(Fact)


class _Said(BaseModel):
    """Words in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str


class Reason(_Said):
    """Why a class is suggested."""

    id: str


class Condition(Reason):
    """One reason for a class: any of the facts, or income below so many times the line."""

    facts: tuple[Fact, ...] = ()
    income_below: Decimal | None = None


class ClassRule(BaseModel):
    """A class, and the conditions of which any one makes it the suggested one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    support_class: Class
    conditions: tuple[Condition, ...]


class Otherwise(Reason):
    """The class of whoever meets no condition."""

    support_class: Class


class Support(_Said):
    """What a class asks for: its words, and kinds of measures of which at least one is planned; none: no measure."""

    measures: tuple[Annotated[str, Coded("measure_kind")], ...]


class ClassSet(DatedRule):
    """How lifted households are classified somewhere from a day on; the weightiest class comes first."""

    classes: tuple[ClassRule, ...]
    otherwise: Otherwise
    support: dict[Class, Support]

    def reason(self, reason: str) -> Reason:
        """Return a reason with its words."""
        conditions: list[Reason] = [each for rule in self.classes for each in rule.conditions]
        return next(each for each in [*conditions, self.otherwise] if each.id == reason)


def class_sets() -> tuple[ClassSet, ...]:
    """Return all sets, oldest first."""
    return read_rules(ClassSet, __package__, "classes.yaml")


def class_set(division_code: str, on: date) -> ClassSet:
    """Return the set that holds in a division on a day."""
    return nearest(class_sets(), division_code, on)


def set_of(version: str) -> ClassSet:
    """Return the set by which a class was suggested."""
    return next(each for each in class_sets() if each.version == version)
