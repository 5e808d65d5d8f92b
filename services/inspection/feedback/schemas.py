"""What became of a file of feedback."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.inspection.feedback.reasons import REASONS
from shared.sheets.reasons import in_words
from shared.web.language import Language


class Fault(BaseModel):
    """Why a line is refused: the column's header, a stable code, and words in the language of the caller."""

    column: str
    code: str
    message: str


class Reject(BaseModel):
    """A refused line as it was sent, by field, and all that is wrong with it."""

    line: int
    faults: list[Fault]
    cells: dict[str, str]

    @classmethod
    def of(cls, kept: dict[str, Any], language: Language) -> Reject:
        """Tell why a line is refused that was kept."""
        faults = [
            Fault(
                column=each["column"],
                code=each["code"],
                message=in_words(REASONS, each["code"], language),
            )
            for each in kept["faults"]
        ]
        return cls(line=kept["line"], faults=faults, cells=kept["cells"])


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
