"""Findings about households whose risk was eliminated: something to look into, whoever raised them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import yaml
from sqlmodel import col, select

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import Arrival
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import MonitoredStatus
from shared.contracts.inspection import FindingState
from shared.database import Writer

#: A visit tells by its own signals what it means.
_VISIT = "visit"


@cache
def risky_items() -> Mapping[str, Mapping[str, str]]:
    """Return the items that may mean a risk: the type of risk, and what the item is about."""
    read: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        files(__package__).joinpath("findings.yaml").read_text("utf-8")
    )
    return read


async def take_findings(db: Writer, raised: Sequence[FindingState]) -> None:
    """Make clues of findings that may mean that an eliminated risk is back."""
    telling = [
        each for each in raised if each.source != _VISIT and each.item in risky_items() and each.household_id
    ]
    if not telling:
        return
    eliminated = set(
        await db.all(
            select(MonitoredObject.household_id).where(
                col(MonitoredObject.household_id).in_({each.household_id for each in telling}),
                col(MonitoredObject.status).in_(
                    [MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE]
                ),
            )
        )
    )
    arrivals = [_arrival(each) for each in telling if each.household_id in eliminated]
    if arrivals:
        await receive_many(db, arrivals)


def _arrival(finding: FindingState) -> Arrival:
    item = risky_items()[finding.item]
    assert finding.household_id is not None  # noqa: S101 - findings of places were left out
    return Arrival(
        household_id=finding.household_id,
        risk_type=item["risk"],
        source="inspection",
        facts=f"问题台账 {finding.item} {item['zh']}：风险消除后又发现问题",
        reference=f"finding:{finding.id}",
        received_on=finding.raised_on,
    )
