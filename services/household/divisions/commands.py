"""Entering divisions from a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.household.divisions.model import Division
from services.household.divisions.rules import COLUMNS, faults_of
from services.household.divisions.schemas import DivisionImport, DivisionReject
from shared.database import Writer
from shared.keys import uuid7


async def import_divisions(db: Writer, rows: Iterable[dict[str, str]]) -> DivisionImport:
    """Enter or rename the divisions of a file; a line that is wrong is told with its number and changes nothing."""
    lines = [(number, _trimmed(row)) for number, row in enumerate(rows, start=2)]
    known = set(await db.all(select(Division.code))) | {row.get("code", "") for _, row in lines}
    rejected: list[DivisionReject] = []
    accepted: dict[str, dict[str, Any]] = {}
    for number, row in lines:
        if faults := faults_of(number, row, known):
            rejected += faults
        else:
            accepted[row["code"]] = {**row, "parent_code": row["parent_code"] or None, "id": uuid7()}
    changed = await _upsert(db, list(accepted.values())) if accepted else []
    db.record(*(division.changed() for division in changed))
    refused = len({reject.line for reject in rejected})
    return DivisionImport(
        rows=len(lines), accepted=len(lines) - refused, changed=len(changed), rejected=rejected
    )


async def _upsert(db: Writer, rows: list[dict[str, Any]]) -> list[Division]:
    """Return the divisions that are new or different."""
    entered = insert(Division).values(rows)
    changed = entered.on_conflict_do_update(
        index_elements=["code"],
        set_={"name": entered.excluded.name},
        where=col(Division.name) != entered.excluded.name,
    ).returning(col(Division.code))
    codes = [code for (code,) in await db.rows(changed)]
    return await db.all(select(Division).where(col(Division.code).in_(codes)).order_by(Division.code))


def _trimmed(row: dict[str, str]) -> dict[str, str]:
    return {name: (row.get(name) or "").strip() for name in COLUMNS}
