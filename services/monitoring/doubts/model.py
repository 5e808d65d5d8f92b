"""The table of doubts, and what becomes of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.doubts import errors
from services.monitoring.tables import Row
from shared.database import Placed, Recorded
from shared.identity.principal import Principal


class DoubtState(StrEnum):
    """Where a doubt stands: codes of the list ``doubt_state``."""

    #: To be explained, or explained and to be decided.
    OPEN = "open"
    #: The county accepted the explanation.
    EXPLAINED = "explained"
    UPHELD = "upheld"
    #: Nobody decided, and a corrected or withdrawn batch does not bear it out any more.
    LAPSED = "lapsed"


class Doubt(Row, Placed, Recorded, table=True):
    """What a rule makes of a negative list about somebody (疑点): one row, whatever becomes of it.

    It outlives the alert that raised it: what was said and decided about a household stays readable.
    """

    __table_args__ = (
        Index("ix_doubt_state_raised_at_id", "state", "raised_at", "id"),
        Index("ix_doubt_raised_at_id", "raised_at", "id"),
    )

    #: Made of rule, window and subject, so that the same doubt is the same row however often it is raised; what a later
    #: period says of the same thing belongs to the one that is open.
    id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    #: None: it is about the household itself.
    member_id: UUID | None = None
    rule: str
    rule_version: str
    #: Within what somebody is hit once: see ``ComparisonAlert``.
    window: str
    #: The facts that the rule asked, as they were.
    inputs: dict[str, Any] = Field(sa_type=JSONB)
    dataset: str
    period: str
    #: The things that the rows name, by the columns of ``identified_by``; None where they leave it open.
    facts: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    #: The batch that says so.
    comparison_id: UUID = Field(index=True)
    #: All batches that say so, of whatever period; once it is decided, those that had said so.
    comparison_ids: list[UUID] = Field(default=[], sa_column=Column(ARRAY(Uuid), nullable=False))
    raised_at: datetime = Field(sa_type=DateTime(timezone=True))
    state: str = DoubtState.OPEN
    #: In the words of the village, or of whoever compared the data of a case.
    explanation: str | None = None
    evidence: list[str] = Field(default=[], sa_type=JSONB)
    explained_by: str | None = None
    explained_by_name: str | None = None
    explained_on: date | None = None
    #: Why the explanation was accepted, or why not.
    opinion: str | None = None
    decided_by: str | None = None
    decided_by_name: str | None = None
    decided_on: date | None = None

    def explain(self, words: str, *, evidence: Sequence[str], by: Principal, on: date) -> None:
        """Say how it comes; until it is decided, better words take the place of earlier ones."""
        self._expect_open()
        self.explanation, self.evidence = words, list(evidence)
        self.explained_by, self.explained_by_name, self.explained_on = by.subject, by.name, on

    def decide(self, *, accepted: bool, opinion: str, by: Principal, on: date) -> None:
        """Accept the explanation or uphold the doubt, as another person than the one who explained it."""
        self._expect_open()
        if self.explained_by is None:
            raise errors.NotExplainedYet
        if self.explained_by == by.subject:
            raise errors.SamePersonDecides
        self.state = DoubtState.EXPLAINED if accepted else DoubtState.UPHELD
        self.opinion = opinion
        self.decided_by, self.decided_by_name, self.decided_on = by.subject, by.name, on

    def _expect_open(self) -> None:
        if self.state == DoubtState.LAPSED:
            raise errors.DoubtLapsed
        if self.state != DoubtState.OPEN:
            raise errors.DoubtDecided
