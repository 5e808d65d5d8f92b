"""Tables of the household aggregate. A member's id, a statement's id: each row knows its household and its village."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed, Recorded

_OF_HOUSEHOLD = {"root": "household_id"}


def _codes() -> Column[list[str]]:
    """Several codes of one list."""
    return Column(ARRAY(String), server_default="{}", nullable=False)


def _spent() -> Any:
    return Field(default=Decimal(0), sa_column=Column(Numeric(14, 2), server_default="0", nullable=False))


class Household(Row, Identified, Placed, Recorded, table=True):
    """A rural household (农户). Never deleted: a household that died out or moved away has no members left."""

    number: str = Field(index=True)
    group_name: str | None = None
    #: The village's grid that it belongs to (村级网格).
    grid_id: UUID | None = Field(default=None, index=True)
    address: str | None = None
    phone: str | None = Field(default=None, sa_type=EncryptedText(context="household.phone"))
    #: Tells whether two phones are the same, which their ciphertexts do not.
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    kind: str = "general"
    lifted_year: int | None = None
    main_cause: str | None = None
    other_causes: list[str] = Field(default_factory=list, sa_column=_codes())
    military_family: bool | None = None
    minimum_living: bool = False
    destitute: bool = False
    relocated: bool = False
    resettlement_site: str | None = None
    housing_grade: str | None = None
    #: Year in which the grade was given.
    housing_graded_year: int | None = None
    #: Square metres.
    housing_area: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    house_repair: str | None = None
    house_repair_year: int | None = None
    water_safe: bool | None = None
    water_problems: list[str] = Field(default_factory=list, sa_column=_codes())
    arable_mu: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    forest_mu: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    road_kind: str | None = None
    #: Kilometres to the village's main road.
    road_distance: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    electricity: bool | None = None
    production_power: bool | None = None
    broadcasting: bool | None = None
    sanitary_toilet: bool | None = None
    fuel: str | None = None
    cooperative: bool | None = None
    led_by_enterprise: bool | None = None
    bank_name: str | None = None
    #: Where transfers are paid to.
    bank_account: str | None = Field(default=None, sa_type=EncryptedText(context="household.bank_account"))
    bank_account_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    #: Responsible official (帮扶责任人) of a lifted household.
    official_name: str | None = None
    official_unit: str | None = None
    official_phone: str | None = Field(
        default=None, sa_type=EncryptedText(context="household.official_phone")
    )
    #: The head's name, kept beside the household so that a list needs no second question.
    head_name: str | None = Field(default=None, index=True)
    #: Present members, likewise.
    member_count: int = 0
    #: Where its people went, of a household that was merged (并户) or whose split was undone.
    merged_into: UUID | None = None


class Member(Row, Identified, Placed, Recorded, table=True):
    """A person of a household (家庭成员); stays, with a date of leaving, after death or moving out."""

    __table_args__ = (
        Index("ix_member_name_birth_date", "name", "birth_date"),
        # Names in their order, page by page.
        Index("ix_member_name_id", "name", "id"),
        {"info": _OF_HOUSEHOLD},
    )

    household_id: UUID = Field(index=True)
    name: str
    identity_number: str | None = Field(default=None, sa_type=EncryptedText(context="member.identity_number"))
    number_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    sex: str | None = None
    birth_date: date | None = None
    relationship: str
    mobile: str | None = Field(default=None, sa_type=EncryptedText(context="member.mobile"))
    mobile_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    ethnic_group: str | None = None
    political_status: str | None = None
    marital_status: str | None = None
    education: str | None = None
    school_status: str | None = None
    dropout_reason: str | None = None
    mandarin: bool | None = None
    health: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    disability_kind: str | None = None
    disability_grade: str | None = None
    #: Number of the disability card: it begins with the identity number.
    disability_card: str | None = Field(default=None, sa_type=EncryptedText(context="member.disability_card"))
    disability_card_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    disability_card_year: int | None = None
    labour: str | None = None
    work_place: str | None = None
    work_abroad: bool | None = None
    work_months: int | None = None
    employer: str | None = None
    public_post_kind: str | None = None
    public_post_months: int | None = None
    medical_insurance: bool | None = None
    medical_insurance_kind: str | None = None
    serious_illness_insurance: bool | None = None
    commercial_insurance: bool | None = None
    medical_aid: bool | None = None
    pension: str | None = None
    receives_minimum_living: bool | None = None
    receives_destitute_support: bool | None = None
    joined_on: date | None = None
    join_reason: str | None = None
    left_on: date | None = None
    leave_reason: str | None = None


class HouseholdNumber(Row, Placed, table=True):
    """Which household holds a number (户编号) in its village: offices number their households village by village.

    A table of its own for the reason that ``PersonNumber`` is one.
    """

    division_code: str = Field(sa_type=String(12, collation="C"), primary_key=True)
    number: str = Field(primary_key=True)
    household_id: UUID


class PersonNumber(Row, table=True):
    """Who holds an identity number: one living person belongs to one household, and no more than one.

    Whoever leaves a household lets go of the number and can join another one; whoever is away for a time keeps it, and
    whoever died keeps it for good.

    A table of its own, keyed by the blind index, because a unique constraint must not cross aggregates. It is not
    limited to an area: a person registered elsewhere must be found, and all that is told is that somebody is.
    """

    number_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    member_id: UUID
    household_id: UUID = Field(index=True)


class Income(Row, Identified, Placed, Recorded, table=True):
    """A yearly statement of income (家庭收入), yuan for the whole household."""

    __table_args__ = (
        Index("uq_income_household_id_year", "household_id", "year", unique=True),
        {"info": _OF_HOUSEHOLD},
    )

    household_id: UUID
    year: int
    wage: Decimal = Field(sa_type=Numeric(14, 2))
    business: Decimal = Field(sa_type=Numeric(14, 2))
    property: Decimal = Field(sa_type=Numeric(14, 2))
    transfer: Decimal = Field(sa_type=Numeric(14, 2))
    production_cost: Decimal = Field(sa_type=Numeric(14, 2))
    #: People who share it (共同生活人口).
    sharers: int
    #: Per-capita net income (人均纯收入).
    per_capita: Decimal = Field(sa_type=Numeric(14, 2))
    #: ``{kind, amount, note}``: what the totals are made of, as far as it was said.
    lines: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, server_default=text("'[]'"), nullable=False)
    )
    #: Insurance and other payments for a loss (理赔收入).
    compensation: Decimal = _spent()
    # Rigid expenditure (刚性支出), of the household's own pocket.
    spent_medical: Decimal = _spent()
    spent_schooling: Decimal = _spent()
    spent_accident: Decimal = _spent()
    spent_disaster: Decimal = _spent()
    spent_housing: Decimal = _spent()
