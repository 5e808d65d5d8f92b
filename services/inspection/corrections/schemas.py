"""What an officer can find to be otherwise at the door, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field

from services.inspection.findings.schemas import Name
from shared.domain.codes import Coded, code_lists


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MemberCorrection(_Request):
    """What the officer found to be otherwise about a person."""

    education: Annotated[str, Coded("education")] | None = None
    school_status: Annotated[str, Coded("school_status")] | None = None
    labour: Annotated[str, Coded("labour")] | None = None
    work_place: Annotated[str, Coded("work_place")] | None = None
    work_months: Annotated[int, Field(ge=0, le=12)] | None = None
    medical_insurance: bool | None = None
    health: Annotated[list[Annotated[str, Coded("health")]], Field(max_length=4)] = []
    disability_kind: Annotated[str, Coded("disability_kind")] | None = None
    disability_grade: Annotated[str, Coded("disability_grade")] | None = None


class Corrections(_Request):
    """What the officer found to be otherwise in the registry. Numbers and phones are corrected there itself."""

    group_name: Name | None = None
    housing_grade: Annotated[str, Coded("housing_grade")] | None = None
    water_safe: bool | None = None
    minimum_living: bool | None = None
    destitute: bool | None = None
    #: The registry refuses it and says where officials are named.
    responsible_official: Name | None = None
    members: Annotated[dict[UUID, MemberCorrection], Field(max_length=50)] = {}


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


class CorrectionView(BaseModel):
    """A fact that a visit found to be otherwise, and what the registry said to it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    visit_id: UUID
    member_id: UUID | None
    field: str
    known: Any
    found: Any
    status: Annotated[str, Coded("correction_status")]
    reason: Annotated[str, Coded("correction_reason")] | None
    #: In the words of the person who decided.
    note: str | None
    decided_by: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason_zh(self) -> str | None:
        """The reason in Chinese."""
        return code_lists()["correction_reason"].label(self.reason) if self.reason else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason_en(self) -> str | None:
        """The reason in English."""
        return code_lists()["correction_reason"].label(self.reason, "en") if self.reason else None
