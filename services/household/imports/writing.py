"""Staged households into the registry: some thousand at a time, each batch one transaction with its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select as sa_select, text
from sqlmodel import col, select

from services.household.households.events import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, state_of
from services.household.households.model import Household, Income, Member
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.database import Reader, Writer

#: Households a transaction.
BATCH = 1000
_NEXT = text(
    "SELECT DISTINCT household_id FROM import_person WHERE import_id = :import_id ORDER BY household_id LIMIT :limit"
)
_JOIN_AS_SETS = text("SET LOCAL enable_nestloop = off")


@dataclass(frozen=True)
class Written:
    """What a batch did."""

    registered: int
    changed: int
    members: int


async def judge(db: Writer, import_id: UUID, *, division_code: str, areas: Sequence[str]) -> None:
    """Move the lines that the registry or the rest of the file refuse to the rejects."""
    # The planner knows nothing of lines that were staged a moment ago, takes them for few, and would compare each with
    # each: seventy thousand lines took minutes. Sets are joined as sets, whatever the statistics say.
    await db.execute(_JOIN_AS_SETS)
    values = {"import_id": import_id, "division_code": division_code, "areas": list(areas)}
    for statement in _statements("judging.sql"):
        named = {name: values[name] for name in values if f":{name}" in statement.text}
        await db.execute(statement, named)


async def write_batch(db: Writer, import_id: UUID) -> Written | None:
    """Write the next households of an import; None when all are written."""
    ids = [key for (key,) in await db.rows(_NEXT, {"import_id": import_id, "limit": BATCH})]
    if not ids:
        return None
    values: dict[str, Any] = {"import_id": import_id, "households": ids}
    households, members, numbers, summary, done = _statements("writing.sql")
    entered = await db.rows(households, values)
    registered = {key for key, version in entered if version == 1}
    changed = {key for key, _ in entered} | {key for (key,) in await db.rows(members, values)}
    await db.execute(numbers, values)
    # New households already say how many they are; for the others this is what raises the version.
    await db.execute(summary, {"touched": list(changed - registered)})
    people = (await db.execute(done, values)).rowcount
    await _tell(db, registered, changed)
    return Written(registered=len(registered), changed=len(changed - registered), members=people)


async def _tell(db: Writer, registered: set[UUID], changed: set[UUID]) -> None:
    for kind, ids in ((HouseholdRegistered, registered), (HouseholdChanged, changed - registered)):
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
