"""How an archive is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.archive.rules import Missing
from services.monitoring.archive.steps import Step
from services.monitoring.comparisons.confirmations import ConfirmationView
from services.monitoring.forms import Form
from services.monitoring.monitored.views import MonitoredView
from shared.attachments.schemas import AttachmentIds
from shared.domain.codes import Coded, code_lists

Kind = Annotated[str, Coded("archive_step")]


class PaperView(BaseModel):
    """A paper, photo or signature; its content is found under ``/papers/{id}/content``."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    #: ``awaited``: named, and still on somebody's phone.
    state: Literal["arrived", "awaited"]
    filed_at: datetime
    filed_by: str
    kind: Annotated[str, Coded("attachment_kind")] | None = None
    name: str | None = None
    #: Hex SHA-256 of the content.
    digest: str | None = None
    media_type: str | None = None
    size: int | None = None
    taken_at: datetime | None = None
    uploaded_at: datetime | None = None
    uploaded_by: str | None = None


class ArchiveStep(BaseModel):
    """One thing that was done, with its form as it was filled in and the papers that show it."""

    kind: Kind
    zh: str
    en: str
    on: date
    by: str | None
    #: The last day on which it was in time, where it has a limit.
    due_on: date | None
    #: The version of the limits that set it.
    due_rule: str | None
    late: bool
    #: False for what was returned, done again later, or led to nothing.
    holds: bool
    content: dict[str, Any]
    evidence: list[str]
    #: What further papers are filed with (``POST …/archive/papers``).
    of_id: UUID | None
    papers: list[PaperView]
    #: With a household check: household and members as they were known then.
    household: dict[str, Any] | None

    @classmethod
    def of(cls, step: Step, papers: list[PaperView]) -> Self:
        """Show a step."""
        labels = code_lists()["archive_step"]
        return cls(
            kind=step.kind,
            zh=labels.label(step.kind, "zh"),
            en=labels.label(step.kind, "en"),
            on=step.on,
            by=step.by,
            due_on=step.due.on if step.due else None,
            due_rule=step.due.rule if step.due else None,
            late=step.is_late,
            holds=step.holds,
            content=step.content,
            evidence=list(step.evidence),
            of_id=step.of_id,
            papers=papers,
            household=step.household,
        )


class MissingView(BaseModel):
    """Something that the archive needs and does not have."""

    code: str
    zh: str
    en: str
    at: Kind
    #: ``awaited``: something is named there and has not arrived.
    state: Literal["missing", "awaited"]
    #: The day of the entry that it belongs to, and what to file it with; neither where the entry itself is missing.
    on: date | None
    of_id: UUID | None
    #: The risk that no measure is against.
    risk_type: str | None
    #: The last day on which the entry is in time.
    due_on: date | None
    overdue: bool

    @classmethod
    def of(cls, missing: Missing, today: date) -> Self:
        """Show it as it stands ``today``."""
        need, step = missing.need, missing.step
        return cls(
            **need.model_dump(include={"code", "zh", "en", "at"}),
            state=missing.state,
            on=step.on if step else None,
            of_id=step.of_id if step else None,
            risk_type=missing.risk_type,
            due_on=missing.due_on,
            overdue=missing.due_on is not None and missing.due_on < today,
        )


class Archive(BaseModel):
    """All that was done about a monitored object, in order, and what is missing."""

    monitored: MonitoredView
    #: The division and those above it, the highest first.
    place: list[str]
    #: As they are known now.
    household: dict[str, Any]
    #: Names of the persons of the household, those who left included.
    names: dict[UUID, str]
    steps: list[ArchiveStep]
    #: What departments' data said of risks that were known: evidence, beside what people filed.
    confirmations: list[ConfirmationView]
    complete: bool
    missing: list[MissingView]
    #: The version of what an archive needs, and where it comes from.
    needs_version: str
    needs_source: str
    made_at: datetime
    made_by: str


class Supplement(Form):
    """Papers that are filed with an earlier step, such as a signature that was missing."""

    of_id: UUID
    papers: Annotated[AttachmentIds, Field(min_length=1)]
