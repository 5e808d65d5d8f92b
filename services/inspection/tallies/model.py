"""Tables of tallies.

A row says by how much a count changed; a count is the sum of its rows. Triggers of the counted tables write them in
the transaction that made the change, whatever command, reaction or job it was, and none waits for another, since
nobody updates a row (ADR 0027).
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlmodel import Column, Field

from services.inspection.tables import Row
from shared.database import Placed


def _key() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))


class HouseholdTally(Row, Placed, table=True):
    """Households where somebody lives, by village and kind."""

    __tablename__ = "household_tally"

    id: int = _key()
    kind: str
    households: int


class FindingTally(Row, Placed, table=True):
    """Findings by where they lie, area of inspection, status and deadline."""

    __tablename__ = "finding_tally"
    __table_args__ = (Index(None, "campaign_id", "division_code"),)

    id: int = _key()
    campaign_id: UUID
    #: ``A1`` to ``A8``.
    area: str
    status: str
    #: The last day of all time for what has left the ledger: it is never overdue.
    deadline_on: date
    findings: int
    on_the_spot: int


class OfficerTally(Row, Placed, table=True):
    """What officers have to do and did, by village: households assigned, first visits, findings raised."""

    __tablename__ = "officer_tally"
    __table_args__ = (Index(None, "campaign_id", "division_code"),)

    id: int = _key()
    campaign_id: UUID
    officer: str
    visited: int
    raised: int
    closed: int
    assigned: int = Field(sa_column_kwargs={"server_default": "0"})
