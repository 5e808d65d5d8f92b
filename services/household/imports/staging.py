"""Lines into the staging table: numbers encrypted and indexed on the way, ids made, in one COPY."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import polars as pl
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.household.households.private import blind_index
from services.household.imports.columns import form
from services.household.imports.model import HouseholdImport, ImportPerson, ImportReject, RefusedLine
from services.household.imports.parsing import Parsed
from shared.crypto.keyring import KeyRing
from shared.database import Writer
from shared.keys import uuid7

#: Lines that are Python objects at one time.
_AT_ONCE = 10_000
#: Order of the COPY.
COLUMNS = tuple(ImportPerson.__table__.columns.keys())  # type: ignore[attr-defined]


async def stage(db: Writer, import_id: UUID, division_code: str, parsed: Parsed, keys: KeyRing) -> None:
    """Replace what is staged of this import; safe to repeat."""
    await db.execute(delete(ImportPerson).where(col(ImportPerson.import_id) == import_id))
    await db.execute(delete(ImportReject).where(col(ImportReject.import_id) == import_id))
    await db.execute(delete(RefusedLine).where(col(RefusedLine.import_id) == import_id))
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
    for start in range(0, len(rows), _AT_ONCE):
        await db.execute(ImportReject.__table__.insert(), rows[start : start + _AT_ONCE])  # type: ignore[attr-defined]


def _records(import_id: UUID, good: pl.DataFrame, keys: KeyRing) -> Iterator[tuple[Any, ...]]:
    """Make the lines' rows some at a time: those of a county are tens of millions of Python objects."""
    # Offices number their households village by village: a file of a town may hold one number several times.
    households: defaultdict[tuple[str, str], UUID] = defaultdict(uuid7)
    for part in good.iter_slices(_AT_ONCE):
        numbers = part["number"].to_list()
        places = zip(part["division_code"], part["household_number"], strict=True)
        made: dict[str, list[Any]] = {
            "import_id": [import_id] * part.height,
            "household_id": [households[place] for place in places],
            "member_id": [uuid7() for _ in range(part.height)],
            "identity_number": keys.encrypt_many(numbers, "member.identity_number"),
            "number_index": _indexes(numbers, keys),
        }
        for column in form():
            if column.sealed:
                values = part[column.field].to_list()
                made[column.field] = keys.encrypt_many(values, f"{column.of}.{column.field}")
                made[f"{column.field}_index"] = [blind_index(column.field, value) for value in values]
        columns = [made[name] if name in made else part[name].to_list() for name in COLUMNS]
        yield from zip(*columns, strict=True)


def _indexes(numbers: list[str | None], keys: KeyRing) -> list[bytes | None]:
    """Index the numbers; a newborn has none."""
    indexes = iter(keys.blind_index_many([number for number in numbers if number]))
    return [next(indexes) if number else None for number in numbers]


async def keep_refused(db: Writer, taken: HouseholdImport, table: pl.DataFrame) -> None:
    """Keep lines of a file, encrypted."""
    for part in table.iter_slices(_AT_ONCE):
        rows = [
            {
                "import_id": taken.id,
                "line": cells.pop("line"),
                "division_code": taken.division_code,
                "cells": orjson.dumps(cells).decode(),
            }
            for cells in part.iter_rows(named=True)
        ]
        await db.execute(insert(RefusedLine).on_conflict_do_nothing(), rows)


async def discard(db: Writer, import_id: UUID) -> None:
    """Forget what is staged of an import."""
    await db.execute(text("DELETE FROM import_person WHERE import_id = :id"), {"id": import_id})
