"""Where a household belongs to another village, all that monitoring keeps of it goes along, with its past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.applications.model import SelfApplication
from services.monitoring.assistance.events import changed
from services.monitoring.assistance.model import Measure, Plan
from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import IdentificationCase
from services.monitoring.classes.model import SupportClass
from services.monitoring.clues.model import Clue
from services.monitoring.credits.model import SmallCredit
from services.monitoring.doubts.model import Doubt
from services.monitoring.followups.events import told
from services.monitoring.followups.model import FollowUp, FollowUpTurn
from services.monitoring.gaps.model import LateDuty, StatedReason
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.events import tell_changed
from services.monitoring.monitored.lines import MonitoredEntry
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Closure, Elimination, Retagging
from services.monitoring.posts.model import PostPay, PublicPost
from services.monitoring.replicas.errors import HouseholdUnknown
from services.monitoring.replicas.queries import lock_households
from services.monitoring.replicas.whereabouts import hold_whereabouts
from shared.contracts.household import HouseholdRehomed
from shared.contracts.monitoring import CaseRehomed, ClassChanged, ClueRehomed, FollowUpRehomed
from shared.database import Writer

Kept = type[
    SelfApplication
    | Clue
    | IdentificationCase
    | MonitoredObject
    | Measure
    | SmallCredit
    | PublicPost
    | SupportClass
    | FollowUp
    | FollowUpTurn
    | Doubt
    | CaseEntry
    | RiskEpisode
    | Elimination
    | Retagging
    | Closure
    | Plan
    | StatedReason
    | LateDuty
    | PostPay
    | MonitoredEntry
]

#: Rows of a household, by which column; and rows of those: what stands above them, by which column.
_OF_HOUSEHOLDS: dict[Kept, str] = {
    SelfApplication: "household_id",
    Clue: "household_id",
    IdentificationCase: "household_id",
    MonitoredObject: "household_id",
    Measure: "household_id",
    SmallCredit: "household_id",
    PublicPost: "household_id",
    SupportClass: "household_id",
    Doubt: "household_id",
    FollowUp: "household_id",
    FollowUpTurn: "id",
}
_BELOW: dict[Kept, tuple[Kept, str]] = {
    CaseEntry: (IdentificationCase, "case_id"),
    RiskEpisode: (MonitoredObject, "monitored_id"),
    Elimination: (MonitoredObject, "monitored_id"),
    Retagging: (MonitoredObject, "monitored_id"),
    Closure: (MonitoredObject, "monitored_id"),
    Plan: (MonitoredObject, "monitored_id"),
    StatedReason: (MonitoredObject, "monitored_id"),
    LateDuty: (MonitoredObject, "monitored_id"),
    PostPay: (PublicPost, "post_id"),
    MonitoredEntry: (MonitoredObject, "monitored_id"),
}


#: Rows of a household that nobody follows: they just lie where it is.
_FOLLOWING = (
    "household_past",
    "rule_hit",
    "comparison_alert",
    "comparison_verdict",
    "reviewed_object",
    "comparison_correction",
    "attachment",
    "attachment_link",
)


async def follow_homes(db: Writer, moves: Sequence[HouseholdRehomed]) -> None:
    """Take what is kept of households to where they belong now; one whose news is not here yet comes again later."""
    versions = {move.household_id: move.version for move in moves}
    households = await lock_households(db, versions)
    if any(key not in households or households[key].sequence < version for key, version in versions.items()):
        raise HouseholdUnknown
    await hold_whereabouts(db, {each for move in moves for each in (move.division_code, move.into_code)})
    moved = {
        model: await _move(db, model, "household_replica", key, versions)
        for model, key in _OF_HOUSEHOLDS.items()
    }
    for model, (above, key) in _BELOW.items():
        moved[model] = await _move(db, model, str(above.__tablename__), key, moved[above])
    for table in _FOLLOWING:
        await _follow(db, table, versions)
    # The past of episodes and procedures is kept with their object's, pay's with its post's; lines of files have none.
    for model in (*_OF_HOUSEHOLDS, Plan):
        await db.history_follows(model, moved[model])
    await _tell(db, moved)


async def _move(db: Writer, model: Kept, above: str, key: str, ids: Collection[UUID]) -> list[UUID]:
    """Place a table's rows where those above them are; returns which have moved."""
    statement = text(
        f"""
        UPDATE {model.__tablename__} kept SET division_code = above.division_code FROM {above} above
        WHERE above.id = ANY(:ids) AND kept.{key} = above.id AND kept.division_code <> above.division_code
        RETURNING kept.id
        """  # noqa: S608 - names of mapped tables and columns
    )
    return [moved for (moved,) in await db.rows(statement, {"ids": list(ids)})]


async def _follow(db: Writer, table: str, ids: Collection[UUID]) -> None:
    statement = text(
        f"""
        UPDATE {table} kept SET division_code = home.division_code FROM household_replica home
        WHERE home.id = ANY(:ids) AND kept.household_id = home.id AND kept.division_code <> home.division_code
        """  # noqa: S608 - names of mapped tables
    )
    await db.execute(statement, {"ids": list(ids)})


async def _tell(db: Writer, moved: dict[Kept, list[UUID]]) -> None:
    clues = select(Clue).where(col(Clue.id).in_(moved[Clue])).order_by(col(Clue.id))
    db.record(*[ClueRehomed.model_validate(each, from_attributes=True) for each in await db.all(clues)])
    cases = select(IdentificationCase).where(col(IdentificationCase.id).in_(moved[IdentificationCase]))
    db.record(*[CaseRehomed.model_validate(each, from_attributes=True) for each in await db.all(cases)])
    measures = select(Measure).where(col(Measure.id).in_(moved[Measure])).order_by(col(Measure.id))
    db.record(*[changed(each) for each in await db.all(measures)])
    classes = (
        select(SupportClass)
        .where(col(SupportClass.id).in_(moved[SupportClass]))
        .order_by(col(SupportClass.id))
    )
    db.record(*[ClassChanged.model_validate(each, from_attributes=True) for each in await db.all(classes)])
    visits = select(FollowUp).where(col(FollowUp.id).in_(moved[FollowUp])).order_by(col(FollowUp.id))
    db.record(*[told(FollowUpRehomed, each) for each in await db.all(visits)])
    things = select(MonitoredObject).where(col(MonitoredObject.id).in_(moved[MonitoredObject]))
    await tell_changed(db, await db.all(things.order_by(col(MonitoredObject.id))))
