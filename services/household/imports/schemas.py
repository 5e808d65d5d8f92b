"""Shapes of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.household.imports.model import HouseholdImport
from shared.jobs.api import public_id


class Wanted(BaseModel):
    """What a sender wants of an import."""

    mode: Literal["validate", "commit"] = "commit"
    atomic: Literal["all", "valid"] = "valid"
    #: The sender's own names of columns: header to field.
    columns: dict[str, str] = {}


class ImportView(BaseModel):
    """An import: its figures are there once its job has finished. ``rows == accepted + rejected + withheld``.

    Withheld are lines that hold in a file of which nothing is taken, because ``atomic=all`` and others do not.
    """

    id: UUID
    filename: str
    mode: str
    atomic: str
    #: What each of the file's headers was taken for; null where it is unknown and was passed over.
    headers: dict[str, str | None] | None
    job: str | None
    requested_at: datetime
    figures: dict[str, Any] | None

    @classmethod
    def of(cls, taken: HouseholdImport) -> ImportView:
        """Show an import."""
        job = public_id("household", taken.job_id) if taken.job_id else None
        return cls(**taken.model_dump(include=set(cls.model_fields) - {"job"}), job=job)


class RejectView(BaseModel):
    """What was wrong with a line; private values are masked."""

    line: int
    column: str
    code: str
    #: In the language of the caller.
    message: str
    value: str


class ColumnView(BaseModel):
    """A column of the form, in the caller's language."""

    #: The name in a program's file.
    field: str
    header: str
    #: Other headers that are understood.
    aliases: list[str]
    of: Literal["household", "member"]
    required: bool
    #: Name of the code list that it is chosen from.
    codes: str | None
    choices: list[str]
    #: Kept encrypted, and masked for those who may not see it.
    private: bool
    help: str
    if_blank: str
    if_dash: str
