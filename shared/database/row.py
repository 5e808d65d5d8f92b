"""What tables are made of: the row, its key, its place, its record of change."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import DateTime, FetchedValue, MetaData, String, text
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import Field, SQLModel

from shared.keys import uuid7
from shared.refusal import Stale

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def new_registry() -> registry:
    """Return a registry of its own for one service: plain SQLModel would put all tables into one metadata."""
    return registry(metadata=MetaData(naming_convention=NAMING))


class Row(SQLModel):
    """A table row. Each service derives its own: ``class Row(database.Row, registry=new_registry())``."""

    # Values that the database makes (versions, moments) come back with the statement that caused them.
    __mapper_args__ = {"eager_defaults": True}

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - called on the class
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()


class Identified(SQLModel):
    """Keyed by a UUIDv7 made here, so that a row's id is known before it is stored."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)


class Placed(SQLModel):
    """Belongs to a division; seen only by those in whose area it lies (row-level security)."""

    division_code: str = Field(sa_type=String(12, collation="C"), index=True)


def _made_by_database(default: str, **kwargs: Any) -> Any:
    return Field(
        default=None,
        sa_column_kwargs={"server_default": text(default), "server_onupdate": FetchedValue()},
        **kwargs,
    )


class Recorded(SQLModel):
    """Keeps its history: the database stamps each version and stores the one before (see ``history``)."""

    version: int = _made_by_database("1")
    changed_at: datetime = _made_by_database("fangfan_now()", sa_type=DateTime(timezone=True))
    changed_by: str = _made_by_database("fangfan_actor()")
    change_reason: str = _made_by_database("fangfan_reason()")

    def expect(self, version: int) -> Self:
        """Refuse when the caller read another version than the present one (``If-Match``)."""
        if self.version != version:
            raise Stale
        return self
