"""Tagging (识别标注): a county's approval makes a household a monitored object."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import IdentificationCase
from services.monitoring.classes.leaving import leave_as_monitored
from services.monitoring.clues.model import Clue
from services.monitoring.monitored.episodes import Risk, RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from shared.database import Writer


async def tag_household(
    db: Writer, case: IdentificationCase, check: CaseEntry, told: Sequence[Clue], *, on: date
) -> tuple[MonitoredObject, list[RiskEpisode]]:
    """Put the household of an approved case under watch; return the object with all its episodes.

    Each risk shows what the household check showed, and what was told of it. The caller holds the household's lock. One
    that was closed goes on on its old thread.
    """
    risks, category = [_risk(checked, case, check, told) for checked in case.risks], case.category or ""
    thing = await db.first(
        select(MonitoredObject)
        .where(col(MonitoredObject.household_id) == case.household_id)
        .with_for_update()
    )
    if thing is None:
        earlier: list[RiskEpisode] = []
        thing, opened = MonitoredObject.tagged(
            case.household_id, case.division_code, risks, category=category, on=on
        )
        db.add(thing)
    else:
        earlier = await db.all(select(RiskEpisode).where(col(RiskEpisode.monitored_id) == thing.id))
        opened = thing.tag_again(risks, category=category, on=on)
    thing.green_channel = case.green_channel
    await leave_as_monitored(db, case.household_id, on=on)
    db.add(*opened)
    return thing, [*earlier, *opened]


def _risk(checked: dict[str, Any], case: IdentificationCase, check: CaseEntry, told: Sequence[Clue]) -> Risk:
    member_id = checked["member_id"]
    return Risk(
        risk_type=checked["risk_type"],
        member_id=UUID(member_id) if member_id else None,
        disaster_kind=checked["disaster_kind"],
        cause=checked["cause"],
        evidence=check.evidence,
        judgement=case.judgement
        | {
            "told": [
                each for clue in told if clue.risk_type == checked["risk_type"] for each in clue.evidence
            ]
        },
        origin=f"case:{case.id}",
    )
