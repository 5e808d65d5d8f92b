"""A comparison, its rows on their way, their outcomes and what they gave rise to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, Numeric, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.contracts.monitoring import ComparisonFinished, TownOutcome
from shared.database import Identified, Placed, Recorded


class Comparison(Row, Identified, Placed, Recorded, table=True):
    """A batch that a department sent for a period. A later one of the same period takes its place."""

    __table_args__ = (Index("ix_comparison_dataset_period", "dataset", "period"),)

    dataset: str
    #: ``2021-06``.
    period: str
    #: The client that sent it: nobody else's department sees it.
    owner: str
    owner_name: str
    digest: str
    filename: str
    job_id: UUID | None = None
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: Set once a corrected batch has taken its place.
    superseded_by: UUID | None = None
    rows: int = 0
    matched: int = 0
    mismatched: int = 0
    unmatched: int = 0
    invalid: int = 0
    alerts: int = 0
    towns: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    def finished(self) -> ComparisonFinished:
        """Return what the other services are told."""
        assert self.finished_at is not None  # noqa: S101 - told once it has finished
        fields = {"id", "division_code", "version", "dataset", "period", "finished_at"}
        figures = {"rows", "matched", "mismatched", "unmatched", "invalid", "alerts"}
        towns = tuple(TownOutcome(**town) for town in self.towns)
        return ComparisonFinished(**self.model_dump(include=fields | figures), towns=towns)


class ComparisonRow(Row, table=True):
    """A row between file and outcome: the number as blind index only, the name as it is compared."""

    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    number_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: str
    amount: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    note: str | None = None


class ComparisonResult(Row, Placed, table=True):
    """What became of a row. About somebody who is not in the registry it keeps no name: only that there was a row."""

    # Not indexed, unlike other places: a list is of one batch, and a million rows are written at once.
    division_code: str = Field(sa_type=String(12, collation="C"))
    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    #: A code of the list ``comparison_outcome``.
    outcome: str
    number_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    household_id: UUID | None = None
    member_id: UUID | None = None
    amount: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    note: str | None = None


class ComparisonReject(Row, Placed, table=True):
    """A row that could not be read: line, reason, value masked."""

    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    header: str
    value: str


class ComparisonAlert(Row, Placed, table=True):
    """A person whom a rule hit: once in its window, however many batches say so again."""

    rule: str = Field(primary_key=True)
    #: The year of a yearly sum, or the period of a rule on single rows.
    window: str = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    comparison_id: UUID = Field(index=True)
    household_id: UUID
    rule_version: str
    person_class: str
    value: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    threshold: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    raised_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: What became of it as a clue, once told.
    outcome: str | None = None
