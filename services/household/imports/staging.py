"""Lines into the staging table: numbers encrypted and indexed on the way, ids made, in one COPY."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import delete, text
from sqlmodel import col

from services.household.imports.model import ImportPerson, ImportReject
from services.household.imports.parsing import Parsed
from shared.crypto.keyring import KeyRing
from shared.database import Writer
from shared.keys import uuid7

#: Order of the COPY.
COLUMNS = tuple(ImportPerson.__table__.columns.keys())  # type: ignore[attr-defined]
_MADE = {"import_id", "household_id", "member_id", "phone", "identity_number", "number_index"}


async def stage(db: Writer, import_id: UUID, division_code: str, parsed: Parsed, keys: KeyRing) -> None:
    """Replace what is staged of this import; safe to repeat."""
    await db.execute(delete(ImportPerson).where(col(ImportPerson.import_id) == import_id))
    await db.execute(delete(ImportReject).where(col(ImportReject.import_id) == import_id))
    await db.copy_rows("import_person", COLUMNS, _records(import_id, parsed.good, keys))
    await _store_rejects(db, import_id, division_code, parsed.rejects)


async def _store_rejects(
    db: Writer, import_id: UUID, division_code: str, rejects: list[pl.DataFrame]
) -> None:
    rows = [
        {
            "import_id": import_id,
            "line": line,
            "code": code,
            "header": header,
            "value": value or "",
            "household_number": number,
            "is_head": is_head,
            "division_code": division_code,
        }
        for frame in rejects
        for line, code, header, value, number, is_head in frame.iter_rows()
    ]
    if rows:
        await db.execute(ImportReject.__table__.insert(), rows)  # type: ignore[attr-defined]


def _records(import_id: UUID, good: pl.DataFrame, keys: KeyRing) -> Iterator[tuple[Any, ...]]:
    households = {number: uuid7() for number in good["household_number"].unique(maintain_order=True)}
    numbers = good["number"].to_list()
    made: dict[str, list[Any]] = {
        "import_id": [import_id] * good.height,
        "household_id": [households[number] for number in good["household_number"]],
        "member_id": [uuid7() for _ in range(good.height)],
        "phone": keys.encrypt_many(good["phone"], "household.phone"),
        "identity_number": keys.encrypt_many(numbers, "member.identity_number"),
        "number_index": list(keys.blind_index_many(numbers)),
    }
    columns = [made[name] if name in _MADE else good[name].to_list() for name in COLUMNS]
    yield from zip(*columns, strict=True)


async def discard(db: Writer, import_id: UUID) -> None:
    """Forget what is staged of an import."""
    await db.execute(text("DELETE FROM import_person WHERE import_id = :id"), {"id": import_id})
