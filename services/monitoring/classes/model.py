"""The table of classes, and the moves from proposal to decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.classes import errors
from services.monitoring.classes.stages import ClassStage
from services.monitoring.monitored.errors import SamePerson
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class Officer(NamedTuple):
    """Who acts: the login, and the name to be shown."""

    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules make of a household, and of what."""

    household_id: UUID
    division_code: str
    support_class: str
    #: Ids of the conditions that hold.
    reasons: Sequence[str]
    #: Version of the rules.
    rule: str
    facts: Mapping[str, Any]
    #: The newest class that was decided for an earlier year.
    earlier_class: str | None = None


class SupportClass(Row, Identified, Placed, Recorded, table=True):
    """The class of a lifted household that is not under watch, of one year (脱贫户分类管理).

    One a household and year: whoever proposes holds the household's lock. What was decided holds until something
    else is: a new proposal changes nothing by itself.
    """

    __table_args__ = (
        CheckConstraint("stage <> 'decided' OR decided_class IS NOT NULL", name="decided_with_class"),
        CheckConstraint("(stage = 'left') = (left_on IS NOT NULL)", name="left_with_date"),
        Index("ix_support_class_household_id_year", "household_id", "year"),
    )

    household_id: UUID
    year: int
    stage: str = ClassStage.PROPOSED
    proposed_class: str
    suggested_class: str
    #: Ids of the conditions behind the suggestion, by that version of the rules, and what they saw.
    reasons: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    rule: str
    facts: dict[str, Any] = Field(sa_type=JSONB)
    #: Why it is not the suggested one.
    why: str | None = None
    #: In force.
    decided_class: str | None = None
    #: In force before: of this year, or else of the newest one that has any.
    previous_class: str | None = None
    proposed_on: date
    proposed_by: str
    proposed_by_name: str
    checked_on: date | None = None
    checked_by: str | None = None
    checked_by_name: str | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    decided_by_name: str | None = None
    returned_on: date | None = None
    returned_by_name: str | None = None
    #: Why it was sent back.
    returned_for: str | None = None
    left_on: date | None = None
    #: Code of the list ``class_departure``.
    departure: str | None = None

    @classmethod
    def of(
        cls, suggestion: Suggestion, *, year: int, given: str, why: str | None, by: Officer, on: date
    ) -> SupportClass:
        """Return a household's first proposal of a year."""
        return cls(
            household_id=suggestion.household_id,
            division_code=suggestion.division_code,
            year=year,
            previous_class=suggestion.earlier_class,
            **_proposal(suggestion, given=given, why=why, by=by, on=on),
        )

    def propose(self, suggestion: Suggestion, *, given: str, why: str | None, by: Officer, on: date) -> None:
        """Propose anew: in place of what nobody has checked, was sent back, was decided, or had left."""
        if self.stage == ClassStage.CHECKED:
            raise errors.ClassChecked
        proposal = _proposal(suggestion, given=given, why=why, by=by, on=on)
        for name, value in (proposal | _UNDONE).items():
            setattr(self, name, value)

    def check(self, *, by: Officer, on: date) -> None:
        """Agree at the town (乡镇审核); by another person than the proposer."""
        if self.stage != ClassStage.PROPOSED:
            raise errors.ClassNotProposed
        if by.subject == self.proposed_by:
            raise SamePerson
        self.stage, self.checked_on = ClassStage.CHECKED, on
        self.checked_by, self.checked_by_name = by

    def decide(self, *, by: Officer, on: date) -> None:
        """Decide at the county (县审定): the proposed class holds; by neither the proposer nor who checked."""
        if self.stage != ClassStage.CHECKED:
            raise errors.ClassNotChecked
        if by.subject in {self.proposed_by, self.checked_by}:
            raise SamePerson
        if self.decided_class not in {None, self.proposed_class}:
            self.previous_class = self.decided_class
        self.stage, self.decided_class, self.decided_on = ClassStage.DECIDED, self.proposed_class, on
        self.decided_by, self.decided_by_name = by

    def give_back(self, *, reason: str, by: Officer, on: date) -> None:
        """Send it back to the village; what was decided before goes on to hold."""
        if self.stage not in {ClassStage.PROPOSED, ClassStage.CHECKED}:
            raise errors.NoClassPending
        self.stage, self.returned_for, self.returned_on = ClassStage.RETURNED, reason, on
        self.returned_by_name = by.name

    @property
    def last_step_on(self) -> date:
        """The day of the newest step: the next one lies no earlier."""
        return self.checked_on or self.proposed_on


def _proposal(
    suggestion: Suggestion, *, given: str, why: str | None, by: Officer, on: date
) -> dict[str, Any]:
    if given != suggestion.support_class and not why:
        raise errors.WhyAnother
    return {
        "stage": ClassStage.PROPOSED,
        "proposed_class": given,
        "suggested_class": suggestion.support_class,
        "reasons": list(suggestion.reasons),
        "rule": suggestion.rule,
        "facts": dict(suggestion.facts),
        "why": why,
        "proposed_on": on,
        "proposed_by": by.subject,
        "proposed_by_name": by.name,
    }


#: What a new proposal takes back of the steps before; the history keeps them.
_UNDONE = dict.fromkeys(
    (
        "checked_on",
        "checked_by",
        "checked_by_name",
        "returned_on",
        "returned_by_name",
        "returned_for",
        "left_on",
        "departure",
    )
)
