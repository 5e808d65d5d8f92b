"""Staged households into the registry: some thousand at a time, each batch one transaction with its events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from services.household.households.telling import tell
from services.household.imports import merging
from shared.database import Writer

#: Households a transaction.
BATCH = 1000
_NEXT = text(
    "SELECT DISTINCT household_id FROM import_person WHERE import_id = :import_id ORDER BY household_id LIMIT :limit"
)
_KNOWN = text("SELECT id FROM household WHERE id = ANY(:households)")
_JOIN_AS_SETS = text("SET LOCAL enable_nestloop = off")


@dataclass(frozen=True)
class Written:
    """What a batch did."""

    registered: int
    changed: int
    members: int


async def judge(db: Writer, import_id: UUID, *, division_code: str) -> None:
    """Move the lines that the registry, the rest of the file or the sender's area refuse to the rejects."""
    # The planner knows nothing of lines that were staged a moment ago, takes them for few, and would compare each with
    # each: seventy thousand lines took minutes. Sets are joined as sets, whatever the statistics say.
    await db.execute(_JOIN_AS_SETS)
    areas = [f"[{low},{high})" for low, high in db.principal.ranges]
    values = {"import_id": import_id, "division_code": division_code, "areas": areas, "today": db.today}
    for statement in _statements("judging.sql"):
        named = {name: values[name] for name in values if f":{name}" in statement.text}
        await db.execute(statement, named)


async def foretell(db: Writer, import_id: UUID) -> Written:
    """Return what writing what is staged would do."""
    await db.execute(_JOIN_AS_SETS)
    (counted,) = await db.rows(merging.foretell(), {"import_id": import_id})
    return Written(**counted._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


async def write_batch(db: Writer, import_id: UUID) -> Written | None:
    """Write the next households of an import; None when all are written."""
    ids = await _ids(db, _NEXT, {"import_id": import_id, "limit": BATCH})
    if not ids:
        return None
    known = await _ids(db, _KNOWN, {"households": list(ids)})
    values: dict[str, Any] = {"import_id": import_id, "households": list(ids), "known": list(known)}
    numbers, persons, summary, done = _statements("writing.sql")
    registered = await _ids(db, merging.enter_households(), values)
    changed = await _ids(db, merging.change_households(), values)
    touched = await _ids(db, merging.enter_members(), values) - registered
    touched |= await _ids(db, merging.change_members(), values)
    await db.execute(numbers, {"import_id": import_id, "households": list(registered)})
    await db.execute(persons, {"import_id": import_id, "households": list(ids)})
    await db.execute(summary, {"touched": list(touched), "only_members": list(touched - changed)})
    people = (await db.execute(done, {"import_id": import_id, "households": list(ids)})).rowcount
    await tell(db, registered=registered, changed=changed | touched)
    return Written(registered=len(registered), changed=len(changed | touched), members=people)


async def _ids(db: Writer, statement: TextClause, values: dict[str, Any]) -> set[UUID]:
    needed = {name: value for name, value in values.items() if f":{name}" in statement.text}
    return {key for (key,) in await db.rows(statement, needed)}


@cache
def _statements(name: str) -> tuple[TextClause, ...]:
    sql = files(__package__).joinpath(name).read_text("utf-8")
    return tuple(text(_without_comments(block)) for block in sql.split("\n\n\n"))


def _without_comments(sql: str) -> str:
    """Drop comment lines: their colons would be taken for parameters."""
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
