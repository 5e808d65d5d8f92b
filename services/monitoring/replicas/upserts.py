"""What is kept of the states that the household registry tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from services.monitoring.replicas.model import Division, HouseholdPast, HouseholdReplica, PersonReplica
from shared.contracts.household import DivisionChanged, DivisionState, HouseholdChanged, HouseholdState
from shared.database import Writer
from shared.domain.person_name import comparable
from shared.replicas import Below, Past, Replica, take


def _division(state: DivisionState) -> dict[str, Any]:
    return state.model_dump(mode="json")


def _household(state: HouseholdState) -> dict[str, Any]:
    present = sum(member.left_on is None for member in state.members)
    return {**state.model_dump(mode="json", exclude={"members"}), "member_count": present}


def _persons(state: HouseholdState) -> Iterator[dict[str, Any]]:
    for member in state.members:
        yield {
            **member.model_dump(mode="json"),
            "member_id": str(member.id),
            "household_id": str(state.id),
            "division_code": state.division_code,
            "number_index": f"\\x{member.number_index}" if member.number_index else None,
            "name_key": comparable(member.name),
        }


# A row that gives way to a snapshot has no sequence: what was wrong is not the past.
_PAST = """
    INSERT INTO household_past (household_id, sequence, division_code, told_at, until_at, household, persons)
    SELECT known.id, known.sequence, news.division_code, known.told_at, news.told_at, to_jsonb(known),
        coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM person_replica p WHERE p.household_id = known.id), '[]')
    FROM told news JOIN household_replica known ON known.id = news.id
    WHERE news.sequence > known.sequence AND known.sequence >= 0 ON CONFLICT DO NOTHING
"""
DIVISIONS: Replica[DivisionState] = Replica(DivisionChanged, Division, _division, key="code")
HOUSEHOLDS: Replica[HouseholdState] = Replica(
    HouseholdChanged,
    HouseholdReplica,
    _household,
    below=Below(PersonReplica, ("household_id", "member_id"), _persons),
    past=Past(HouseholdPast, "household_id", _PAST),
    moved=HouseholdState.moved_from,
)


async def take_divisions(db: Writer, states: Iterable[DivisionState]) -> None:
    """Keep the newest of each division."""
    await take(db, DIVISIONS, states)


async def take_households(db: Writer, told: Sequence[tuple[HouseholdState, datetime]]) -> None:
    """Keep the newest of each household, with all its members and no others, and what it was before as its past.

    Each state comes with the moment at which the registry told it.
    """
    moments = {(state.subject, state.sequence): moment for state, moment in told}
    await take(db, HOUSEHOLDS, [state for state, _ in told], told_at=moments)
