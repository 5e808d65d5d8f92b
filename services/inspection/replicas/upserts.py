"""What is kept of the states that the household registry and monitoring tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.inspection.replicas.model import Division, Grid, Household, Monitored
from shared.contracts.envelope import Contract
from shared.contracts.household import (
    DivisionChanged,
    DivisionState,
    GridChanged,
    HouseholdChanged,
    HouseholdState,
)
from shared.contracts.monitoring import MonitoredState, MonitoringChanged
from shared.database import Writer
from shared.replicas import Replica, take

#: Columns of the table; the rest are facts, but for what no visit needs.
_COLUMNS = {"id", "number", "division_code", "group_name", "kind", "head_name", "version"}
_UNNEEDED = {"members": {"__all__": {"number_index"}}}


def _whole(state: Contract) -> dict[str, Any]:
    return state.model_dump(mode="json")


def _household(state: HouseholdState) -> dict[str, Any]:
    return {
        **state.model_dump(mode="json", include=_COLUMNS),
        "facts": state.model_dump(mode="json", exclude=_COLUMNS | _UNNEEDED.keys())
        | state.model_dump(mode="json", include={"members"}, exclude=_UNNEEDED),
        "inhabited": state.merged_into is None and any(each.left_on is None for each in state.members),
    }


DIVISIONS: Replica[DivisionState] = Replica(DivisionChanged, Division, _whole, key="code")
GRIDS = Replica(GridChanged, Grid, _whole)
HOUSEHOLDS: Replica[HouseholdState] = Replica(
    HouseholdChanged, Household, _household, moved=HouseholdState.moved_from
)
MONITORED: Replica[MonitoredState] = Replica(MonitoringChanged, Monitored, _whole)


async def take_divisions(db: Writer, states: Iterable[DivisionState]) -> None:
    """Keep the newest of each division."""
    await take(db, DIVISIONS, states)


async def take_grids(db: Writer, states: Iterable[GridChanged]) -> None:
    """Keep the newest of each grid."""
    await take(db, GRIDS, states)


async def take_households(db: Writer, states: Iterable[HouseholdState]) -> None:
    """Keep the newest of each household."""
    await take(db, HOUSEHOLDS, states)


async def take_monitored(db: Writer, states: Iterable[MonitoredState]) -> None:
    """Keep the newest of each monitored object."""
    await take(db, MONITORED, states)
