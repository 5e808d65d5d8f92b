"""Sessions with their figures, and who was at none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select as rows_of
from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.trainings.model import Attendance, Training
from services.inspection.trainings.schemas import Attendee, TrainingView
from shared.database import Page, PageQuery, Reader
from shared.database.paging import cut, decode_cursor
from shared.domain.division import area_range

#: Whoever is in a team and was at no session of the campaign: $1 campaign, $2 and $3 the area, $4 and $5 the last one
#: before, $6 the limit.
_UNTRAINED = """
    SELECT division_code, name, min(role) AS role, 'invited' AS status FROM (
        SELECT team.division_code, member ->> 'name' AS name, member ->> 'role' AS role
        FROM team CROSS JOIN LATERAL jsonb_array_elements(team.members) member
        WHERE team.campaign_id = $1 AND team.division_code >= $2 AND team.division_code < $3
    ) people
    WHERE (division_code, name) > ($4, $5) AND NOT EXISTS (
        SELECT FROM attendance JOIN training ON training.id = attendance.training_id
        WHERE training.campaign_id = $1 AND attendance.status = 'attended'
            AND attendance.division_code = people.division_code AND attendance.name = people.name)
    GROUP BY division_code, name ORDER BY division_code, name LIMIT $6
"""


async def views_of(db: Reader, trainings: Sequence[Training]) -> list[TrainingView]:
    """Return sessions with the figures of the people whom the caller may see."""
    status = col(Attendance.status)
    rows = await db.rows(
        rows_of(
            col(Attendance.training_id),
            func.count(),
            func.count().filter(status == "attended"),
            func.count().filter(status == "excused"),
        )
        .where(col(Attendance.training_id).in_([each.id for each in trainings]))
        .group_by(col(Attendance.training_id))
    )
    counted = {key: numbers for key, *numbers in rows}
    views = []
    for each in trainings:
        expected, attended, excused = counted.get(each.id, (0, 0, 0))
        rate = round(100 * attended / expected, 1) if expected else None
        figures = {"expected": expected, "attended": attended, "excused": excused, "rate": rate}
        views.append(TrainingView(**each.model_dump(), **figures))
    return views


async def training_of(db: Reader, campaign_id: UUID, training_id: UUID) -> Training:
    """Return a session of that campaign, or refuse."""
    return await db.one(
        select(Training).where(col(Training.id) == training_id, col(Training.campaign_id) == campaign_id)
    )


async def list_trainings(db: Reader, campaign_id: UUID, page: PageQuery) -> Page[TrainingView]:
    """List a campaign's sessions by day."""
    await db.get(Campaign, campaign_id)
    wanted = select(Training).where(col(Training.campaign_id) == campaign_id)
    found = await db.page(wanted, order=[col(Training.held_on), col(Training.id)], page=page)
    return found.with_items(await views_of(db, found.items))


async def list_attendees(db: Reader, campaign_id: UUID, training_id: UUID, page: PageQuery) -> Page[Attendee]:
    """List who was asked to a session, by place and name."""
    await training_of(db, campaign_id, training_id)
    wanted = select(Attendance).where(col(Attendance.training_id) == training_id)
    found = await db.page(wanted, order=[col(Attendance.division_code), col(Attendance.name)], page=page)
    return found.each(Attendee.model_validate)


async def list_untrained(
    db: Reader, campaign_id: UUID, division: str | None, page: PageQuery
) -> Page[Attendee]:
    """List the people of teams who attended no session yet."""
    campaign = await db.get(Campaign, campaign_id)
    low, high = area_range(division or campaign.division_code)
    after = decode_cursor(page.cursor, [str, str]) if page.cursor else ["", ""]
    rows = await db.glance(_UNTRAINED, campaign_id, low, high, *after, page.limit + 1)
    return cut([Attendee(**row) for row in rows], page.limit, lambda last: [last.division_code, last.name])
