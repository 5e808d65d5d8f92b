"""A comparison, its parts, the rows of them that could not be read, and what the others (``rows``) gave rise to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ColumnElement, DateTime, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.monitoring.tables import Row
from shared.contracts.comparisons import ComparisonFinished, TownOutcome
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed, Recorded


class Mode(StrEnum):
    """What a batch is sent for."""

    COMMIT = "commit"
    #: Figures and rejects, and nothing else is kept.
    VALIDATE = "validate"


class Outcome(StrEnum):
    """What became of a row: codes of the list ``comparison_outcome``."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    #: Has no number, and is very likely about somebody: a person decides.
    PROBABLE = "probable"
    #: Known, and not there any more: dead, moved away, married out …
    DEPARTED = "departed"
    UNMATCHED = "unmatched"
    INVALID = "invalid"


class UnmatchedReason(StrEnum):
    """Why a row is about nobody: codes of the list ``unmatched_reason``."""

    UNKNOWN_PLACE = "unknown_place"
    AMBIGUOUS_PLACE = "ambiguous_place"
    WHOLE_TOWN = "whole_town"
    #: It has no number, and several people are all that it tells of somebody.
    AMBIGUOUS_PERSON = "ambiguous_person"
    #: It has no number, and is not about whom it was likely about, as a person found.
    PERSON = "person"
    #: All others: told, and stored with no row.
    NOT_REGISTERED = "not_registered"


class Comparison(Row, Identified, Placed, Recorded, table=True):
    """A batch that a department sent for a period. A later one of the same period takes its place."""

    __table_args__ = (
        Index("ix_comparison_dataset_period", "dataset", "period"),
        CheckConstraint(
            "finished_at IS NULL OR rows = matched + mismatched + probable + departed + unmatched + invalid",
            name="adds_up",
        ),
    )

    dataset: str
    #: ``2021-06``; see ``periods``.
    period: str
    mode: str = Mode.COMMIT
    #: The client that sent it: nobody else's department sees it.
    owner: str
    owner_name: str
    #: Of the file; empty while pages may still come.
    digest: str
    filename: str
    job_id: UUID | None = None
    #: Its place among those that wait: see ``turns``.
    turn: int = Field(default=0, sa_type=BigInteger)
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: Since when its rows count: all of them at once.
    effective_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: Set once a corrected batch has taken its place.
    superseded_by: UUID | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    withdrawn_by: str | None = None
    withdrawal_reason: str | None = None
    #: Clues of an earlier batch, or of this one once withdrawn, that ended; and those that had a verdict and stay.
    clues_taken_back: int = 0
    clues_kept: int = 0
    #: Set once what was kept about strangers is deleted; and all rows, of a batch that counts no more.
    purged_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    emptied_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    rows: int = 0
    matched: int = 0
    mismatched: int = 0
    probable: int = 0
    departed: int = 0
    unmatched: int = 0
    invalid: int = 0
    alerts: int = 0
    towns: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    def finished(self) -> ComparisonFinished:
        """Return what the other services are told."""
        assert self.finished_at is not None  # noqa: S101 - told once it has finished
        fields = {
            "id",
            "division_code",
            "version",
            "dataset",
            "period",
            "finished_at",
            "withdrawn_at",
            "superseded_by",
        }
        figures = {"rows", "alerts", *Outcome}
        towns = tuple(TownOutcome(**town) for town in self.towns)
        return ComparisonFinished(**self.model_dump(include=fields | figures), towns=towns)


def counts() -> Sequence[ColumnElement[bool]]:
    """Return what holds of the batches whose rows count: of each sender and period the newest that has taken effect."""
    return (
        col(Comparison.effective_at).is_not(None),
        col(Comparison.superseded_by).is_(None),
        col(Comparison.withdrawn_at).is_(None),
    )


class ComparisonPart(Row, table=True):
    """A part of a batch's file that has its outcomes: stored with them, so that a killed job goes on after it."""

    __table_args__ = (
        CheckConstraint(
            "rows = matched + mismatched + probable + departed + unmatched + invalid", name="adds_up"
        ),
    )

    comparison_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    #: Where the next part begins, and after how many lines.
    ends_at: int = Field(sa_type=BigInteger)
    ends_line: int
    rows: int
    matched: int
    mismatched: int
    probable: int
    departed: int
    unmatched: int
    invalid: int
    #: Of those that are unmatched for a reason of their own: see ``UnmatchedReason``.
    unmatched_by_reason: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False, server_default="{}"))
    #: What each header was taken for: a field, or null where it is unknown and was passed over.
    headers: dict[str, str | None] = Field(sa_column=Column(JSONB, nullable=False, server_default="{}"))
    #: Figures by town.
    towns: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class ComparisonPage(Row, table=True):
    """A page of a batch that a program sends piece by piece; what it holds waits in the spool."""

    comparison_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    rows: int
    #: In the spool.
    bytes: int = Field(default=0, sa_type=BigInteger)
    digest: str


