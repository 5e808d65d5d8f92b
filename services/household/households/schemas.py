"""Shapes of households, as they come in and as they go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.household.households.fields import (
    BankAccount,
    DisabilityCardNumber,
    Measure,
    Months,
    Name,
    Phone,
    Text,
    Year,
)
from shared.domain.codes import Coded
from shared.domain.disability_card import parse as parse_card
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class MemberFacts(_Strict):
    """What can be said of a person besides name and number; sex and birth date follow from the number."""

    sex: Annotated[str, Coded("sex")] | None = None
    birth_date: date | None = None
    mobile: Phone | None = None
    ethnic_group: Annotated[str, Coded("ethnic_group")] | None = None
    political_status: Annotated[str, Coded("political_status")] | None = None
    marital_status: Annotated[str, Coded("marital_status")] | None = None
    education: Annotated[str, Coded("education")] | None = None
    school_status: Annotated[str, Coded("school_status")] | None = None
    dropout_reason: Annotated[str, Coded("dropout_reason")] | None = None
    mandarin: bool | None = None
    health: Annotated[list[Annotated[str, Coded("health")]], Field(max_length=4)] = []
    disability_kind: Annotated[str, Coded("disability_kind")] | None = None
    disability_grade: Annotated[str, Coded("disability_grade")] | None = None
    disability_card: DisabilityCardNumber | None = None
    disability_card_year: Year | None = None
    labour: Annotated[str, Coded("labour")] | None = None
    work_place: Annotated[str, Coded("work_place")] | None = None
    work_abroad: bool | None = None
    work_months: Months | None = None
    employer: Text | None = None
    public_post_kind: Annotated[str, Coded("public_post_kind")] | None = None
    public_post_months: Months | None = None
    medical_insurance: bool | None = None
    medical_insurance_kind: Annotated[str, Coded("medical_insurance")] | None = None
    serious_illness_insurance: bool | None = None
    commercial_insurance: bool | None = None
    medical_aid: bool | None = None
    pension: Annotated[str, Coded("pension")] | None = None
    receives_minimum_living: bool | None = None
    receives_destitute_support: bool | None = None

    @model_validator(mode="after")
    def _read_card(self) -> Self:
        """Take kind and grade from the card; refuse others beside it."""
        if self.disability_card:
            card = parse_card(self.disability_card)
            for name, by_card in (("disability_kind", card.kind), ("disability_grade", card.grade)):
                if getattr(self, name) not in {None, by_card}:
                    raise PydanticCustomError(
                        "contradicts_card", "{name} contradicts the disability card", {"name": name}
                    )
                setattr(self, name, by_card)
        return self


class NewMember(MemberFacts):
    """A person to register."""

    name: Name
    relationship: Annotated[str, Coded("relationship")]
    #: 15 or 18 digits, as written; none for a newborn without one.
    identity_number: Annotated[str, Field(max_length=40)] | None = None
    joined_on: date | None = None
    join_reason: Annotated[str, Coded("join_reason")] | None = None


class MemberChange(MemberFacts):
    """What is to change of a person: what is not given stays, null clears where nothing need be known."""

    # Defaults stand for "not given" and are never read: no null is taken where a person must have a value.
    name: Name = ""
    relationship: Annotated[str, Coded("relationship")] = ""
    #: Corrects the number; sex and birth date follow.
    identity_number: Annotated[str, Field(max_length=40)] = ""
    joined_on: date | None = None
    join_reason: Annotated[str, Coded("join_reason")] | None = None


class HouseholdFacts(_Strict):
    """What can be said of a household."""

    group_name: Text | None = None
    address: Text | None = None
    phone: Phone | None = None
    kind: Annotated[str, Coded("household_kind")] = "general"
    lifted_year: Year | None = None
    main_cause: Annotated[str, Coded("main_cause")] | None = None
    other_causes: Annotated[list[Annotated[str, Coded("main_cause")]], Field(max_length=5)] = []
    military_family: bool | None = None
    minimum_living: bool = False
    destitute: bool = False
    relocated: bool = False
    resettlement_site: Text | None = None
    housing_grade: Annotated[str, Coded("housing_grade")] | None = None
    housing_graded_year: Year | None = None
    #: Square metres.
    housing_area: Measure | None = None
    house_repair: Annotated[str, Coded("house_repair")] | None = None
    house_repair_year: Year | None = None
    water_safe: bool | None = None
    water_problems: Annotated[list[Annotated[str, Coded("water_problem")]], Field(max_length=4)] = []
    arable_mu: Measure | None = None
    forest_mu: Measure | None = None
    road_kind: Annotated[str, Coded("road_kind")] | None = None
    #: Kilometres to the village's main road.
    road_distance: Measure | None = None
    electricity: bool | None = None
    production_power: bool | None = None
    broadcasting: bool | None = None
    sanitary_toilet: bool | None = None
    fuel: Annotated[str, Coded("fuel")] | None = None
    cooperative: bool | None = None
    led_by_enterprise: bool | None = None
    bank_name: Text | None = None
    bank_account: BankAccount | None = None


class NewHousehold(HouseholdFacts):
    """A household to register, with its members."""

    division_code: DivisionCode
    #: Made here where none is given.
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,40}$")] | None = None
    members: Annotated[list[NewMember], Field(min_length=1, max_length=30)]


class HouseholdChange(HouseholdFacts):
    """What is to change of a household: what is not given stays, null clears where nothing need be known."""


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
    """A person; numbers are masked unless the caller may see them."""

    id: UUID
    name: str
    identity_number: str | None
    sex: str | None
    birth_date: date | None
    relationship: str
    mobile: str | None
    ethnic_group: str | None
    political_status: str | None
    marital_status: str | None
    education: str | None
    school_status: str | None
    dropout_reason: str | None
    mandarin: bool | None
    health: list[str]
    disability_kind: str | None
    disability_grade: str | None
    disability_card: str | None
    disability_card_year: int | None
    labour: str | None
    work_place: str | None
    work_abroad: bool | None
    work_months: int | None
    employer: str | None
    public_post_kind: str | None
    public_post_months: int | None
    medical_insurance: bool | None
    medical_insurance_kind: str | None
    serious_illness_insurance: bool | None
    commercial_insurance: bool | None
    medical_aid: bool | None
    pension: str | None
    receives_minimum_living: bool | None
    receives_destitute_support: bool | None
    joined_on: date | None
    join_reason: str | None
    left_on: date | None
    leave_reason: str | None


class HouseholdLine(BaseModel):
    """A household in a list."""

    id: UUID
    number: str
    division_code: str
    group_name: str | None
    grid_id: UUID | None
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
    other_causes: list[str]
    military_family: bool | None
    relocated: bool
    resettlement_site: str | None
    housing_grade: str | None
    housing_graded_year: int | None
    housing_area: Decimal | None
    house_repair: str | None
    house_repair_year: int | None
    water_safe: bool | None
    water_problems: list[str]
    arable_mu: Decimal | None
    forest_mu: Decimal | None
    road_kind: str | None
    road_distance: Decimal | None
    electricity: bool | None
    production_power: bool | None
    broadcasting: bool | None
    sanitary_toilet: bool | None
    fuel: str | None
    cooperative: bool | None
    led_by_enterprise: bool | None
    bank_name: str | None
    bank_account: str | None
    official_name: str | None
    official_unit: str | None
    official_phone: str | None
    merged_into: UUID | None
    members: list[MemberView]
    incomes: list[IncomeView]
