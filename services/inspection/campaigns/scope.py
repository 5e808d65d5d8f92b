"""What a campaign covers, as conditions: its divisions and its kinds of household."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true
from sqlmodel import col

from services.inspection.campaigns.model import Campaign
from services.inspection.replicas.model import Household
from services.inspection.tallies.model import HouseholdTally
from shared.database import inside


def covered(campaign: Campaign, column: Any) -> ColumnElement[bool]:
    """Return what holds of rows that lie where the campaign is held."""
    return or_(*(inside(column, division) for division in campaign.divisions))


def in_scope(
    campaign: Campaign, counted: type[Household | HouseholdTally], division: str | None = None
) -> ColumnElement[bool]:
    """Return what holds of the households that the campaign is about, or of their tallies, within ``division``."""
    return and_(
        covered(campaign, counted.division_code),
        inside(counted.division_code, division) if division else true(),
        col(counted.kind).in_(campaign.kinds) if campaign.kinds else true(),
    )


def left_scope(campaign: Campaign, division: str) -> ColumnElement[bool]:
    """Return what holds of the households within ``division`` that are not to be visited, or not any more."""
    left = [not_(col(Household.inhabited))]
    if campaign.kinds:
        left.append(col(Household.kind).not_in(campaign.kinds))
    if campaign.divisions != [campaign.division_code]:
        left.append(not_(covered(campaign, Household.division_code)))
    return and_(inside(Household.division_code, division), or_(*left))


def due(campaign: Campaign, division: str | None = None) -> ColumnElement[bool]:
    """Return what holds of the households that are to be visited: those in scope where somebody lives."""
    return and_(in_scope(campaign, Household, division), col(Household.inhabited))
