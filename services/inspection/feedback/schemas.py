"""What became of a file of feedback."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Fault(BaseModel):
    """Why a line is refused: the column's header, a stable code, and words."""

    column: str
    code: str
    message: str


class Reject(BaseModel):
    """A refused line as it was sent, by field, and all that is wrong with it."""

    line: int
    faults: list[Fault]
    cells: dict[str, str]


class FeedbackOutcome(BaseModel):
    """What became of a file; ``lines`` is ``accepted`` plus ``rejected``."""

    #: None of a file that was only looked at.
    id: UUID | None
    outcome: Literal["validated", "taken", "refused", "replayed"]
    lines: int
    accepted: int
    rejected: int
    #: What each header of the file was taken for; null: passed over.
    headers: dict[str, str | None]
    #: The first 200 refused lines; all of them as a workbook under ``/findings/imports/{id}/rejects``.
    rejects: list[Reject]
