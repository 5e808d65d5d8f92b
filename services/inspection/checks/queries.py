"""Checks that were made, places that nobody has checked, and what is known before a check."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from services.inspection.asking.rules import form_item, last_answers
from services.inspection.asking.schemas import FormFinding, FormItem
from services.inspection.campaigns.model import Campaign, Schedule
from services.inspection.checklists.catalog import checklist_of
from services.inspection.checklists.model import Item
from services.inspection.checks.model import SiteCheck
from services.inspection.checks.schemas import CheckForm, UncheckedSite
from services.inspection.checks.sites import Site, site_of
from services.inspection.findings.model import Finding, is_open
from shared.database import Page, PageQuery, Reader, inside
from shared.database.paging import cut, decode_cursor
from shared.domain.division import area_range, town_of

#: Earlier checks that are looked through.
_CHECKS_READ = 20
#: Villages and objects without a check: $1 campaign, $2 and $3 the area, $4 beginnings of the codes where the campaign
#: is held, $5 and $6 the last one before, $7 the limit.
_UNCHECKED = """
    SELECT * FROM (
        SELECT code AS division_code, NULL::uuid AS object_id, 'village' AS kind, name FROM division
        WHERE level = 'village' AND code >= $2 AND code < $3 AND NOT EXISTS (
            SELECT FROM site_check c
            WHERE c.campaign_id = $1 AND c.division_code = division.code AND c.object_id IS NULL)
        UNION ALL
        SELECT division_code, id, kind, name FROM inspected_object
        WHERE ended_on IS NULL AND division_code >= $2 AND division_code < $3 AND NOT EXISTS (
            SELECT FROM site_check c WHERE c.campaign_id = $1 AND c.object_id = inspected_object.id)
    ) site
    WHERE EXISTS (SELECT FROM unnest($4::text[]) beginning WHERE starts_with(division_code, beginning))
        AND (division_code, coalesce(object_id::text, '')) > ($5, $6)
    ORDER BY division_code, coalesce(object_id::text, '') LIMIT $7
"""


async def schedule_at(db: Reader, campaign: Campaign, division_code: str) -> Schedule | Campaign:
    """Return the dates that hold in a division."""
    own = select(Schedule).where(
        col(Schedule.campaign_id) == campaign.id, col(Schedule.division_code) == town_of(division_code)
    )
    return await db.first(own) or campaign


async def form_of(
    db: Reader, campaign_id: UUID, *, division_code: str | None, object_id: UUID | None
) -> CheckForm:
    """Return the form of a check, with what earlier checks found and what is still open."""
    campaign = await db.get(Campaign, campaign_id)
    site = await site_of(db, campaign, division_code=division_code, object_id=object_id)
    checks = await db.all(
        select(SiteCheck)
        .where(*_of(SiteCheck, site))
        .order_by(col(SiteCheck.checked_at).desc())
        .limit(_CHECKS_READ)
    )
    findings = await db.all(
        select(Finding)
        .where(*_of(Finding, site), col(Finding.object_name) == site.name, is_open())
        .order_by(col(Finding.deadline_on), col(Finding.id))
    )
    last = last_answers((check.checked_at, check.answers) for check in checks)
    items = [each for each in checklist_of(campaign.checklist).items.values() if site.is_asked(each)]
    return CheckForm(
        campaign_id=campaign.id,
        division_code=site.division_code,
        division_name=site.division_name,
        object_id=site.object_id,
        kind=site.kind,
        object_name=site.name,
        unit=site.object.unit if site.object else None,
        contact=site.object.contact if site.object else None,
        last_checked_at=checks[0].checked_at if checks else None,
        items=[_asked(form_item(item, {}, last), items) for item in items],
        open_findings=[FormFinding.model_validate(finding) for finding in findings],
    )


def _asked(item: FormItem, items: Sequence[Item]) -> FormItem:
    """Return an item as it is asked here: where what it follows is asked at the door only, it is asked at once."""
    follows = item.after and item.after.item in {each.code for each in items}
    return item if follows else item.model_copy(update={"after": None})


def _of(model: type[SiteCheck | Finding], site: Site) -> list[ColumnElement[bool]]:
    if site.object_id:
        return [col(model.object_id) == site.object_id]
    household = [col(Finding.household_id).is_(None)] if model is Finding else []
    return [col(model.division_code) == site.division_code, col(model.object_id).is_(None), *household]


async def page_of_checks(
    db: Reader, campaign_id: UUID, *, division: str | None, object_id: UUID | None, page: PageQuery
) -> Page[SiteCheck]:
    """Return a campaign's checks in the order of their ids."""
    await db.get(Campaign, campaign_id)
    wanted = select(SiteCheck).where(col(SiteCheck.campaign_id) == campaign_id)
    if division:
        wanted = wanted.where(inside(SiteCheck.division_code, division))
    if object_id:
        wanted = wanted.where(col(SiteCheck.object_id) == object_id)
    return await db.page(wanted, order=[col(SiteCheck.id)], page=page)


async def list_unchecked(
    db: Reader, campaign_id: UUID, *, division: str | None, page: PageQuery
) -> Page[UncheckedSite]:
    """List the villages and objects of the caller's area that nobody has checked in this campaign."""
    campaign = await db.get(Campaign, campaign_id)
    low, high = area_range(division or campaign.division_code)
    # Divisions are known to everybody; whose they are to check is not.
    mine = db.principal.hull
    low, high = max(low, mine[0]), min(high, mine[1])
    held = [area_range(each)[0] for each in campaign.divisions]
    after = decode_cursor(page.cursor, [str, str]) if page.cursor else ["", ""]
    rows = await db.glance(_UNCHECKED, campaign_id, low, high, held, *after, page.limit + 1)
    found = [UncheckedSite(**row) for row in rows]
    return cut(found, page.limit, lambda last: [last.division_code, str(last.object_id or "")])
