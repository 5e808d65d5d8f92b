"""Administrative divisions (行政区划), what they were called before, and the grids of villages."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.household.tables import Row
from shared.contracts.household import DivisionChanged, GridChanged
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed, Recorded


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


class Grid(Row, Identified, Placed, Recorded, table=True):
    """A grid of a village (村级网格): some tens of households, and who looks after them (网格员). Never deleted."""

    __table_args__ = (
        Index("uq_grid_division_code_number", "division_code", "number", unique=True),
        Index("ix_grid_groups", "groups", postgresql_using="gin"),
    )

    #: As the village counts its grids.
    number: str
    name: str
    officer_name: str | None = None
    officer_phone: str | None = Field(default=None, sa_type=EncryptedText(context="grid.officer_phone"))
    #: Villagers' groups (村民小组) whose households belong here without being named one by one.
    groups: list[str] = Field(sa_column=Column(ARRAY(String), server_default="{}", nullable=False))
    #: The first day on which it is no more.
    closed_on: date | None = None

    def changed(self) -> GridChanged:
        """Return what the other services are told."""
        return GridChanged.model_validate(self, from_attributes=True)
