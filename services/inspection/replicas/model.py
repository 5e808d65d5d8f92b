"""Tables of what was learned from events: not inspection's own truth, and changed by no command."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, String

from services.inspection.tables import Row
from shared.database import Placed
from shared.replicas import Heard


class Division(Row, Heard, table=True):
    """An administrative division: its name belongs beside every figure."""

    code: str = Field(primary_key=True, sa_type=String(12, collation="C"))
    name: str
    level: str
    parent_code: str | None = Field(default=None, sa_type=String(12, collation="C"))


class Grid(Row, Placed, Heard, table=True):
    """A grid of a village (村级网格) as the registry last told of it."""

    id: UUID = Field(primary_key=True)
    number: str
    name: str
    officer_name: str | None = None
    #: The first day on which it is no more.
    closed_on: date | None = None


#: What makes a household one to visit first (八必访) by its own facts: minimum living (低保) or destitute (特困).
NEEDY = """
    (coalesce((household.facts ->> 'minimum_living')::boolean, false)
    OR coalesce((household.facts ->> 'destitute')::boolean, false))
"""


class Household(Row, Placed, Heard, table=True):
    """A household as the registry last told of it."""

    __table_args__ = (
        # The few that nobody lives in any more: progress asks which of them were visited.
        Index("ix_household_gone", "division_code", postgresql_where=text("NOT inhabited")),
        # Those who come first on officers' lists, wherever they are among all others.
        Index("ix_household_needy", "division_code", postgresql_where=text(NEEDY)),
    )

    id: UUID = Field(primary_key=True)
    number: str
    group_name: str | None = None
    kind: str
    head_name: str | None = None
    #: Somebody lives there; else there is nobody to visit.
    inhabited: bool
    #: The rest of ``HouseholdState`` that a visit can use, members included; no identity number in any form.
    facts: dict[str, Any] = Field(sa_type=JSONB)


class Monitored(Row, Placed, Heard, table=True):
    """A monitored object as monitoring last told of it."""

    id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    category: str
    status: str
    contact: str | None = None
    tagged_on: date
    eliminated_on: date | None = None
    #: ``EpisodeState`` of each risk.
    episodes: list[dict[str, Any]] = Field(sa_type=JSONB)
