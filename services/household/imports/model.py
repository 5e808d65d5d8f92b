"""An import, the persons it brought (until they are written) and the lines it refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, Numeric, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed


class HouseholdImport(Row, Identified, Placed, table=True):
    """A file that was sent. The same content sent again by the same caller is the same import."""

    __table_args__ = (Index("uq_household_import_once", "owner", "digest", "options", unique=True),)

    owner: str
    digest: str
    filename: str
    #: ``validate`` (writes nothing) or ``commit``.
    mode: str
    #: ``valid`` (takes the lines that hold) or ``all`` (takes nothing where one line is refused).
    atomic: str = "valid"
    #: Division, mode, atomic and the caller's own names of columns, as one text: another choice is another import.
    options: str = ""
    #: What the file's headers were taken for: header to field or null; known once it has been read.
    headers: dict[str, str | None] | None = Field(default=None, sa_column=Column(JSONB))
    job_id: UUID | None = None
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: Known once finished: rows, accepted, rejected, withheld, by_code, registered, changed, members.
    figures: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))


class ImportPerson(Row, table=True):
    """A line on its way into the registry. Numbers stand here encrypted and indexed, never in the clear."""

    #: Households are written some at a time: without it every batch would read all lines again.
    __table_args__ = (Index("ix_import_person_import_id_household_id", "import_id", "household_id"),)

    import_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    household_number: str
    household_id: UUID
    member_id: UUID
    division_code: str = Field(sa_type=String(12, collation="C"))
    group_name: str | None = None
    address: str | None = None
    phone: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    kind: str | None = None
    lifted_year: int | None = None
    minimum_living: bool | None = None
    destitute: bool | None = None
    housing_grade: str | None = None
    water_safe: bool | None = None
    main_cause: str | None = None
    other_causes: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String)))
    military_family: bool | None = None
    relocated: bool | None = None
    resettlement_site: str | None = None
    housing_graded_year: int | None = None
    housing_area: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    house_repair: str | None = None
    house_repair_year: int | None = None
    water_problems: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String)))
    arable_mu: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    forest_mu: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    road_kind: str | None = None
    road_distance: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    electricity: bool | None = None
    production_power: bool | None = None
    broadcasting: bool | None = None
    sanitary_toilet: bool | None = None
    fuel: str | None = None
    cooperative: bool | None = None
    led_by_enterprise: bool | None = None
    bank_name: str | None = None
    bank_account: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    bank_account_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    name: str
    identity_number: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    number_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sex: str | None = None
    birth_date: date | None = None
    relationship: str
    mobile: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    mobile_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    ethnic_group: str | None = None
    political_status: str | None = None
    marital_status: str | None = None
    education: str | None = None
    school_status: str | None = None
    dropout_reason: str | None = None
    mandarin: bool | None = None
    health: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String)))
    disability_kind: str | None = None
    disability_grade: str | None = None
    disability_card: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
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
    join_reason: str | None = None
    #: Fields that the line clears.
    cleared: list[str] = Field(sa_column=Column(ARRAY(String), server_default="{}", nullable=False))


class ImportReject(Row, Placed, table=True):
    """What was wrong with a line."""

    import_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    #: The form's header.
    header: str = Field(primary_key=True)
    #: As written, private values masked.
    value: str
    #: So that the rest of a household can be told that its head's line was refused.
    household_number: str
    is_head: bool


class RefusedLine(Row, Placed, table=True):
    """A refused line as it was sent, so that it can be handed back, corrected and sent again."""

    import_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    #: JSON, field to cell; encrypted as a whole, for numbers may stand in any cell.
    cells: str = Field(sa_type=EncryptedText(context="refused_line.cells"))
