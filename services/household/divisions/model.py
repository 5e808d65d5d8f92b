"""Administrative divisions (行政区划): as they are, and what they were called before."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlmodel import Field

from services.household.tables import Row
from shared.contracts.household import DivisionChanged
from shared.database import Identified, Recorded


class Division(Row, Identified, Recorded, table=True):
    """A division, from province to village; a park (园区) stands beside the towns. One that ended stays, closed."""

    code: str = Field(sa_type=String(12, collation="C"), unique=True)
    name: str
    level: str
    parent_code: str | None = Field(default=None, sa_type=String(12, collation="C"), index=True)
    #: The name in letters, to be found by:濉溪镇 is ``suixizhen`` and ``sxz``.
    pinyin: str = Field(sa_type=String(collation="C"), index=True)
    initials: str = Field(sa_type=String(collation="C"), index=True)
    #: First day; None of what was there before the registry.
    valid_from: date | None = None
    #: The first day on which it is no more.
    valid_until: date | None = None

    def changed(self) -> DivisionChanged:
        """Return what the other services are told."""
        return DivisionChanged(
            code=self.code,
            name=self.name,
            level=self.level,
            parent_code=self.parent_code,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            version=self.version,
        )


class FormerName(Row, table=True):
    """What a division was called until a day."""

    code: str = Field(sa_type=String(12, collation="C"), primary_key=True)
    #: The first day on which it was called otherwise.
    until: date = Field(primary_key=True)
    name: str
