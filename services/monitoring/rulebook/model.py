"""The tables of the rulebook: versions that officials publish, and what rules have hit."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.rulebook import errors
from services.monitoring.rulebook.documents import Rule
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class DraftStatus(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    #: It holds from its day on.
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class RuleDraft(Row, Identified, Recorded, table=True):
    """A version of a rule that an official wrote, as a whole document; another official puts it in force.

    Not walled: a village must be able to read the rule of its county.
    """

    rule: str = Field(index=True)
    area: str | None = None
    valid_from: date
    #: The rule with this one version.
    document: dict[str, Any] = Field(sa_type=JSONB)
    status: str = DraftStatus.DRAFT
    drafted_by: str
    drafted_by_name: str
    drafted_on: date
    decided_by: str | None = None
    decided_by_name: str | None = None
    decided_on: date | None = None
    #: Why it was withdrawn.
    reason: str | None = None

    @property
    def read(self) -> Rule:
        """The document."""
        return Rule.model_validate(self.document)

    def publish(self, *, by: str, name: str, on: date) -> None:
        """Put it in force: as another person than the one who wrote it, and not for days that are over."""
        self._expect_draft()
        if by == self.drafted_by:
            raise errors.SamePersonPublishes
        if self.valid_from < on:
            raise errors.HoldsInThePast
        self._decided(DraftStatus.PUBLISHED, by, name, on)

    def withdraw(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Give a draft up."""
        self._expect_draft()
        self.reason = reason
        self._decided(DraftStatus.WITHDRAWN, by, name, on)

    def _expect_draft(self) -> None:
        if self.status != DraftStatus.DRAFT:
            raise errors.DraftDecided

    def _decided(self, status: DraftStatus, by: str, name: str, on: date) -> None:
        self.status, self.decided_by, self.decided_by_name, self.decided_on = status, by, name, on


class RuleHit(Row, Placed, table=True):
    """A household or a person whom a rule hit, since when and until when, with all that the verdict rests on."""

    __table_args__ = (
        Index(
            "uq_rule_hit_open",
            "household_id",
            "rule",
            "subject_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(
            "ix_rule_hit_untold",
            "rule",
            "household_id",
            postgresql_where=text("outcome IS NULL AND ended_on IS NULL"),
        ),
    )

    household_id: UUID = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    #: The person, or the household itself.
    subject_id: UUID = Field(primary_key=True)
    since: date = Field(primary_key=True)
    member_id: UUID | None = None
    rule_version: str
    risk_type: str
    #: The facts that the rule asked, as they were.
    inputs: dict[str, Any] = Field(sa_type=JSONB)
    #: The first day on which it hit no more.
    ended_on: date | None = None
    #: What became of it as a clue, once told.
    outcome: str | None = None
    clue_id: UUID | None = None
