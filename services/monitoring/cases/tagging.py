"""Tagging (识别标注): a county's approval makes a household a monitored object."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import IdentificationCase
from services.monitoring.cases.steps import Step
from services.monitoring.classes.leaving import leave_as_monitored
from services.monitoring.clues.model import Clue
from services.monitoring.monitored.episodes import Risk, RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from shared.database import Writer


async def tag_household(
    db: Writer, case: IdentificationCase, *, on: date
) -> tuple[MonitoredObject, list[RiskEpisode]]:
    """Put the household of an approved case under watch; return the object with all its episodes.

    The caller holds the household's lock. One that was closed goes on on its old thread.
    """
    shown, told = await _shown_at_check(db, case), await _told(db, case)
    risks = [_risk(checked, case, shown, told.get(checked["risk_type"], [])) for checked in case.risks]
    category = case.category or ""
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


async def _shown_at_check(db: Writer, case: IdentificationCase) -> list[str]:
    """Return what showed the household check, as it was done last."""
    checks = select(CaseEntry).where(
        col(CaseEntry.case_id) == case.id, col(CaseEntry.entry) == Step.HOUSEHOLD_CHECK
    )
    newest = await db.first(checks.order_by(col(CaseEntry.id).desc()).limit(1))
    return newest.evidence if newest else []


async def _told(db: Writer, case: IdentificationCase) -> dict[str, list[dict[str, Any]]]:
    """Return what was told of each risk, by the clues that the case was opened for or took in."""
    clues = await db.all(select(Clue).where(col(Clue.case_id) == case.id).order_by(col(Clue.id)))
    told: dict[str, list[dict[str, Any]]] = {}
    for clue in clues:
        told[clue.risk_type] = [*told.get(clue.risk_type, []), *clue.evidence]
    return told


def _risk(
    checked: dict[str, Any], case: IdentificationCase, shown: Sequence[str], told: Sequence[dict[str, Any]]
) -> Risk:
    member_id = checked["member_id"]
    return Risk(
        risk_type=checked["risk_type"],
        member_id=UUID(member_id) if member_id else None,
        disaster_kind=checked["disaster_kind"],
        cause=checked["cause"],
        evidence=shown,
        judgement=case.judgement | {"told": [*told]},
        origin=f"case:{case.id}",
    )
