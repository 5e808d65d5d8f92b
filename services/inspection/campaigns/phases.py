"""The four phases of a campaign: the plan's proportions, and what a town's own dates must keep to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from services.inspection.campaigns.errors import CampaignTooShort, OutsideCampaign, PhasesOutOfOrder
from shared.domain.codes import code_lists


class PhaseKind(StrEnum):
    """What is done in a phase, in the order of the plan."""

    MOBILISATION = "mobilisation"
    """动员培训"""
    FIELDWORK = "fieldwork"
    """实地排查"""
    RECTIFICATION = "rectification"
    """问题整改及动态管理"""
    SUMMARY = "summary"
    """工作总结"""


#: Days of each phase in the county's plan: 6-8, 9-15, 16-25 and 26-28 June.
_PLAN_DAYS = {
    PhaseKind.MOBILISATION: 3,
    PhaseKind.FIELDWORK: 7,
    PhaseKind.RECTIFICATION: 10,
    PhaseKind.SUMMARY: 3,
}


class Phase(BaseModel):
    """A phase with its first and last day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PhaseKind
    starts_on: date
    ends_on: date


def default_phases(starts_on: date, ends_on: date) -> tuple[Phase, ...]:
    """Divide the days of a campaign as the plan does: exactly the plan's dates for its own 23 days."""
    days = (ends_on - starts_on).days + 1
    if days < len(PhaseKind):
        raise CampaignTooShort
    phases, planned, first = [], 0, 0
    for position, kind in enumerate(PhaseKind):
        planned += _PLAN_DAYS[kind]
        left = len(PhaseKind) - 1 - position
        # Rounding must leave every phase at least a day.
        end = min(max(round(days * planned / sum(_PLAN_DAYS.values())), first + 1), days - left)
        phases.append(
            Phase(kind=kind, starts_on=starts_on + timedelta(first), ends_on=starts_on + timedelta(end - 1))
        )
        first = end
    return tuple(phases)


def check_phases(phases: Sequence[Phase], *, starts_on: date, ends_on: date) -> None:
    """Refuse phases that are out of order or outside the campaign. They may overlap (压茬推进)."""
    if [phase.kind for phase in phases] != list(PhaseKind):
        raise PhasesOutOfOrder
    if any(phase.starts_on > phase.ends_on for phase in phases):
        raise PhasesOutOfOrder
    if any(b.starts_on < a.starts_on or b.ends_on < a.ends_on for a, b in pairwise(phases)):
        raise PhasesOutOfOrder
    for phase in phases:
        if phase.starts_on < starts_on or phase.ends_on > ends_on:
            raise OutsideCampaign(
                f"{phase.kind}: {phase.starts_on} to {phase.ends_on}, the campaign: {starts_on} to {ends_on}",
                zh_detail=f"{code_lists()['campaign_phase'].label(phase.kind)}阶段{phase.starts_on}至{phase.ends_on}，"
                f"超出全县排查期限{starts_on}至{ends_on}",
            )
