"""Entering divisions from a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.household.divisions.model import Division
from services.household.divisions.rules import faults_of
from services.household.divisions.schemas import DivisionImport, DivisionReject
from shared.database import Writer
from shared.domain.division import level_of, parent_of
from shared.domain.pinyin import place_initials, place_pinyin
from shared.keys import uuid7
from shared.web.language import Language

#: PostgreSQL takes no more than 65,535 values a statement.
_AT_ONCE = 2000


async def import_divisions(db: Writer, lines: Iterable[dict[str, Any]], language: Language) -> DivisionImport:
    """Enter the divisions of a file; a line that is wrong is told with its number and changes nothing.

    Another name for a known code corrects it, as if it had been called so always: a change of name has a day, and is
    entered as a change of boundaries.
    """
    rows = list(lines)
    known = set(await db.all(select(Division.code))) | {row["code"] for row in rows}
    rejected: list[DivisionReject] = []
    accepted: dict[str, dict[str, Any]] = {}
    for row in rows:
        if faults := faults_of(row["line"], row, known, language):
            rejected += faults
        else:
            accepted[row["code"]] = _values(row)
    entered = list(accepted.values())
    changed = [
        division
        for start in range(0, len(entered), _AT_ONCE)
        for division in await _upsert(db, entered[start : start + _AT_ONCE])
    ]
    db.record(*(division.changed() for division in changed))
    refused = len({reject.line for reject in rejected})
    return DivisionImport(
        rows=len(rows), accepted=len(rows) - refused, changed=len(changed), rejected=rejected
    )


async def _upsert(db: Writer, rows: list[dict[str, Any]]) -> list[Division]:
    """Return the divisions that are new or different."""
    entered = insert(Division).values(rows)
    changed = entered.on_conflict_do_update(
        index_elements=["code"],
        set_={name: entered.excluded[name] for name in ("name", "pinyin", "initials")},
        where=col(Division.name) != entered.excluded.name,
    ).returning(col(Division.code))
    codes = [code for (code,) in await db.rows(changed)]
    return await db.all(select(Division).where(col(Division.code).in_(codes)).order_by(Division.code))


def _values(row: dict[str, Any]) -> dict[str, Any]:
    code = row["code"]
    return {
        "id": uuid7(),
        "code": code,
        "level": level_of(code).value,
        "parent_code": parent_of(code),
        **called(row["name"]),
    }


def called(name: str) -> dict[str, str]:
    """Return a division's name with its letters."""
    return {"name": name, "pinyin": place_pinyin(name), "initials": place_initials(name)}
