"""The table of monitored objects, and the moves of an object's life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.monitoring.limits import Due, due
from services.monitoring.monitored import errors
from services.monitoring.monitored.episodes import Risk, RiskEpisode
from services.monitoring.monitored.states import UNDER_WATCH, MonitoredStatus
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.level import Level


class MonitoredObject(Row, Identified, Placed, Recorded, table=True):
    """A household under watch for falling (back) into poverty (监测对象).

    Never deleted, and one a household: a returning risk re-tags the same object, so its history stays on one line.
    """

    __table_args__ = (
        CheckConstraint(
            "(status IN ('monitored', 'elimination_proposed', 'elimination_withheld')) = (open_risks <> '{}')",
            name="open_risk_while_under_watch",
        ),
        CheckConstraint(
            "(status IN ('eliminated', 'retag_candidate')) = (eliminated_on IS NOT NULL)",
            name="eliminated_with_date",
        ),
        CheckConstraint(
            "(status IN ('elimination_proposed', 'retag_candidate') OR closing_on IS NOT NULL) = (due_on IS NOT NULL)",
            name="due_while_undecided",
        ),
        Index("ix_monitored_object_due_on", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")),
    )

    #: One object a household: whoever tags holds the household's lock.
    household_id: UUID = Field(index=True)
    category: str
    status: str = MonitoredStatus.MONITORED
    #: When it was first tagged.
    tagged_on: date
    #: Types of the open risks, in their order; the episodes say the rest.
    open_risks: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    eliminated_on: date | None = None
    #: How often the risk came back.
    retagged: int = 0
    #: Help before procedure, after a disaster or accident (绿色通道).
    green_channel: bool = False
    contact_name: str | None = None
    contact_unit: str | None = None
    contact_on: date | None = None
    #: Of a closed object: code and words; else why an elimination or candidate was turned down.
    closure: str | None = None
    reason: str | None = None
    #: Since when a closure waits to be confirmed.
    closing_on: date | None = None
    #: Until when what is under way is in time (a closure comes last), by which version of the limits, and whose table
    #: it lies at; marks of the job.
    due_on: date | None = None
    due_rule: str | None = None
    level: str = Level.VILLAGE
    overdue_on: date | None = None
    escalated_on: date | None = None
    overdue_rule: str | None = None
    #: The date of the newest step: the next one lies no earlier.
    stepped_on: date
    #: How many there were: each is a version of its own, even one that changes nothing else here.
    steps: int = 1

    @classmethod
    def tagged(
        cls, household_id: UUID, division_code: str, risks: Sequence[Risk], *, category: str, on: date
    ) -> tuple[MonitoredObject, list[RiskEpisode]]:
        """Return a new object with its first episodes (识别标注)."""
        thing = cls(
            household_id=household_id,
            division_code=division_code,
            category=category,
            tagged_on=on,
            stepped_on=on,
            open_risks=[],
        )
        return thing, thing._open(risks, on)

    def tag_again(self, risks: Sequence[Risk], *, category: str, on: date) -> list[RiskEpisode]:
        """Begin again, after closure, on the same thread."""
        if self.status != MonitoredStatus.CLOSED:
            raise errors.MonitoredAlready
        episodes = self._open(risks, on)
        self._move(MonitoredStatus.MONITORED, on)
        self.category, self.closure, self.reason = category, None, None
        return episodes

    def add_risk(self, risk: Risk, *, on: date) -> RiskEpisode:
        """Add a risk that was found while the object is under watch."""
        if self.status not in {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_WITHHELD}:
            raise errors.NotMonitored
        (episode,) = self._open([risk], on)
        self.stepped(on)
        return episode

    def propose_elimination(self, *, on: date) -> None:
        """Begin the procedure that may end in elimination."""
        if self.status not in {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_WITHHELD}:
            raise errors.NotMonitored
        self._move(MonitoredStatus.ELIMINATION_PROPOSED, on)
        self._wait("elimination", Level.VILLAGE, on)

    def pass_up(self, level: Level, *, on: date) -> None:
        """Lay the elimination on the next table, where it does not lie on a higher one already."""
        self.level = max(Level(self.level), level, key=[*Level].index)
        self.stepped(on)

    def withhold_elimination(self, *, on: date) -> None:
        """Mark that nobody here can work: no elimination, but support and follow-up (暂不标注风险消除)."""
        if self.status not in {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_WITHHELD}:
            raise errors.NotMonitored
        self._move(MonitoredStatus.ELIMINATION_WITHHELD, on)

    def stay_monitored(self, *, reason: str, on: date) -> None:
        """Take back a proposed elimination."""
        if self.status != MonitoredStatus.ELIMINATION_PROPOSED:
            raise errors.NoElimination
        self._move(MonitoredStatus.MONITORED, on)
        self.reason = reason

    def eliminate(self, episodes: Sequence[RiskEpisode], *, how: str, on: date) -> None:
        """End all open episodes (风险消除)."""
        if self.status != MonitoredStatus.ELIMINATION_PROPOSED:
            raise errors.NoElimination
        self._end(episodes, how=how, on=on)
        self._move(MonitoredStatus.ELIMINATED, on)
        self.eliminated_on = on

    def become_candidate(self, *, on: date) -> None:
        """Take note that the risk may be back (待再标注), which the town verifies in time."""
        if self.status not in {MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE}:
            raise errors.NotEliminated
        if self.status == MonitoredStatus.ELIMINATED:
            self.status = MonitoredStatus.RETAG_CANDIDATE
            self._wait("retagging_check", Level.TOWN, on)

    def verified(self, *, on: date) -> None:
        """Take note that the town found it back, which the county decides in time."""
        self._wait("retagging", Level.COUNTY, on)
        self.stepped(on)

    def stand_down(self, *, reason: str) -> None:
        """Find that it is not back: eliminated as before."""
        if self.status != MonitoredStatus.RETAG_CANDIDATE:
            raise errors.NotCandidate
        self.status, self.reason = MonitoredStatus.ELIMINATED, reason
        self._wait_no_more()

    def retag(self, risk: Risk, *, on: date) -> RiskEpisode:
        """Put it under watch again, on the same thread (风险再标注)."""
        if self.status != MonitoredStatus.RETAG_CANDIDATE:
            raise errors.NotCandidate
        (episode,) = self._open([risk], on, retagged=True)
        self._move(MonitoredStatus.MONITORED, on)
        self.eliminated_on, self.retagged, self.reason = None, self.retagged + 1, None
        return episode

    def propose_closing(self, *, on: date) -> None:
        """Let the county decide in time whether to close it; meanwhile all goes on."""
        if self.status == MonitoredStatus.CLOSED:
            raise errors.ObjectClosed
        self.closing_on = on
        if self.due_on is None:
            self._wait("closure", Level.COUNTY, on)
        self.stepped(on)

    def keep(self, *, on: date) -> None:
        """Take note that it is not to be closed."""
        self.closing_on = None
        if self.status not in {MonitoredStatus.ELIMINATION_PROPOSED, MonitoredStatus.RETAG_CANDIDATE}:
            self._wait_no_more()
        self.stepped(on)

    def close(self, episodes: Sequence[RiskEpisode], *, kind: str, reason: str, on: date) -> None:
        """End monitoring of a household that died out, moved away or was tagged by mistake (清退)."""
        if self.status == MonitoredStatus.CLOSED:
            raise errors.ObjectClosed
        self._end(episodes, how=None, on=on)
        self.closing_on, self.closure, self.reason, self.eliminated_on = None, kind, reason, None
        self._move(MonitoredStatus.CLOSED, on)

    def assign_contact(self, *, name: str, unit: str, on: date) -> None:
        """Name who helps and watches (帮扶联系人)."""
        if self.status == MonitoredStatus.CLOSED:
            raise errors.ObjectClosed
        self.contact_name, self.contact_unit, self.contact_on = name, unit, on
        self.steps += 1

    def stepped(self, on: date) -> None:
        """Take note of a step that leaves the state as it is."""
        self.stepped_on, self.steps = on, self.steps + 1

    @property
    def is_under_watch(self) -> bool:
        """Tell whether a risk is open."""
        return self.status in UNDER_WATCH

    def _open(self, risks: Sequence[Risk], on: date, *, retagged: bool = False) -> list[RiskEpisode]:
        types = [*self.open_risks, *(risk.risk_type for risk in risks)]
        if len(types) > errors.MOST_RISKS:
            raise errors.TooManyRisks
        if len(set(types)) < len(types):
            raise errors.RiskOpenAlready
        first, self.open_risks = len(self.open_risks) + 1, types
        return [
            RiskEpisode(
                monitored_id=self.id,
                division_code=self.division_code,
                rank=rank,
                risk_type=risk.risk_type,
                member_id=risk.member_id,
                disaster_kind=risk.disaster_kind,
                cause=risk.cause,
                evidence=list(risk.evidence),
                judgement=dict(risk.judgement),
                origin=risk.origin,
                tagged_on=on,
                retagged=retagged,
            )
            for rank, risk in enumerate(risks, start=first)
        ]

    def _end(self, episodes: Sequence[RiskEpisode], *, how: str | None, on: date) -> None:
        for episode in episodes:
            if episode.is_open:
                episode.eliminated_on, episode.elimination = on, how
        self.open_risks = []

    def _wait(self, limit: str, level: Level, on: date) -> None:
        self._wait_for(due(limit, self.division_code, on), level)

    def _wait_no_more(self) -> None:
        if self.closing_on:
            self._wait("closure", Level.COUNTY, self.closing_on)
        else:
            self._wait_for((None, None), Level.VILLAGE)

    def _wait_for(self, until: Due | tuple[None, None], level: Level) -> None:
        (self.due_on, self.due_rule), self.level = until, level
        self.overdue_on = self.escalated_on = self.overdue_rule = None

    def _move(self, status: str, on: date) -> None:
        self.status = status
        self._wait_no_more()
        self.stepped(on)
