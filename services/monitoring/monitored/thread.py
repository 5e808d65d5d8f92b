"""A monitored object as a command takes it up: locked, with its episodes, its household and the clue behind a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.cases.model import IdentificationCase
from services.monitoring.clues.model import UNSETTLED, Clue, ClueStatus
from services.monitoring.dates import happened_on
from services.monitoring.forms import StepForm
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.errors import ClueNotForThis
from services.monitoring.monitored.events import told
from services.monitoring.monitored.lines import write_line
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from services.monitoring.replicas.queries import lock_household, present_members
from shared.contracts.monitoring import ClueSettled, MonitoredState
from shared.database import Writer

S = TypeVar("S", bound=MonitoredState)


@dataclass(frozen=True, slots=True)
class Thread:
    """An object, locked; ``episodes`` are all of its past, oldest first."""

    thing: MonitoredObject
    household: HouseholdReplica
    members: list[PersonReplica]
    episodes: list[RiskEpisode]

    @property
    def open_episodes(self) -> list[RiskEpisode]:
        """The risks that are there."""
        return [episode for episode in self.episodes if episode.is_open]

    def on(self, form: StepForm, today: date) -> date:
        """Return the date of a step: no earlier than the one before."""
        return happened_on(form.on, today, since=self.thing.stepped_on)


async def take_up(db: Writer, monitored_id: UUID, *, version: int) -> Thread:
    """Lock the household, then its object, as everybody does."""
    household = await lock_household(db, (await db.get(MonitoredObject, monitored_id)).household_id)
    thing = await db.one(
        select(MonitoredObject)
        .where(col(MonitoredObject.id) == monitored_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    episodes = await db.all(
        select(RiskEpisode)
        .where(col(RiskEpisode.monitored_id) == monitored_id)
        .order_by(col(RiskEpisode.tagged_on), col(RiskEpisode.id))
    )
    return Thread(thing.expect(version), household, await present_members(db, household.id), episodes)


async def lay_down(
    db: Writer,
    thread: Thread,
    kind: type[S],
    *,
    entry: str,
    form: StepForm,
    on: date,
    about_id: UUID | None = None,
) -> MonitoredObject:
    """Save what a command did with its line in the file, and tell of it."""
    await write_line(db, thread.thing, entry, form, on=on, about_id=about_id)
    await db.flush()
    db.record(told(kind, thread.thing, thread.episodes))
    return thread.thing


async def expect_no_kin(db: Writer, thread: Thread) -> None:
    """Refuse the caller where the newest identification names them as kin of the household (亲属回避)."""
    case = await _identification(db, thread)
    if case:
        case.expect_no_kin(db.principal.name)


async def kin_of(db: Writer, thread: Thread) -> set[str]:
    """Return whom the newest identification names as kin of the household."""
    case = await _identification(db, thread)
    return case.kin if case else set()


async def _identification(db: Writer, thread: Thread) -> IdentificationCase | None:
    return await db.first(
        select(IdentificationCase)
        .where(
            col(IdentificationCase.division_code) == thread.thing.division_code,
            col(IdentificationCase.monitored_id) == thread.thing.id,
        )
        .order_by(col(IdentificationCase.id).desc())
        .limit(1)
    )


async def answer(
    db: Writer, thread: Thread, *, risk_type: str | None, clue_id: UUID | None, on: date
) -> list[Clue]:
    """Take note that verified risks of that type, or told in that clue, have their answer; return which have none."""
    await db.flush()
    unanswered = await db.all(
        select(Clue)
        .where(
            col(Clue.household_id) == thread.household.id,
            col(Clue.monitored_id) == thread.thing.id,
            col(Clue.status) == ClueStatus.VERIFIED_AT_RISK,
            col(Clue.answered_on).is_(None),
        )
        .order_by(col(Clue.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for clue in unanswered:
        if clue.risk_type == risk_type or clue.id == clue_id:
            clue.answer(on=on)
    return [clue for clue in unanswered if clue.answered_on is None]


async def settle_behind(
    db: Writer, thread: Thread, clue_id: UUID | None, *, verdict: str, on: date
) -> Clue | None:
    """Return the clue behind a step; one without a verdict gets it with the step."""
    if clue_id is None:
        return None
    clue = await db.get(Clue, clue_id)
    if clue.household_id != thread.household.id or clue.status == ClueStatus.DISMISSED:
        raise ClueNotForThis
    if clue.status in UNSETTLED:
        clue.verify(verdict=verdict, by=db.principal.subject, name=db.principal.name, on=on)
        clue.monitored_id = thread.thing.id
        await db.flush()
        db.record(ClueSettled.model_validate(clue, from_attributes=True))
    return clue
