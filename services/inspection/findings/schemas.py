"""Requests and answers about findings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.inspection.checklists.severity import Severity
from services.inspection.findings.model import ENDED, Finding, FindingStatus
from shared.attachments.schemas import AttachmentIds
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.level import Level
from shared.domain.moment import Moment
from shared.domain.working_days import add_working_days

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
ItemCode = Annotated[str, StringConstraints(pattern=r"^A\d-\d\d$")]
Evidence = Annotated[list[Words], Field(min_length=1, max_length=50)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OnTheSpot(_Request):
    """What was done at once (立行立改), and what shows it."""

    measure: Words
    evidence: Evidence


class FindingDraft(_Request):
    """A finding to raise by hand: of a village, an operator or the county, or a household's outside a visit."""

    campaign_id: UUID
    item: ItemCode
    facts: Words
    source: Annotated[str, Coded("finding_source")]
    #: Needed for items about a person or household, whose division is taken from the registry.
    household_id: UUID | None = None
    member_id: UUID | None = None
    #: An inspected object, whose division is its own; or else the division that the finding is about.
    object_id: UUID | None = None
    division_code: DivisionCode | None = None
    object_name: Name | None = None
    severity: Severity | None = None
    raised_on: date | None = None
    deadline_on: date | None = None
    on_the_spot: OnTheSpot | None = None
    attachments: AttachmentIds = []


class PlanDraft(_Request):
    """Measures, responsibility, deadline: a date or working days from the plan; else the present one stays."""

    #: What lies behind the problem (剖析根源).
    root_cause: Words | None = None
    measures: Words
    responsible_unit: Name
    responsible_person: Name
    deadline_on: date | None = None
    deadline_days: Annotated[int, Field(ge=1, le=250)] | None = None
    planned_on: date | None = None

    @model_validator(mode="after")
    def _one_deadline(self) -> Self:
        if self.deadline_on and self.deadline_days:
            raise ValueError("a deadline is a date or a number of working days, not both")
        return self

    def deadline(self, planned_on: date) -> date | None:
        """Return the deadline that is wished, if one is."""
        if self.deadline_days:
            return add_working_days(planned_on, self.deadline_days)
        return self.deadline_on


class BatchPlanDraft(_Request):
    """One plan for all findings that the filter names and that have none yet (raised or reopened)."""

    campaign_id: UUID
    division: DivisionCode | None = None
    #: Of these only; an empty list is none of them, not all.
    ids: Annotated[list[UUID], Field(max_length=500)] | None = None
    areas: Annotated[list[str], Field(max_length=20)] = []
    items: Annotated[list[ItemCode], Field(max_length=100)] = []
    plan: PlanDraft


class BatchPlanned(BaseModel):
    """How many findings got the plan."""

    planned: int


class RectificationDraft(_Request):
    """What was done, and what shows it."""

    rectification: Words
    evidence: Evidence
    #: What shows it; nothing is closed before they have arrived.
    attachments: AttachmentIds = []
    rectified_on: date | None = None


class VerificationDraft(_Request):
    """The verifier's confirmation."""

    verified_on: date | None = None


class ReasonDraft(_Request):
    """Why."""

    reason: Words


class TransferDraft(_Request):
    """The unit that the finding should go to, and why."""

    unit: Name
    reason: Words


class AcceptanceDraft(_Request):
    """Who answers for the finding in the unit that takes it over."""

    responsible_person: Name


class MergerDraft(_Request):
    """The finding that this one is a duplicate of, and why."""

    into: UUID
    reason: Words


class FindingQuery(BaseModel):
    """Filters of the ledger; a repeated one means any of them."""

    campaign_id: UUID | None = None
    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[FindingStatus] = []
    area: list[str] = []
    item: list[ItemCode] = []
    source: list[Annotated[str, Coded("finding_source")]] = []
    household_id: UUID | None = None
    overdue: bool | None = None
    level: list[Level] = []
    #: True: told to fall due soon, and not overdue yet.
    due_soon: bool | None = None
    #: True: gone to a higher table, by rule or by hand.
    escalated: bool | None = None
    #: Responsible units, by their whole name.
    unit: list[str] = []
    #: True: another unit has yet to accept it.
    transferring: bool | None = None
    #: True: the same object and item were found within the year before.
    repeated: bool | None = None
    #: Entered or changed at that moment or since.
    updated_since: Moment | None = None


class FindingView(BaseModel):
    """An entry of the findings ledger."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    division_code: str
    area: str
    item: str
    object_kind: str
    household_id: UUID | None
    member_id: UUID | None
    object_id: UUID | None
    object_name: str
    facts: str
    severity: str
    source: str
    visit_id: UUID | None
    status: str
    level: str
    overdue: bool
    raised_on: date
    raised_by: str
    repeats: UUID | None
    merged_into: UUID | None
    inherited_from: UUID | None
    root_cause: str | None
    measures: str | None
    planned_on: date | None
    responsible_unit: str | None
    responsible_person: str | None
    deadline_on: date
    transfer_to: str | None
    transfer_reason: str | None
    due_soon_on: date | None
    overdue_on: date | None
    escalated_on: date | None
    #: Version of the rule behind the newest mark.
    deadline_rule: str | None
    rectification: str | None
    evidence: list[str]
    rectified_on: date | None
    rectified_by: str | None
    verified_by: str | None
    closed_on: date | None
    on_the_spot: bool
    reason: str | None
    returned: int
    reopened: int
    version: int
    changed_at: datetime

    @classmethod
    def of(cls, finding: Finding, *, today: date) -> Self:
        """Show a finding as it stands ``today``."""
        row = finding.model_dump(exclude={"rectified_by"})
        overdue = finding.status not in ENDED and finding.deadline_on < today
        return cls(
            **row,
            area=finding.item.partition("-")[0],
            overdue=overdue,
            rectified_by=finding.rectified_by_name,
            verified_by=finding.verified_by_name,
        )


class ChangeView(BaseModel):
    """One step of a finding's story: column to what it was and what it became."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    at: datetime
    by: str
    reason: str
    kind: str
    fields: dict[str, tuple[Any, Any]]
