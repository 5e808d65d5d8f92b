"""Shapes of people who are looked for."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.households.fields import Phone, Year
from services.household.households.schemas import MemberView
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode


class PeopleSearch(BaseModel):
    """Who is looked for: all that is said must hold. In a body, not in an address: addresses are logged on the way."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    #: Beginning of a name in signs (王建), in pinyin (wangj) or by its initials (wjg).
    q: Annotated[str, Field(pattern=r"[^\W_]", max_length=60)] | None = None
    identity_number: Annotated[str, Field(max_length=40)] | None = None
    #: The person's own or the household's.
    phone: Phone | None = None
    division: DivisionCode | None = None
    born_from: date | None = None
    born_to: date | None = None
    sex: list[Annotated[str, Coded("sex")]] = []
    relationship: list[Annotated[str, Coded("relationship")]] = []
    #: Any of these.
    health: list[Annotated[str, Coded("health")]] = []
    disability_kind: list[Annotated[str, Coded("disability_kind")]] = []
    disability_grade: list[Annotated[str, Coded("disability_grade")]] = []
    education: list[Annotated[str, Coded("education")]] = []
    school_status: list[Annotated[str, Coded("school_status")]] = []
    labour: list[Annotated[str, Coded("labour")]] = []
    work_place: list[Annotated[str, Coded("work_place")]] = []
    public_post_kind: list[Annotated[str, Coded("public_post_kind")]] = []
    medical_insurance: bool | None = None
    household_kind: list[Annotated[str, Coded("household_kind")]] = []
    lifted_year: Year | None = None
    housing_grade: list[Annotated[str, Coded("housing_grade")]] = []
    minimum_living: bool | None = None
    destitute: bool | None = None
    #: Who is there, who left, or both.
    present: bool | None = True


class PersonFound(MemberView):
    """A person, and the household."""

    household_id: UUID
    household_number: str
    division_code: str
    head_name: str | None
    household_kind: str
