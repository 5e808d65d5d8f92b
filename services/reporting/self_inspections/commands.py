"""Making a self-inspection report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from services.reporting.figures.queries import figures_of
from services.reporting.figures.schemas import Figures, FiguresQuery, Level
from services.reporting.projections.model import CampaignFact, Division
from services.reporting.self_inspections.errors import NotAReportingUnit, UnknownCampaign
from services.reporting.self_inspections.model import SelfInspection
from services.reporting.self_inspections.schemas import (
    CampaignInReport,
    NewSelfInspection,
    SelfInspectionContent,
)
from services.reporting.self_inspections.wording import sections
from shared.database import Reader, Writer
from shared.domain.division import level_of
from shared.refusal import NotFound

#: A unit's report shows the units below it.
_BELOW: dict[str, Level] = {"county": "town", "town": "village", "park": "village"}


async def make_self_inspection(db: Writer, new: NewSelfInspection) -> SelfInspection:
    """Make a report of the figures at a moment and freeze it."""
    if not db.principal.covers(new.division_code):
        raise NotFound
    moment = new.as_of or db.now
    content = await _content(db, new, moment)
    report = SelfInspection(
        campaign_id=new.campaign_id,
        division_code=new.division_code,
        as_of=moment,
        made_by=db.principal.name,
        content=content.model_dump(mode="json"),
    )
    db.add(report)
    await db.flush()
    return report


async def _content(db: Reader, new: NewSelfInspection, moment: datetime) -> SelfInspectionContent:
    campaign = await _campaign(db, new, moment)
    unit = await _name(db, new.division_code)
    figures = await _figures(db, new, moment)
    return SelfInspectionContent(
        division_code=new.division_code,
        division_name=unit,
        campaign=campaign,
        as_of=moment,
        sections=sections(unit, campaign, **figures, next_steps=new.next_steps),
        **figures,
    )


async def _figures(db: Reader, new: NewSelfInspection, moment: datetime) -> dict[str, Any]:
    below = _BELOW.get(level_of(new.division_code).value)
    if below is None:
        raise NotAReportingUnit

    async def count(name: str, *, by: Level, dimension: str | None = None, campaign: bool = False) -> Figures:
        query = FiguresQuery(
            division=new.division_code,
            by=by,
            dimension=dimension,
            campaign_id=new.campaign_id if campaign else None,
            as_of=moment,
        )
        return await figures_of(db, name, query)

    return {
        "progress": await count("progress", by=below, campaign=True),
        "findings": await count("findings", by=below, dimension="area", campaign=True),
        "monitored": await count("monitored", by=below),
        "measures": await count("measures", by=below),
        "comparisons": await count("comparisons", by="county", dimension="dataset"),
    }


async def _campaign(db: Reader, new: NewSelfInspection, moment: datetime) -> CampaignInReport:
    # A campaign belongs to the county: a town's officer may not read the county's rows, but knows of the
    # campaign.
    found = await db.first(
        select(CampaignFact)
        .where(CampaignFact.id == new.campaign_id)
        .where(col(CampaignFact.valid_from) <= moment, col(CampaignFact.valid_to) > moment)
    )
    if found is None:
        raise UnknownCampaign
    return CampaignInReport(id=found.id, name=found.name, starts_on=found.starts_on, ends_on=found.ends_on)


async def _name(db: Reader, code: str) -> str:
    return await db.one(select(Division.name).where(Division.code == code))
