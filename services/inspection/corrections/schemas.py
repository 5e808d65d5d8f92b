"""What an officer can find to be otherwise at the door, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any
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
