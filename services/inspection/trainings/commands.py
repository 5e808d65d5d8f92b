"""Announcing sessions and noting who came."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.inspection.campaigns.commands import campaign_for
from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.trainings.model import Attendance, Training
from services.inspection.trainings.queries import training_of
from services.inspection.trainings.schemas import AttendancesDraft, TrainingDraft
from shared.database import Writer
from shared.domain.division import area_range

_INVITE = text(
    """
    INSERT INTO attendance (training_id, division_code, name, role, status)
    SELECT :training, team.division_code, member ->> 'name', min(member ->> 'role'), 'invited'
    FROM team CROSS JOIN LATERAL jsonb_array_elements(team.members) member
    WHERE team.campaign_id = :campaign AND team.division_code >= :low AND team.division_code < :high
    GROUP BY team.division_code, member ->> 'name'
    """
)


async def announce(db: Writer, campaign_id: UUID, draft: TrainingDraft) -> Training:
    """Announce a session, and ask the teams of its division to come."""
    await campaign_for(db, campaign_id, draft.division_code)
    low, high = area_range(draft.division_code)
    training = Training(
        campaign_id=campaign_id, division_end=high, **draft.model_dump(exclude={"invite_teams"})
    )
    db.add(training)
    await db.flush()
    if draft.invite_teams:
        await db.execute(
            _INVITE, {"training": training.id, "campaign": campaign_id, "low": low, "high": high}
        )
    return training


async def note_attendance(
    db: Writer, campaign_id: UUID, training_id: UUID, draft: AttendancesDraft
) -> Training:
    """Note who came, in one statement; the last word about somebody counts."""
    (await db.get(Campaign, campaign_id)).expect_not_closed()
    training = await training_of(db, campaign_id, training_id)
    people = {(each.division_code, each.name): each for each in draft.people}
    if not all(db.principal.covers(code) for code, _name in people):
        raise OutsideYourArea
    rows = [people[key].model_dump() | {"training_id": training_id} for key in sorted(people)]
    noted = insert(Attendance).values(rows)
    await db.execute(
        noted.on_conflict_do_update(
            index_elements=["training_id", "division_code", "name"],
            set_={name: noted.excluded[name] for name in ("role", "status")},
            where=col(Attendance.status) != noted.excluded.status,
        )
    )
    return training
