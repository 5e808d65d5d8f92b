"""Facts in time: one row for each version of an aggregate, valid from its event to the next one's.

A figure of a past moment is the same query as today's with another moment, so reports can be compared for
ever.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from services.reporting.tables import Row
from shared.database import Placed

#: The ``valid_to`` of what is valid now. A real instant, not ``infinity``: every driver can read it.
FOREVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def _codes() -> Any:
    return Field(sa_column=Column(ARRAY(String), nullable=False, server_default="{}"))


class InTime(SQLModel):
    """Keyed by aggregate and version; valid in the half-open interval from ``valid_from`` to ``valid_to``."""

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=Integer, primary_key=True)
    valid_from: datetime = Field(sa_type=DateTime(timezone=True))
    valid_to: datetime = Field(sa_type=DateTime(timezone=True))


class Division(Row, table=True):
    """A division: its name, for headings, and when it is there."""

    code: str = Field(sa_type=String(12, collation="C"), primary_key=True)
    name: str
    level: str
    sequence: int
    valid_from: date | None = None
    #: The first day on which it is no more.
    valid_until: date | None = None


class HouseholdFact(Row, InTime, Placed, table=True):
    """A household in the registry."""

    kind: str
    #: Who live there; nobody where all have left or gone to other households.
    members: int


class CampaignFact(Row, InTime, Placed, table=True):
    """A campaign."""

    name: str
    status: str
    starts_on: date
    ends_on: date
    #: Where it is held, and of which kinds of household; none: everywhere, all.
    divisions: list[str] = _codes()
    kinds: list[str] = _codes()


class VisitFact(Row, InTime, Placed, table=True):
    """A visit to a household."""

    campaign_id: UUID
    household_id: UUID
    failed_items: int


class FindingFact(Row, InTime, Placed, table=True):
    """An entry of the findings ledger."""

    campaign_id: UUID
    item: str
    source: str
    status: str
    raised_on: date
    deadline_on: date | None = None
    closed_on: date | None = None
    on_the_spot: bool
    reopened: int


class ClueFact(Row, InTime, Placed, table=True):
    """A clue."""

    risk_type: str
    source: str
    status: str


class CaseFact(Row, InTime, Placed, table=True):
    """An identification case."""

    step: str
    status: str


class MonitoredFact(Row, InTime, Placed, table=True):
    """A monitored object."""

    household_id: UUID
    category: str
    status: str
    risk_types: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    retagged: int


class MeasureFact(Row, InTime, Placed, table=True):
    """An assistance measure."""

    monitored_id: UUID
    kind: str
    status: str


class ComparisonFact(Row, InTime, Placed, table=True):
    """A department's batch, compared: ``rows`` is the sum of the six outcomes."""

    dataset: str
    period: str
    rows: int
    matched: int
    mismatched: int
    probable: int
    departed: int
    unmatched: int
    invalid: int
    alerts: int
    #: False of one that was corrected or withdrawn.
    counts: bool


def _current(model: type[SQLModel]) -> None:
    """Index what is valid now by place: the figures that are asked for most."""
    table = model.__table__  # type: ignore[attr-defined]
    now = text(f"valid_to = '{FOREVER:%F %T}+00'")
    Index(f"ix_{table.name}_current", table.c.division_code, postgresql_where=now)


FACTS: tuple[type[SQLModel], ...] = (
    HouseholdFact,
    CampaignFact,
    VisitFact,
    FindingFact,
    ClueFact,
    CaseFact,
    MonitoredFact,
    MeasureFact,
    ComparisonFact,
)
for fact in FACTS:
    _current(fact)
