"""Where changes come from that nobody entered one by one: a line for each transaction that says so.

A line a transaction, not a column a row: a bulk load pays for it once in a thousand households, and who enters by hand
pays nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Writer


class Source(StrEnum):
    """Where a change came from; labels in the code list ``history_source``."""

    ENTRY = "entry"
    IMPORT = "import"
    NATURAL_CHANGE = "natural_change"
    DUPLICATES = "duplicates"
    BOUNDARIES = "boundaries"
    VISIT = "visit"
    COMPARISON = "comparison"
    SYSTEM = "system"


class ChangeSource(Row, table=True):
    """What all that one transaction changed came from: the stamp of the rows' versions, and the source.

    Not limited to an area: it tells of no household, and is asked for only by the stamps of one that is seen.
    """

    changed_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    changed_by: str = Field(primary_key=True)
    source: str
    #: The import, the pair of duplicates, the change of boundaries.
    source_id: UUID


async def came_from(db: Writer, source: Source, source_id: UUID) -> None:
    """Say what this transaction's changes come from."""
    stamp = {"changed_at": db.now, "changed_by": db.principal.name}
    said = insert(ChangeSource).values(**stamp, source=source, source_id=source_id)
    await db.execute(said.on_conflict_do_nothing())
