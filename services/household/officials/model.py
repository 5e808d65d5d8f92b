"""Officials in time: who was responsible for a household from when until when, and each contact."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed, Recorded

_OF_HOUSEHOLD = {"root": "household_id"}


class OfficialTerm(Row, Identified, Placed, Recorded, table=True):
    """The time for which an official is responsible for a household; the household shows the present one."""

    __table_args__ = (
        Index("uq_official_term_open", "household_id", unique=True, postgresql_where=text("until IS NULL")),
        {"info": _OF_HOUSEHOLD},
    )

    household_id: UUID = Field(index=True)
    name: str
    unit: str
    since: date
    #: The first day on which somebody else, or nobody, is responsible.
    until: date | None = None
    #: Why it ended.
    reason: str | None = None


class OfficialContact(Row, Identified, Placed, Recorded, table=True):
    """One contact of a household with an official (帮扶走访): when, in which way, what was done."""

    __table_args__ = ({"info": _OF_HOUSEHOLD},)

    household_id: UUID = Field(index=True)
    happened_on: date
    #: Code of the list ``contact_way``.
    way: str
    #: Who came or called: the responsible official, or whoever stood in.
    official_name: str
    #: What was asked, done, promised.
    words: str
