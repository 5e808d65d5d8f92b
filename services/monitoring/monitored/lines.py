"""The lines of an object's file: each step with its form, as it was filled in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.forms import FILED_APART, StepForm
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.papers.commands import file_papers
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Writer


class MonitoredEntry(Row, Identified, Placed, table=True):
    """One line of an object's file: a step done. Written once, changed never."""

    monitored_id: UUID = Field(index=True)
    #: Code of the list ``archive_step``.
    entry: str
    happened_on: date
    entered_at: datetime = Field(sa_type=DateTime(timezone=True))
    by: str
    by_name: str
    #: The elimination, re-tagging, measure or clue that the step belongs to.
    about_id: UUID | None = None
    #: The form, as it was filled in.
    content: dict[str, Any] = Field(sa_type=JSONB)
    evidence: list[str] = Field(sa_type=JSONB)


async def write_line(
    db: Writer,
    thing: MonitoredObject,
    entry: str,
    form: StepForm,
    *,
    on: date,
    about_id: UUID | None = None,
) -> None:
    """Write a line into an object's file, and file the papers that it names."""
    line = MonitoredEntry(
        monitored_id=thing.id,
        division_code=thing.division_code,
        entry=entry,
        happened_on=on,
        entered_at=db.now,
        by=db.principal.subject,
        by_name=db.principal.name,
        about_id=about_id,
        content=form.model_dump(mode="json", exclude=FILED_APART),
        evidence=list(form.evidence),
    )
    db.add(line)
    await file_papers(db, line, line.id, thing.household_id, form)
