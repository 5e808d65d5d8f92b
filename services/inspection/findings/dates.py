"""Dates of findings: when a step was made, and until when."""

from __future__ import annotations

from datetime import date

from services.inspection.campaigns.model import Campaign
from services.inspection.findings import errors


def deadline_of(campaign: Campaign, wished: date | None, on: date) -> date | None:
    """Check a deadline that somebody wishes; one that is not changed may have passed and stays overdue."""
    if wished is not None and wished < on:
        raise errors.DateOutOfOrder
    if wished is not None and on <= campaign.ends_on < wished:
        raise errors.DeadlineAfterCampaign
    return wished


def step_on(given: date | None, today: date, *, since: date | None = None) -> date:
    """Return the date of a step: it may be entered later, but lies neither in the future nor before ``since``."""
    on = given or today
    if on > today:
        raise errors.DateInFuture
    if since is not None and on < since:
        raise errors.DateOutOfOrder
    return on
