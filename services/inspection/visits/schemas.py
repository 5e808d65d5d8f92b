"""Requests and answers about visits."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
)

from services.inspection.asking.schemas import Answer, FormFinding, FormItem, digest_of
from services.inspection.corrections.schemas import Corrections, CorrectionView
from services.inspection.findings.schemas import Name, Words
from shared.attachments.schemas import AttachmentIds
from shared.domain.codes import Coded, code_lists
from shared.domain.moment import Instant
from shared.web.problems import Problem

#: Most visits that one batch may hold.
BATCH_MOST = 200


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignalDraft(_Request):
    """Something that meets a monitoring criterion."""

    risk_type: Annotated[str, Coded("risk_type")]
    member_id: UUID | None = None
    facts: Words


class Conflict(BaseModel):
    """What changed between a form kept offline and the visit that came back with it."""

    #: Of a hard one a person must say what is true; a soft one is good to know.
    kind: Literal["hard", "soft"]
    code: Annotated[str, Coded("visit_conflict")]
    member_id: UUID | None = None
    #: The registry's fact, as the form showed it and as it is known now.
    field: str | None = None
    shown: Any = None
    known: Any = None
    #: The item that somebody else answered otherwise, and their visit.
    item: str | None = None
    visit_id: UUID | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def zh(self) -> str:
        """What it is, in Chinese."""
        return code_lists()["visit_conflict"].label(self.code)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def en(self) -> str:
        """What it is, in English."""
        return code_lists()["visit_conflict"].label(self.code, "en")


class FormKept(_Request):
    """The form that a visit was made with: what ``GET /visits/form`` told of itself."""

    household_version: int
    made_at: Instant


class VisitDraft(_Request):
    """A visit. With an ``id`` of the client's own making it can be sent again without harm."""

    id: UUID | None = None
    household_id: UUID
    visited_at: Instant
    officer: Name
    answers: Annotated[list[Answer], Field(max_length=500)] = []
    signals: Annotated[list[SignalDraft], Field(max_length=20)] = []
    corrections: Corrections = Corrections()
    #: What a form kept offline showed of these facts; what is not given is taken to be what is known here.
    shown: Corrections = Corrections()
    #: Of a form kept offline: lets conflicts with what happened since be told.
    form: FormKept | None = None
    #: Photos of the visit and the household's signature, by their ids; they may arrive later.
    attachments: AttachmentIds = []

    def digest(self) -> bytes:
        """Return what tells this visit from another."""
        return digest_of(self, later=("attachments", "form"), later_in_answers=("value", "attachments"))


class BatchDraft(_Request):
    """Visits made offline. Each is taken or refused by itself."""

    visits: Annotated[
        list[Any],
        Field(
            min_length=1,
            max_length=BATCH_MOST,
            json_schema_extra={"items": {"$ref": "#/components/schemas/VisitDraft"}},
        ),
    ]


class VisitView(BaseModel):
    """A visit as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    household_id: UUID
    division_code: str
    visited_at: datetime
    officer: str
    first: bool
    answers: list[Answer]
    signals: list[SignalDraft]
    corrections: dict[str, Any]
    #: What became of each correction.
    proposals: list[CorrectionView] = []
    finding_ids: list[UUID]
    #: What had changed since the form was made; hard ones first.
    conflicts: list[Conflict]
    #: A person must say what is true; and who did, and why.
    in_conflict: bool
    settled_by: str | None
    settlement: str | None
    version: int


class VisitOutcome(BaseModel):
    """What became of one visit of a batch; ``position`` counts from 0."""

    position: int
    outcome: Literal["accepted", "replayed", "refused"]
    id: UUID | None = None
    first: bool | None = None
    finding_ids: list[UUID] = []
    conflicts: list[Conflict] = []
    in_conflict: bool = False
    problem: Problem | None = None


class BatchOutcome(BaseModel):
    """What became of a batch."""

    accepted: int
    replayed: int
    refused: int
    #: Visits taken of which a person must say what is true.
    in_conflict: int
    outcomes: list[VisitOutcome]

    @classmethod
    def of(cls, outcomes: list[VisitOutcome]) -> Self:
        """Count the outcomes."""
        kinds = Counter(each.outcome for each in outcomes)
        return cls(
            accepted=kinds["accepted"],
            replayed=kinds["replayed"],
            refused=kinds["refused"],
            in_conflict=sum(each.in_conflict for each in outcomes),
            outcomes=outcomes,
        )


class RefusedVisitView(BaseModel):
    """A visit that could not be taken, kept until it is sent again as it should be, or dismissed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    #: The front end's id of the visit, if it gave one.
    visit_id: UUID | None
    #: As it was sent.
    visit: Any
    problem: Problem
    refused_at: datetime
    sent_by: str
    dismissed_by: str | None
    dismissal: str | None


class UnvisitedHousehold(BaseModel):
    """A household that nobody has seen in this campaign."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    division_code: str
    group_name: str | None
    kind: str
    head_name: str | None


class FormMonitored(BaseModel):
    """The household as a monitored object."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    category: str
    status: str
    contact: str | None
    tagged_on: date
    eliminated_on: date | None
    episodes: list[dict[str, Any]]


class VisitForm(BaseModel):
    """The form of a visit, prefilled with all that is known (避免重复填表)."""

    campaign_id: UUID
    household_id: UUID
    number: str
    division_code: str
    division_name: str | None
    group_name: str | None
    kind: str
    head_name: str | None
    #: Facts of the registry: ``HouseholdState`` without members.
    facts: dict[str, Any]
    members: list[dict[str, Any]]
    monitored: FormMonitored | None
    #: Days on which the household may be visited for the first time.
    starts_on: date
    ends_on: date
    #: True while nobody has visited the household in this campaign.
    first: bool
    last_visited_at: datetime | None
    #: What the last visit found to be otherwise in the registry.
    last_corrections: dict[str, Any]
    #: To be sent back with the visit, as ``form``.
    household_version: int
    made_at: datetime
    #: What became of the newest correction of each fact.
    corrections: list[CorrectionView]
    items: list[FormItem]
    open_findings: list[FormFinding]
