"""Tables of what needs more than one person to decide about a monitored object: elimination, re-tagging, closure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.monitoring.monitored import errors
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded

_OF_OBJECT = {"root": "monitored_id"}


class Stage(StrEnum):
    """Where a procedure stands."""

    PROPOSED = "proposed"
    DELIBERATED = "deliberated"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RETURNED = "returned"
    #: Nobody in the household can work: it is kept safe instead (暂不标注风险消除).
    WITHHELD = "withheld"


#: Stages of a procedure that is not decided yet.
UNDECIDED = frozenset({Stage.PROPOSED, Stage.DELIBERATED, Stage.REVIEWED})


class Limited(SQLModel):
    """What is to be decided in time: a table's part.

    Empty where nothing is to be decided, and for what was decided before such limits were kept.
    """

    #: The last day on which the decision is in time, and the version of the limits that set it.
    due_on: date | None = None
    due_rule: str | None = None


class Elimination(Row, Identified, Placed, Recorded, Limited, table=True):
    """A proposal to call the risk gone (风险消除): the village deliberates, the town reviews, the county approves."""

    __table_args__ = ({"info": _OF_OBJECT},)

    monitored_id: UUID = Field(index=True)
    stage: str = Stage.PROPOSED
    #: ``by_help`` or ``by_itself``.
    how: str
    #: What was checked at the household, and what the rules make of it.
    facts: dict[str, Any] = Field(sa_type=JSONB)
    judgement: dict[str, Any] = Field(sa_type=JSONB)
    evidence: list[str] = Field(sa_type=JSONB)
    proposed_on: date
    proposed_by: str
    proposed_by_name: str
    deliberated_on: date | None = None
    deliberated_by: str | None = None
    deliberated_by_name: str | None = None
    reviewed_on: date | None = None
    reviewed_by: str | None = None
    reviewed_by_name: str | None = None
    review: str | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    decided_by_name: str | None = None
    #: The county's opinion, or why it was returned.
    decision: str | None = None

    def deliberate(self, *, by: str, name: str, on: date) -> None:
        """Take the village's agreement (村级评议)."""
        self.expect_proposed()
        self.stage, self.deliberated_on = Stage.DELIBERATED, on
        self.deliberated_by, self.deliberated_by_name = by, name

    def expect_proposed(self) -> None:
        """Refuse where the village has deliberated already."""
        if self.stage != Stage.PROPOSED:
            raise errors.NoElimination

    def agree(self, *, opinion: str, by: str, name: str, on: date) -> None:
        """Agree at the town; by another person than the proposer and who recorded the deliberation."""
        if self.stage == Stage.PROPOSED:
            raise errors.NotDeliberated
        if self.stage != Stage.DELIBERATED:
            raise errors.NoElimination
        if by in {self.proposed_by, self.deliberated_by}:
            raise errors.SamePerson
        self.stage, self.review, self.reviewed_on = Stage.REVIEWED, opinion, on
        self.reviewed_by, self.reviewed_by_name = by, name

    def approve(self, *, opinion: str, by: str, name: str, on: date) -> None:
        """Approve at the county; by none of those before."""
        if self.stage != Stage.REVIEWED:
            raise errors.NotReviewed
        if by in {self.proposed_by, self.deliberated_by, self.reviewed_by}:
            raise errors.SamePerson
        self._decide(Stage.APPROVED, opinion, by, name, on)

    def give_back(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Send it back: the object stays under watch."""
        if self.stage not in UNDECIDED:
            raise errors.NoElimination
        self._decide(Stage.RETURNED, reason, by, name, on)

    def lapse(self, *, reason: str, by: str, name: str, on: date) -> None:
        """End with its object, which was closed: there is nothing left to decide."""
        self._decide(Stage.RETURNED, reason, by, name, on)

    def _decide(self, stage: Stage, decision: str, by: str, name: str, on: date) -> None:
        self.stage, self.decision, self.decided_on = stage, decision, on
        self.decided_by, self.decided_by_name = by, name


class Retagging(Row, Identified, Placed, Recorded, Limited, table=True):
    """A proposal to tag a returned risk (风险再标注): verified by the town, confirmed by the county."""

    __table_args__ = ({"info": _OF_OBJECT},)

    monitored_id: UUID = Field(index=True)
    stage: str = Stage.PROPOSED
    clue_id: UUID | None = None
    risk_type: str
    member_id: UUID | None = None
    disaster_kind: str | None = None
    cause: str
    evidence: list[str] = Field(sa_type=JSONB)
    #: Of the verification: until when it was in time, and by which version of the limits.
    check_due_on: date | None = None
    check_due_rule: str | None = None
    verified_on: date
    verified_by: str
    verified_by_name: str
    decided_on: date | None = None
    decided_by: str | None = None
    decided_by_name: str | None = None
    decision: str | None = None

    def confirm(self, *, opinion: str, by: str, name: str, on: date) -> None:
        """Confirm at the county; by another person than the verifier."""
        self._expect_other(by)
        self._decide(Stage.APPROVED, opinion, by, name, on)

    def turn_down(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Find at the county that the risk is not back; by another person than the verifier."""
        self._expect_other(by)
        self._decide(Stage.RETURNED, reason, by, name, on)

    def lapse(self, *, reason: str, by: str, name: str, on: date) -> None:
        """End with its object, which was closed: there is nothing left to decide."""
        self._decide(Stage.RETURNED, reason, by, name, on)

    def _expect_other(self, by: str) -> None:
        if self.stage != Stage.PROPOSED:
            raise errors.NoRetagging
        if by == self.verified_by:
            raise errors.SamePerson

    def _decide(self, stage: Stage, decision: str, by: str, name: str, on: date) -> None:
        self.stage, self.decision, self.decided_on = stage, decision, on
        self.decided_by, self.decided_by_name = by, name


class Closure(Row, Identified, Placed, Recorded, Limited, table=True):
    """A proposal to end the watch without elimination (清退): confirmed by another person at the county."""

    __table_args__ = ({"info": _OF_OBJECT},)

    monitored_id: UUID = Field(index=True)
    stage: str = Stage.PROPOSED
    #: Code of the list ``closure``.
    kind: str
    reason: str
    #: Of a household that was wrongly identified: what was wrong.
    mistake: str | None = None
    evidence: list[str] = Field(sa_type=JSONB)
    proposed_on: date
    proposed_by: str
    proposed_by_name: str
    decided_on: date | None = None
    decided_by: str | None = None
    decided_by_name: str | None = None
    decision: str | None = None

    def confirm(self, *, opinion: str, by: str, name: str, on: date) -> None:
        """Confirm at the county; by another person than the proposer."""
        self._decide(Stage.APPROVED, opinion, by, name, on)

    def turn_down(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Find at the county that the watch goes on; by another person than the proposer."""
        self._decide(Stage.RETURNED, reason, by, name, on)

    def _decide(self, stage: Stage, decision: str, by: str, name: str, on: date) -> None:
        if by == self.proposed_by:
            raise errors.SamePerson
        self.stage, self.decision, self.decided_on = stage, decision, on
        self.decided_by, self.decided_by_name = by, name


Procedure = Elimination | Retagging | Closure
