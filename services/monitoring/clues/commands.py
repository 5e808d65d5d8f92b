"""What is done with clues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import exists, or_, text, update
from sqlmodel import col, select

from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.clues.model import AWAITS_ADDING, UNSETTLED, Clue, ClueStatus, Receipt
from services.monitoring.clues.rules import Arrival, Outcome, Sender, Standing, outcome_of
from services.monitoring.clues.schemas import AssignmentDraft
from services.monitoring.dates import happened_on
from services.monitoring.monitored.events import tell_changed
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import MonitoredStatus
from services.monitoring.replicas.errors import HouseholdUnknown
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.replicas.queries import lock_households
from shared.contracts.monitoring import ClueReceived
from shared.database import Reader, Writer, inside

_NOTE_VISITS = text(
    """
    UPDATE clue SET
        visited_on = visit.day,
        -- Visited in time, and told of late: nobody was late.
        visit_overdue_on = CASE WHEN visit.day > clue.visit_due_on THEN clue.visit_overdue_on END,
        visit_overdue_rule = CASE WHEN visit.day > clue.visit_due_on THEN clue.visit_overdue_rule END
    FROM (
        SELECT told.id, told."on" AS day FROM jsonb_to_recordset(CAST(:visits AS jsonb)) AS told (id uuid, "on" date)
    ) visit
    WHERE clue.household_id = visit.id AND clue.settled_on IS NULL AND clue.received_on <= visit.day
        AND clue.visited_on IS NULL
    """
)


async def receive(db: Writer, arrival: Arrival) -> Receipt:
    """Take one thing told about a household; refuses with ``HouseholdUnknown``."""
    return (await receive_many(db, [arrival]))[0]


async def receive_many(db: Writer, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Take what is told about many households, in sets: a handful of statements for any number.

    Refuses all with ``HouseholdUnknown`` where one household is not known. Thousands belong into transactions of
    a few hundred each, since their households stay locked meanwhile.
    """
    desk = await Desk.open(db, {arrival.household_id for arrival in arrivals})
    receipts = [desk.take(arrival) for arrival in arrivals]
    await desk.tell()
    return receipts


async def assign_clues(db: Writer, draft: AssignmentDraft) -> int:
    """Give unsettled clues to somebody, in one statement; returns how many they are."""
    chosen = (
        [col(Clue.id).in_(draft.clue_ids)]
        if draft.clue_ids
        else [inside(Clue.division_code, draft.division or ""), col(Clue.assignee).is_(None)]
    )
    given = {"status": ClueStatus.ASSIGNED, "assignee": draft.assignee, "assigned_on": db.today}
    assigned = await db.execute(
        update(Clue)
        .where(*chosen, col(Clue.status).in_(UNSETTLED))
        .values(given)
        .returning(col(Clue.id))
        .execution_options(synchronize_session=False)
    )
    return len(assigned.all())


async def note_visits(db: Writer, visits: Iterable[tuple[UUID, date]]) -> None:
    """Note the first visit to each household with an unsettled clue, in one statement."""
    rows = [{"id": str(household_id), "on": day.isoformat()} for household_id, day in visits]
    await db.execute(_NOTE_VISITS, {"visits": orjson.dumps(rows).decode()})


class Desk:
    """Where arrivals become clues: it holds what is open about their households, and the households' locks."""

    def __init__(
        self,
        db: Writer,
        households: dict[UUID, HouseholdReplica],
        clues: Iterable[Clue],
        objects: dict[UUID, MonitoredObject],
    ) -> None:
        self._db = db
        self._households = households
        #: By household and type of risk.
        self._clues: dict[UUID, dict[str, Clue]] = defaultdict(dict)
        for clue in clues:
            self._clues[clue.household_id][clue.risk_type] = clue
        self._objects = objects
        self._told: dict[UUID, Clue] = {}
        self._candidates: dict[UUID, MonitoredObject] = {}

    @classmethod
    async def open(cls, db: Writer, household_ids: Collection[UUID]) -> Desk:
        """Lock the households and load what is open about them."""
        households = await lock_households(db, household_ids)
        objects = await db.all(
            select(MonitoredObject).where(
                col(MonitoredObject.household_id).in_(household_ids),
                col(MonitoredObject.status) != MonitoredStatus.CLOSED,
            )
        )
        clues = await open_clues(db, household_ids)
        return cls(db, households, clues, {each.household_id: each for each in objects})

    def take(self, arrival: Arrival) -> Receipt:
        """Decide what becomes of an arrival, and do it."""
        household = self._households.get(arrival.household_id)
        if household is None:
            raise HouseholdUnknown
        known = self._objects.get(household.id)
        outcome = outcome_of(arrival.risk_type, self._standing(household.id, known))
        if outcome is Outcome.ALREADY_MONITORED:
            return Receipt(arrival, outcome, None, known)
        on = happened_on(arrival.received_on, self._db.today)
        clue = self._confirmed(arrival, household, on) or self._made(arrival, household, on)
        if known and known.status == MonitoredStatus.ELIMINATED:
            known.become_candidate(on=self._db.today)
            self._candidates[known.id] = known
        clue.monitored_id = known.id if known else None
        return Receipt(arrival, outcome, clue, known)

    async def tell(self) -> None:
        """Save, and tell of new and confirmed clues and of new candidates."""
        await self._db.flush()
        self._db.record(
            *[ClueReceived.model_validate(clue, from_attributes=True) for clue in self._told.values()]
        )
        await tell_changed(self._db, list(self._candidates.values()))

    def _standing(self, household_id: UUID, known: MonitoredObject | None) -> Standing:
        told = self._clues[household_id]
        if known is None:
            return Standing(told)
        return Standing(told, known.status, known.open_risks, closing=known.closing_on is not None)

    @property
    def _sender(self) -> Sender:
        return Sender(self._db.principal.subject, self._db.principal.name)

    def _confirmed(self, arrival: Arrival, household: HouseholdReplica, on: date) -> Clue | None:
        clue = self._clues[arrival.household_id].get(arrival.risk_type)
        if clue is not None and clue.confirm(arrival, household, on=on, by=self._sender):
            self._told[clue.id] = clue
        return clue

    def _made(self, arrival: Arrival, household: HouseholdReplica, on: date) -> Clue:
        clue = Clue.of(arrival, household, on=on, by=self._sender)
        self._db.add(clue)
        self._clues[household.id][arrival.risk_type] = self._told[clue.id] = clue
        return clue


async def open_clues(db: Reader, household_ids: Collection[UUID]) -> list[Clue]:
    """Return clues without a verdict, and verified ones that nobody has answered: news is evidence there.

    These wait for their case, for a re-tagging, or for the town to add a further risk.
    """
    in_open_case = select(IdentificationCase.id).where(
        col(IdentificationCase.household_id).in_(household_ids),
        col(IdentificationCase.status) == CaseStatus.OPEN,
    )
    awaits_retagging = exists().where(
        col(MonitoredObject.id) == col(Clue.monitored_id),
        col(MonitoredObject.status) == MonitoredStatus.RETAG_CANDIDATE,
        # A clue of an earlier time has had its answer.
        col(Clue.answered_on).is_(None),
        col(Clue.status) == ClueStatus.VERIFIED_AT_RISK,
    )
    return await db.all(
        select(Clue).where(
            col(Clue.household_id).in_(household_ids),
            or_(
                col(Clue.status).in_(UNSETTLED),
                col(Clue.case_id).in_(in_open_case),
                awaits_retagging,
                AWAITS_ADDING,
            ),
        )
    )
