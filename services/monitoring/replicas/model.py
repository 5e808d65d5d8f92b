"""Tables of what was learned from events: not monitoring's own truth, and changed by no command."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Placed
from shared.replicas import Heard

#: Of what was registered before anybody kept its past.
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Division(Row, Heard, table=True):
    """An administrative division: its name belongs beside every figure."""

    code: str = Field(primary_key=True, sa_type=String(12, collation="C"))
    name: str
    level: str
    parent_code: str | None = Field(default=None, sa_type=String(12, collation="C"))


class HouseholdReplica(Row, Placed, Heard, table=True):
    """A household as the registry last told of it."""

    id: UUID = Field(primary_key=True)
    number: str
    group_name: str | None = None
    #: ``general`` or ``lifted``.
    kind: str
    lifted_year: int | None = None
    head_name: str | None = None
    minimum_living: bool = False
    destitute: bool = False
    housing_grade: str | None = None
    water_safe: bool | None = None
    income_year: int | None = None
    income_per_capita: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    #: Who helps a lifted household (帮扶责任人).
    responsible_official: str | None = None
    #: Present members.
    member_count: int
    #: When the registry told of this state.
    told_at: datetime = Field(
        default=EVER, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": text("'epoch'")}
    )


class HouseholdPast(Row, Placed, table=True):
    """A household with its people as the registry told of it from a moment on, until it told otherwise.

    Rules are tried on it. It is seen where the household belongs now.
    """

    household_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    told_at: datetime = Field(sa_type=DateTime(timezone=True))
    until_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: A row of ``household_replica``, and those of ``person_replica``.
    household: dict[str, Any] = Field(sa_type=JSONB)
    persons: list[dict[str, Any]] = Field(sa_type=JSONB)


class PersonReplica(Row, Placed, table=True):
    """A person as the registry last told of them; found by the blind index of the identity number."""

    household_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True, index=True)
    number_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    name: str
    #: The name in the form in which two ways to write it are equal (``shared.domain.person_name.comparable``).
    name_key: str
    sex: str | None = None
    birth_date: date | None = None
    relationship: str
    health: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    disability_kind: str | None = None
    disability_grade: str | None = None
    education: str | None = None
    school_status: str | None = None
    labour: str | None = None
    work_place: str | None = None
    work_months: int | None = None
    medical_insurance: bool | None = None
    left_on: date | None = None
    leave_reason: str | None = None


class Mover(Row, table=True):
    """An id of somebody who went from one household to another, beside the one under which they are now.

    Of a household that joined another one, too. It holds nothing but ids, so it needs no wall.
    """

    #: A member's, in the household that follows; or a household's own.
    id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    #: The same of all ids of one person.
    person: UUID = Field(index=True)
    now_id: UUID = Field(index=True)
    now_household_id: UUID
    #: Of a household, until somebody lives there again: the one that it joined, which may have joined a third one.
    joined_id: UUID | None = Field(default=None, index=True)


class PersonChange(Row, table=True):
    """That a transaction changed something of a household's people: the database notes it, whoever writes."""

    #: The transaction's number.
    made_by: int = Field(
        primary_key=True,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")},
    )
    household_id: UUID = Field(primary_key=True)
    #: By the database's own clock.
    noted_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": text("now()")}
    )
