"""Shapes of datasets and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.monitoring.comparisons.model import Comparison, ComparisonResult
from shared.domain.money import Yuan
from shared.jobs.api import public_id


class ComparisonView(BaseModel):
    """A batch. Once finished, ``rows == matched + mismatched + unmatched + invalid``."""

    id: UUID
    dataset: str
    period: str
    owner_name: str
    filename: str
    job: str | None
    requested_at: datetime
    finished_at: datetime | None
    superseded_by: UUID | None
    rows: int
    matched: int
    mismatched: int
    unmatched: int
    invalid: int
    alerts: int

    @classmethod
    def of(cls, batch: Comparison) -> ComparisonView:
        """Show a batch."""
        job = public_id("monitoring", batch.job_id) if batch.job_id else None
        return cls(**batch.model_dump(include=set(cls.model_fields) - {"job"}), job=job)


class ResultView(BaseModel):
    """What became of a row: the line of the sender's own file, never the number.

    Who the registry knows it to be is told to those who may read the registry: a department learns the outcome.
    """

    line: int
    #: A code of the list ``comparison_outcome``.
    outcome: str
    household_id: UUID | None = None
    member_id: UUID | None = None
    #: As registered, beside which a mismatch is checked.
    name: str | None = None
    division_code: str | None = None
    amount: Yuan | None
    note: str | None

    @classmethod
    def of(cls, result: ComparisonResult, names: Mapping[UUID, str] | None) -> ResultView:
        """Show a row; ``names`` are those of the registry, none for a department."""
        if names is None:
            return cls(**result.model_dump(include={"line", "outcome", "amount", "note"}))
        name = names.get(result.member_id) if result.member_id else None
        return cls(**result.model_dump(include=set(cls.model_fields) - {"name"}), name=name)


class RejectView(BaseModel):
    """Why a row could not be read."""

    line: int
    column: str
    code: str
    message: str
    value: str


class TownFigures(BaseModel):
    """What a batch brought to a town or park."""

    division_code: str
    division_name: str | None
    matched: int
    mismatched: int
    alerts: int


class Reconciliation(BaseModel):
    """A batch's figures by town, by reason, and what became of its alerts."""

    comparison: ComparisonView
    towns: list[TownFigures]
    invalid_by_reason: dict[str, int]
    alerts_by_outcome: dict[str, int]


class DatasetView(BaseModel):
    """A dataset that departments may post."""

    code: str
    zh: str
    en: str
    department: str
    period: str
    description: str
    columns: list[dict[str, Any]]
    rule: dict[str, Any]
