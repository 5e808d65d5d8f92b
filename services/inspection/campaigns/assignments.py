"""Assignments: which officer looks after which village in a campaign, and how far they are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.inspection.campaigns.errors import NotInCampaign, OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.progress import households_by
from services.inspection.replicas.queries import names_of
from services.inspection.tables import Row
from shared.database import Identified, Page, PageQuery, Placed, Reader, Recorded, Writer, inside
from shared.domain.division import DivisionCode, within
from shared.keys import uuid7


class Assignment(Row, Identified, Placed, Recorded, table=True):
    """The officer of a village; history tells who it was before."""

    __table_args__ = (UniqueConstraint("campaign_id", "division_code"), {"info": {"root": "campaign_id"}})

    campaign_id: UUID
    officer: str


class AssignmentDraft(BaseModel):
    """An officer for a village."""

    model_config = ConfigDict(extra="forbid")

    division_code: DivisionCode
    officer: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class AssignmentsDraft(BaseModel):
    """Officers for villages; a village that has one gets the new one."""

    model_config = ConfigDict(extra="forbid")

    assignments: Annotated[list[AssignmentDraft], Field(min_length=1, max_length=500)]


class Assigned(BaseModel):
    """How many villages have a new officer."""

    changed: int


class AssignmentView(BaseModel):
    """The officer of a village, with the households to visit and those visited."""

    division_code: str
    division_name: str | None
    officer: str
    due: int
    visited: int


async def assign(db: Writer, campaign_id: UUID, draft: AssignmentsDraft) -> int:
    """Assign officers to villages in one statement; return how many villages have another officer than before."""
    campaign = await db.get(Campaign, campaign_id)
    campaign.expect_not_closed()
    officers = {each.division_code: each.officer for each in draft.assignments}
    if not all(db.principal.covers(code) for code in officers):
        raise OutsideYourArea
    if not all(within(code, campaign.division_code) for code in officers):
        raise NotInCampaign
    added = insert(Assignment).values(
        [
            {"id": uuid7(), "campaign_id": campaign_id, "division_code": code, "officer": officer}
            for code, officer in sorted(officers.items())
        ]
    )
    changed = await db.execute(
        added.on_conflict_do_update(
            index_elements=["campaign_id", "division_code"],
            set_={"officer": added.excluded.officer},
            where=added.excluded.officer != col(Assignment.officer),
        )
    )
    return changed.rowcount


async def assignments_of(
    db: Reader, campaign_id: UUID, *, division: str | None, page: PageQuery
) -> Page[AssignmentView]:
    """Return a campaign's assignments by village, in four statements."""
    campaign = await db.get(Campaign, campaign_id)
    wanted = select(Assignment).where(
        col(Assignment.campaign_id) == campaign_id,
        inside(Assignment.division_code, division or campaign.division_code),
    )
    found = await db.page(wanted, order=[col(Assignment.division_code)], page=page)
    codes = [each.division_code for each in found.items]
    names = await names_of(db, codes)
    counted = await households_by(db, campaign, "village", division or campaign.division_code)
    items = []
    for each in found.items:
        due, visited = counted.get(each.division_code, (0, 0))
        items.append(
            AssignmentView(
                division_code=each.division_code,
                division_name=names.get(each.division_code),
                officer=each.officer,
                due=due,
                visited=visited,
            )
        )
    return Page(items=items, next=found.next, total=found.total)
