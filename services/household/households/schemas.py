"""Shapes of households, as they come in and as they go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan

Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(pattern=r"^\+?[\d-]{5,20}$")]
Year = Annotated[int, Field(ge=1978, le=2100)]
Amount = Annotated[Yuan, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class MemberFacts(_Strict):
    """What can be said of a person besides name and number; sex and birth date follow from the number."""

    sex: Annotated[str, Coded("sex")] | None = None
    birth_date: date | None = None
    ethnic_group: Annotated[str, Coded("ethnic_group")] | None = None
    political_status: Annotated[str, Coded("political_status")] | None = None
    education: Annotated[str, Coded("education")] | None = None
    school_status: Annotated[str, Coded("school_status")] | None = None
    health: Annotated[list[Annotated[str, Coded("health")]], Field(max_length=4)] = []
    disability_kind: Annotated[str, Coded("disability_kind")] | None = None
    disability_grade: Annotated[str, Coded("disability_grade")] | None = None
    labour: Annotated[str, Coded("labour")] | None = None
    work_place: Annotated[str, Coded("work_place")] | None = None
    work_months: Annotated[int, Field(ge=0, le=12)] | None = None
    medical_insurance: bool | None = None


class NewMember(MemberFacts):
    """A person to register."""

    name: Name
    relationship: Annotated[str, Coded("relationship")]
    #: 15 or 18 digits, as written; none for a newborn without one.
    identity_number: Annotated[str, Field(max_length=40)] | None = None
    joined_on: date | None = None


class MemberChange(MemberFacts):
    """What is to change of a person: what is not given stays, null clears where nothing need be known."""

    # Defaults stand for "not given" and are never read: no null is taken where a person must have a value.
    name: Name = ""
    relationship: Annotated[str, Coded("relationship")] = ""
    #: Corrects the number; sex and birth date follow.
    identity_number: Annotated[str, Field(max_length=40)] = ""
    joined_on: date | None = None


class HouseholdFacts(_Strict):
    """What can be said of a household."""

    group_name: Text | None = None
    address: Text | None = None
    phone: Phone | None = None
    kind: Annotated[str, Coded("household_kind")] = "general"
    lifted_year: Year | None = None
    main_cause: Annotated[str, Coded("main_cause")] | None = None
    minimum_living: bool = False
    destitute: bool = False
    housing_grade: Annotated[str, Coded("housing_grade")] | None = None
    water_safe: bool | None = None
    arable_mu: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)] | None = None
    relocated: bool = False


class NewHousehold(HouseholdFacts):
    """A household to register, with its members."""

    division_code: DivisionCode
    #: Made here where none is given.
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,40}$")] | None = None
    members: Annotated[list[NewMember], Field(min_length=1, max_length=30)]


class HouseholdChange(HouseholdFacts):
    """What is to change of a household: what is not given stays, null clears where nothing need be known."""


class Departure(_Strict):
    """A person leaves, by death, marriage or moving."""

    reason: Annotated[str, Coded("leave_reason")]
    on: date


class ResponsibleOfficial(_Strict):
    """Who is responsible for a lifted household (帮扶责任人)."""

    name: Name
    unit: Text
    phone: Phone | None = None


class NewIncome(_Strict):
    """A yearly statement of income, yuan for the whole household."""

    year: Year
    wage: Amount = Decimal(0)
    business: Amount = Decimal(0)
    property: Amount = Decimal(0)
    transfer: Amount = Decimal(0)
    production_cost: Amount = Decimal(0)
    sharers: Annotated[int, Field(ge=1, le=50)]


class NumberSearch(_Strict):
    """A person to find. In a body, not in an address: addresses are logged along the way."""

    identity_number: Annotated[str, Field(max_length=40)]


class IncomeView(BaseModel):
    """A statement, and how its per-capita figure came about."""

    year: int
    wage: Yuan
    business: Yuan
    property: Yuan
    transfer: Yuan
    production_cost: Yuan
    sharers: int
    per_capita: Yuan
    explanation: str


class MemberView(BaseModel):
    """A person; the number is masked unless the caller may see it."""

    id: UUID
    name: str
    identity_number: str | None
    sex: str | None
    birth_date: date | None
    relationship: str
    ethnic_group: str | None
    political_status: str | None
    education: str | None
    school_status: str | None
    health: list[str]
    disability_kind: str | None
    disability_grade: str | None
    labour: str | None
    work_place: str | None
    work_months: int | None
    medical_insurance: bool | None
    joined_on: date | None
    left_on: date | None
    leave_reason: str | None


class HouseholdLine(BaseModel):
    """A household in a list."""

    id: UUID
    number: str
    division_code: str
    group_name: str | None
    kind: str
    head_name: str | None
    member_count: int
    minimum_living: bool
    destitute: bool
    version: int


class HouseholdView(HouseholdLine):
    """A household with its members and statements."""

    address: str | None
    phone: str | None
    lifted_year: int | None
    main_cause: str | None
    housing_grade: str | None
    water_safe: bool | None
    arable_mu: Decimal | None
    relocated: bool
    official_name: str | None
    official_unit: str | None
    official_phone: str | None
    members: list[MemberView]
    incomes: list[IncomeView]


class HistoryLine(BaseModel):
    """One step of a household's story. Values of private fields are withheld: ``…``."""

    what: str
    row_id: UUID
    kind: str
    at: datetime
    by: str
    reason: str
    fields: dict[str, tuple[Any, Any]]
