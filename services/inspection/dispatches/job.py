"""Freezing by itself: every week of every campaign, whether or not anybody asks."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign, CampaignStatus
from services.inspection.dispatches.commands import freeze
from services.inspection.dispatches.model import due_week
from shared.assembly import Runtime
from shared.database import Database
from shared.identity.principal import system
from shared.jobs import Schedule

#: How long after its end a campaign's last week is still frozen, where nobody did it in time.
_LATE = timedelta(days=7)
_SYSTEM = system("inspection")


async def freeze_weeks(database: Database) -> int:
    """Freeze the weeks that end tonight, and those that ended while nobody froze them; return how many."""
    async with database.reading(_SYSTEM) as db:
        campaigns = await db.all(
            select(Campaign).where(
                col(Campaign.status) != CampaignStatus.PLANNED,
                col(Campaign.starts_on) <= db.today,
                col(Campaign.ends_on) >= db.today - _LATE,
            )
        )
        weeks = {
            each.id: due_week(db.now, starts_on=each.starts_on, ends_on=each.ends_on) for each in campaigns
        }
    done = 0
    for campaign_id, week in weeks.items():
        if week:
            async with database.writing(_SYSTEM) as db:
                _units, new = await freeze(db, campaign_id, week)
                done += new
    return done


async def run(runtime: Runtime) -> None:
    """Freeze what is due."""
    await freeze_weeks(runtime.database)


WEEKLY_DISPATCH = Schedule("inspection.weekly_dispatch", "50 * * * *", run)
