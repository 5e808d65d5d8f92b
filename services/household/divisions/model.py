"""Administrative divisions (行政区划)."""

from __future__ import annotations

from sqlalchemy import String
from sqlmodel import Field

from services.household.tables import Row
from shared.contracts.household import DivisionChanged
from shared.database import Identified, Recorded


class Division(Row, Identified, Recorded, table=True):
    """A division, from province to village; a park (园区) stands beside the towns."""

    code: str = Field(sa_type=String(12, collation="C"), unique=True)
    name: str
    level: str
    parent_code: str | None = Field(default=None, sa_type=String(12, collation="C"), index=True)

    def changed(self) -> DivisionChanged:
        """Return what the other services are told."""
        return DivisionChanged(
            code=self.code,
            name=self.name,
            level=self.level,
            parent_code=self.parent_code,
            version=self.version,
        )
