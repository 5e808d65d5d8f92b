"""Staged households into the registry: some thousand at a time, each batch one transaction with its events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select as sa_select, text
from sqlmodel import col, select

from services.household.households.events import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, state_of
from services.household.households.model import Household, Income, Member
from services.household.imports import merging
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.database import Reader, Writer

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
    values = {"import_id": import_id, "division_code": division_code, "areas": areas}
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
    await _tell(db, registered, changed | touched)
    return Written(registered=len(registered), changed=len(changed | touched), members=people)


async def _ids(db: Writer, statement: TextClause, values: dict[str, Any]) -> set[UUID]:
    needed = {name: value for name, value in values.items() if f":{name}" in statement.text}
    return {key for (key,) in await db.rows(statement, needed)}


async def _tell(db: Writer, registered: set[UUID], changed: set[UUID]) -> None:
    for kind, ids in ((HouseholdRegistered, registered), (HouseholdChanged, changed)):
        db.record(*[kind(**state) for state in await states_of(db, ids)])


async def states_of(db: Reader, ids: set[UUID]) -> list[dict[str, Any]]:
    """Return the events' states of many households in three statements."""
    wanted = sa_select(*HOUSEHOLD_COLUMNS).where(col(Household.id).in_(ids)).order_by(col(Household.id))
    households = await db.rows(wanted)
    members: dict[UUID, list[Any]] = {key: [] for key in ids}
    of_households = sa_select(*MEMBER_COLUMNS).where(col(Member.household_id).in_(ids))
    for member in await db.rows(of_households.order_by(col(Member.id))):
        members[member.household_id].append(member)
    incomes: dict[UUID, Income] = {}
    for income in await db.all(
        select(Income).where(col(Income.household_id).in_(ids)).order_by(col(Income.year))
    ):
        incomes[income.household_id] = income
    return [state_of(each, members[each.id], incomes.get(each.id)) for each in households]


@cache
def _statements(name: str) -> tuple[TextClause, ...]:
    sql = files(__package__).joinpath(name).read_text("utf-8")
    return tuple(text(_without_comments(block)) for block in sql.split("\n\n\n"))


def _without_comments(sql: str) -> str:
    """Drop comment lines: their colons would be taken for parameters."""
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
