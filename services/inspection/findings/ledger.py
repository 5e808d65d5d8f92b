"""The ledger as officials read it: every finding with its four lists (四项清单)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.catalog import wording
from services.inspection.findings.model import ENDED, Finding
from services.inspection.findings.queries import matching, page_of
from services.inspection.findings.schemas import FindingQuery
from services.inspection.replicas.queries import names_of
from shared.database import Page, PageQuery, Reader

#: Rows that an export reads at once.
_CHUNK = 2000


class ProblemList(BaseModel):
    """问题清单."""

    area: str
    item: str
    #: The item in words, as it should be.
    item_zh: str
    division_code: str
    division_name: str | None
    object_kind: str
    object_name: str
    household_id: UUID | None
    facts: str
    severity: str
    source: str
    raised_on: date
    raised_by: str
    #: The same object and item was found within the year before.
    repeated: bool


class MeasureList(BaseModel):
    """措施清单."""

    root_cause: str | None
    measures: str | None
    rectification: str | None
    evidence: list[str]
    on_the_spot: bool


class ResponsibilityList(BaseModel):
    """责任清单."""

    unit: str | None
    person: str | None
    #: At whose table it lies, and the unit that has yet to accept it.
    level: str
    transfer_to: str | None
    rectified_by: str | None
    verified_by: str | None


class DeadlineList(BaseModel):
    """时限清单."""

    planned_on: date | None
    deadline_on: date
    rectified_on: date | None
    closed_on: date | None
    overdue: bool
    #: Calendar days past the deadline while not closed, else 0.
    days_overdue: int


class LedgerEntry(BaseModel):
    """One finding in the four lists."""

    id: UUID
    status: str
    problem: ProblemList
    measures: MeasureList
    responsibility: ResponsibilityList
    deadline: DeadlineList


async def ledger_page(db: Reader, query: FindingQuery, page: PageQuery) -> Page[LedgerEntry]:
    """Return one page of the ledger, in three statements."""
    found = await page_of(db, query, page)
    return found.with_items(await _entries(db, found.items))


async def ledger_chunks(db: Reader, query: FindingQuery) -> AsyncIterator[list[LedgerEntry]]:
    """Give the whole ledger, a few thousand findings at a time."""
    wanted = select(Finding).where(*matching(query, db.today)).order_by(col(Finding.id)).limit(_CHUNK)
    found = await db.all(wanted)
    while found:
        yield await _entries(db, found)
        found = await db.all(wanted.where(col(Finding.id) > found[-1].id))


async def title_of(db: Reader, query: FindingQuery) -> str:
    """Return what stands above a printed ledger: whose it is, of which campaign, on which day."""
    place = (await names_of(db, [query.division])).get(query.division) if query.division else None
    campaign = await db.find(Campaign, query.campaign_id) if query.campaign_id else None
    parts = [campaign.name if campaign else "", place or "", "问题台账"]
    return f"{' '.join(filter(None, parts))}（{db.today:%Y年%-m月%-d日}）"


async def _entries(db: Reader, findings: Sequence[Finding]) -> list[LedgerEntry]:
    names = await names_of(db, (finding.division_code for finding in findings))
    wanted = select(Campaign).where(col(Campaign.id).in_({finding.campaign_id for finding in findings}))
    versions = {campaign.id: campaign.checklist for campaign in await db.all(wanted)}
    return [
        _entry(
            finding,
            wording(versions[finding.campaign_id], finding.item),
            names.get(finding.division_code),
            db.today,
        )
        for finding in findings
    ]


def _entry(finding: Finding, item_zh: str, division_name: str | None, today: date) -> LedgerEntry:
    row = finding.model_dump(exclude={"measures"})
    late = 0 if finding.status in ENDED else (today - finding.deadline_on).days
    return LedgerEntry(
        id=finding.id,
        status=finding.status,
        problem=ProblemList(
            **row,
            area=finding.item.partition("-")[0],
            item_zh=item_zh,
            division_name=division_name,
            repeated=finding.repeats is not None,
        ),
        measures=MeasureList(**row, measures=finding.measures),
        responsibility=ResponsibilityList(
            unit=finding.responsible_unit,
            person=finding.responsible_person,
            level=finding.level,
            transfer_to=finding.transfer_to,
            rectified_by=finding.rectified_by_name,
            verified_by=finding.verified_by_name,
        ),
        deadline=DeadlineList(**row, overdue=late > 0, days_overdue=max(late, 0)),
    )
