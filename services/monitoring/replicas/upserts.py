"""Taking a set of states into the replicas: one statement, in which what is older changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table, TextClause, text

from services.monitoring.replicas.model import Division, HouseholdReplica, PersonReplica
from services.monitoring.tables import Row
from shared.contracts.household import DivisionState, HouseholdState, MemberState
from shared.database import Writer
from shared.domain.person_name import comparable


async def take_divisions(db: Writer, states: Iterable[DivisionState]) -> None:
    """Keep the newest of each division."""
    rows = {state.code: _division(state) for state in _newest_last(states)}
    await db.execute(_TAKE_DIVISIONS, {"divisions": _json(rows)})


async def take_households(db: Writer, told: Sequence[tuple[HouseholdState, datetime]]) -> None:
    """Keep the newest of each household, with all its members and no others, and what it was before as its past.

    Each state comes with the moment at which the registry told it.
    """
    told_at = {(state.id, state.version): moment for state, moment in told}
    newest = {str(state.id): state for state in _newest_last(state for state, _ in told)}
    households = {
        key: _household(state) | {"told_at": told_at[state.id, state.version]}
        for key, state in newest.items()
    }
    persons = {
        f"{key} {member.id}": _person(state, member)
        for key, state in newest.items()
        for member in state.members
    }
    await db.execute(_TAKE_HOUSEHOLDS, {"households": _json(households), "persons": _json(persons)})


def _newest_last(states: Iterable[Any]) -> list[Any]:
    return sorted(states, key=lambda state: state.version)


def _json(rows: dict[str, dict[str, Any]]) -> str:
    # In order of the key, as commands lock households: neither waits for the other in a circle.
    return orjson.dumps([rows[key] for key in sorted(rows)]).decode()


def _division(state: DivisionState) -> dict[str, Any]:
    return {**state.model_dump(mode="json"), "sequence": state.version}


def _household(state: HouseholdState) -> dict[str, Any]:
    present = sum(member.left_on is None for member in state.members)
    row = state.model_dump(mode="json", exclude={"members"})
    return {**row, "member_count": present, "sequence": state.version}


def _person(state: HouseholdState, member: MemberState) -> dict[str, Any]:
    index = f"\\x{member.number_index}" if member.number_index else None
    return {
        **member.model_dump(mode="json"),
        "member_id": str(member.id),
        "household_id": str(state.id),
        "division_code": state.division_code,
        "number_index": index,
        "name_key": comparable(member.name),
    }


def _columns(model: type[Row], *, but: tuple[str, ...] = ()) -> list[str]:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return [column.name for column in table.columns if column.name not in but]


def _changes(model: type[Row], *key: str) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in _columns(model, but=key))


def _take_divisions() -> TextClause:
    columns = ", ".join(_columns(Division))
    return text(
        f"""
        INSERT INTO division ({columns})
        SELECT {columns} FROM jsonb_populate_recordset(NULL::division, CAST(:divisions AS jsonb))
        ON CONFLICT (code) DO UPDATE SET {_changes(Division, "code")}
        WHERE excluded.sequence > division.sequence
        """  # noqa: S608 - names come from the mapped table, values are bound
    )


def _take_households() -> TextClause:
    """Persons follow only those households that turned out to be news."""
    of_household, of_person = ", ".join(_columns(HouseholdReplica)), ", ".join(_columns(PersonReplica))
    of_past = "household_id, sequence, division_code, told_at, until_at, household, persons"
    return text(
        f"""
        WITH told AS MATERIALIZED (
            SELECT * FROM jsonb_populate_recordset(NULL::person_replica, CAST(:persons AS jsonb))
        ), homes AS MATERIALIZED (
            SELECT * FROM jsonb_populate_recordset(NULL::household_replica, CAST(:households AS jsonb))
        ), past AS (
            INSERT INTO household_past ({of_past})
            SELECT known.id, known.sequence, homes.division_code, known.told_at, homes.told_at, to_jsonb(known),
                coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM person_replica p WHERE p.household_id = known.id), '[]')
            FROM homes JOIN household_replica known ON known.id = homes.id
            WHERE homes.sequence > known.sequence ON CONFLICT DO NOTHING
        ), news AS (
            INSERT INTO household_replica ({of_household}) SELECT {of_household} FROM homes
            ON CONFLICT (id) DO UPDATE SET {_changes(HouseholdReplica, "id")}
            WHERE excluded.sequence > household_replica.sequence
            RETURNING id
        ), gone AS (
            DELETE FROM person_replica
            WHERE household_id IN (SELECT id FROM news)
                AND (household_id, member_id) NOT IN (SELECT household_id, member_id FROM told)
        )
        INSERT INTO person_replica ({of_person})
        SELECT {of_person} FROM told WHERE household_id IN (SELECT id FROM news)
        ON CONFLICT (household_id, member_id) DO UPDATE SET {_changes(PersonReplica, "household_id", "member_id")}
        """  # noqa: S608 - names come from the mapped tables, values are bound
    )


_TAKE_DIVISIONS = _take_divisions()
_TAKE_HOUSEHOLDS = _take_households()