class ComparisonReject(Row, Placed, table=True):
    """A row that could not be read: line, reason, value masked. Filled below the wall, too."""

    __table_args__ = ({"postgresql_partition_by": "RANGE (comparison_id)"},)

    division_code: str = Field(sa_type=String(12, collation="C"))
    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    header: str = Field(primary_key=True)
    value: str


#: In which the cells of refused rows are encrypted.
REFUSED_CELLS = "comparison_refused.cells"


class ComparisonRefused(Row, Placed, table=True):
    """A row that could not be read, as it was sent, so that it can be handed back, corrected and sent again."""

    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    #: JSON, field to cell; encrypted as a whole, for numbers may stand in any cell.
    cells: str = Field(sa_type=EncryptedText(context=REFUSED_CELLS))


class ComparisonAlert(Row, Placed, table=True):
    """A person or a household whom a rule hit: once in its window, however many batches say so again.

    It is that of the window's first period in which the rule hits, with the sums of then.
    """

    rule: str = Field(primary_key=True)
    #: The year of a sum over months, or the period.
    window: str = Field(primary_key=True)
    #: The person, or the household itself.
    subject_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    member_id: UUID | None = None
    #: A batch of that period, which tells of them.
    comparison_id: UUID = Field(index=True)
    rule_version: str
    #: None: of a negative list, which tells of no risk.
    risk_type: str | None = None
    #: The facts that the rule asked, as they were.
    inputs: dict[str, Any] = Field(sa_type=JSONB)
    raised_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: What became of it as a clue, once told; ``doubt`` where it is to be explained, ``explained_before`` where it was.
    outcome: str | None = None
    clue_id: UUID | None = Field(default=None, index=True)
    #: The doubt that it is part of.
    doubt_id: UUID | None = Field(default=None, index=True)
    #: When rules were asked last and it held: one asking is one id.
    asking: UUID | None = None
    #: The batch whose coming, correction or withdrawal made it, or its figures: its job tells it.
    news_of: UUID = Field(index=True)
    #: In whose name it was told, and may be taken back.
    told_by: UUID | None = Field(default=None, index=True)


class ComparisonVerdict(Row, Placed, table=True):
    """A warning that had its verdict when it ceased to hold: corrected or withdrawn, it still tells how good a rule is.

    One for each time that it was raised: a department may be wrong about somebody twice.
    """

    rule: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    #: In which it held last: who is wrong twice may be so at one instant of a rehearsal's clock.
    asking: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    #: The batch that it was of.
    comparison_id: UUID = Field(index=True)
    raised_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: As the alert had it; the verdict itself is the clue's.
    outcome: str
    clue_id: UUID | None = None


class ComparisonRetraction(Row, table=True):
    """What was told of somebody in a batch's name and does not hold any more: it is to be taken back."""

    #: Whose correction or withdrawal ended it: its job takes it back.
    comparison_id: UUID = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    told_by: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    household_id: UUID
    member_id: UUID | None = None
    risk_type: str


class ComparisonCorrection(Row, Identified, Placed, table=True):
    """A fact of somebody who is there that a batch says otherwise than the registry, and what the registry said to it.

    Of a corrected batch it is that one's which says so again.
    """

    __table_args__ = (Index(None, "comparison_id", "id"), Index(None, "subject_id", "field"))

    comparison_id: UUID
    household_id: UUID = Field(index=True)
    member_id: UUID | None = None
    #: The person, or the household itself.
    subject_id: UUID
    #: Of ``PersonReplica`` or ``HouseholdReplica``; ``leave_reason``: they have left.
    field: str
    known: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    found: Any = Field(sa_column=Column(JSONB, nullable=False))
    #: As the department dates it.
    happened_on: date | None = None
    #: None: the registry has yet to be told.
    told_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: Codes of the lists ``correction_status`` (``proposed``: not answered yet) and ``correction_reason``.
    status: str = "proposed"
    reason: str | None = None
    note: str | None = None
    decided_by: str | None = None
    #: Of the registry's newest decision; 0 while there is none.
    sequence: int = 0
    #: The batch whose correction or withdrawal took it back; and since when the registry is told so.
    withdrawn_by: UUID | None = Field(default=None, index=True)
    withdrawal_told_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
