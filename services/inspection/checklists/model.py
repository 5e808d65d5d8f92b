"""What a checklist is made of, and where an item applies."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from services.inspection.checklists.answers import Expected, Value
from services.inspection.checklists.severity import Severity

Monitoring = Literal["none", "active", "eliminated"]
#: Labour codes of people who are not expected to work.
_UNABLE = frozenset({"lost", "none"})


class ObjectKind(StrEnum):
    """What an item asks about."""

    PERSON = "person"
    HOUSEHOLD = "household"
    VILLAGE = "village"
    OPERATOR = "operator"
    COUNTY = "county"


#: Asked at the door; the other kinds are inspected on their own and raised by hand.
OF_A_VISIT = frozenset({ObjectKind.PERSON, ObjectKind.HOUSEHOLD})


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Situation(_Data):
    """What decides whether a household's items apply."""

    kind: str
    monitoring: Monitoring
    category: str | None = None


class Person(_Data):
    """What decides whether a person's items apply; None where the registry does not know."""

    age: int | None
    labour: str | None


class Condition(_Data):
    """Where an item is asked: all that is stated must hold. The data file says what each part means."""

    kinds: tuple[str, ...] = ()
    watched: bool = False
    monitoring: Monitoring | None = None
    categories: tuple[str, ...] = ()
    age: tuple[int, int] | None = None
    able_to_work: bool = False
    objects: tuple[str, ...] = ()

    def holds_for(self, household: Situation) -> bool:
        """Tell whether the household is one of those that the item is about."""
        return (
            (not self.kinds or household.kind in self.kinds)
            and (not self.watched or household.kind == "lifted" or household.monitoring == "active")
            and (self.monitoring is None or household.monitoring == self.monitoring)
            and (not self.categories or household.category in self.categories)
        )

    def holds_for_person(self, person: Person) -> bool:
        """Tell whether the person is one of those; an unknown age leaves the question to the officer."""
        in_age = self.age is None or person.age is None or self.age[0] <= person.age <= self.age[1]
        return in_age and not (self.able_to_work and person.labour in _UNABLE)


class Signal(_Data):
    """A monitoring criterion: the risk that an answer means."""

    risk: str
    #: Values that meet it; none: any answer that something is wrong.
    when: tuple[str, ...] = ()

    def is_met(self, *, ok: bool, value: Value | None) -> bool:
        """Tell whether an answer meets the criterion."""
        return value in self.when if self.when else not ok


class After(_Data):
    """The item is asked only where another one, earlier on the same form, has one of some answers."""

    item: str
    values: tuple[str, ...]


class Item(_Data):
    """One thing to look at, worded as it should be."""

    code: str
    object: ObjectKind
    zh: str
    en: str
    severity: Severity
    #: Working days until a failed item must be rectified.
    deadline_days: int
    applies: Condition = Condition()
    after: After | None = None
    answer: Expected = Expected()
    #: The registry's fact that the answer states: an answer otherwise is a correction of it.
    fact: str | None = None
    shows: tuple[str, ...] = ()
    #: What gives monitoring a clue.
    signal: Signal | None = None

    @field_validator("signal", mode="before")
    @classmethod
    def _short(cls, signal: Any) -> Any:
        return {"risk": signal} if isinstance(signal, str) else signal

    def severity_of(self, value: Value | None) -> Severity:
        """Return how grave a failure with that value is."""
        return self.answer.severity.get(str(value), self.severity)


class Area(_Data):
    """One of the areas of inspection, with its items."""

    code: str
    zh: str
    en: str
    items: tuple[Item, ...]


class Checklist(_Data):
    """A version of the areas and items."""

    version: str
    zh: str
    en: str
    valid_from: date
    areas: tuple[Area, ...]

    @cached_property
    def items(self) -> dict[str, Item]:
        """All items by code."""
        return {item.code: item for area in self.areas for item in area.items}
