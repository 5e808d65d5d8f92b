"""Lines into the staging table: numbers encrypted and indexed on the way, ids made, in one COPY."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import polars as pl
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.household.households.private import blind_index
from services.household.imports.columns import form
from services.household.imports.model import IMPORT_PERSON, HouseholdImport, ImportReject, RefusedLine
from services.household.imports.parsing import Parsed
from shared.crypto.keyring import KeyRing
from shared.database import Writer
from shared.keys import uuid7

#: Lines that are Python objects at one time.
_AT_ONCE = 10_000
#: Order of the COPY.
COLUMNS = tuple(IMPORT_PERSON.columns.keys())


class Staging:
    """What is staged of one import, part after part of its file, in one transaction."""

    def __init__(self, db: Writer, taken: HouseholdImport, keys: KeyRing) -> None:
        self._db = db
        self._taken = taken
        self._keys = keys
        # Offices number their households village by village: a file of a town may hold one number several times.
        self._households: defaultdict[tuple[str, str], UUID] = defaultdict(uuid7)

    async def clear(self) -> None:
        """Forget what an attempt before has staged."""
        await discard(self._db, self._taken)
        for model in (ImportReject, RefusedLine):
            await self._db.execute(delete(model).where(col(model.import_id) == self._taken.id))

    async def add(self, parsed: Parsed) -> None:
        """Stage a parsed part."""
        records = _records(self._taken.id, parsed.good, self._keys, self._households)
        await self._db.copy_rows("import_person", COLUMNS, records)
        await _store_rejects(self._db, self._taken.id, self._taken.division_code, parsed.rejects)


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


def _records(
    import_id: UUID, good: pl.DataFrame, keys: KeyRing, households: dict[tuple[str, str], UUID]
) -> Iterator[tuple[Any, ...]]:
    """Make the lines' rows some at a time: those of a county are tens of millions of Python objects."""
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


async def discard(db: Writer, taken: HouseholdImport) -> None:
    """Forget what is staged of an import."""
    await db.execute(delete(IMPORT_PERSON).where(IMPORT_PERSON.c.import_id == taken.id))
