"""Tables of the monitored object, and the moves of its life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.monitored import errors
from services.monitoring.monitored.states import UNDER_WATCH, MonitoredStatus
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded

_OF_OBJECT = {"root": "monitored_id"}


class RiskEpisode(Row, Identified, Placed, Recorded, table=True):
    """One risk of a monitored object, from tagging to elimination. Never changed afterwards, never deleted."""

    __table_args__ = ({"info": _OF_OBJECT},)

    monitored_id: UUID = Field(index=True)
    #: 1 to 5, the weightiest first; ended episodes keep theirs.
    rank: int
    risk_type: str
    #: The person at risk, where the risk is a person's.
    member_id: UUID | None = None
    #: Sub-kind of a natural disaster.
    disaster_kind: str | None = None
    cause: str
    evidence: list[str] = Field(sa_type=JSONB)
    #: The rule that the decision rests on, its version, inputs and thresholds.
    judgement: dict[str, Any] = Field(sa_type=JSONB)
    #: The case, re-tagging or clue that opened it.
    origin: str
    tagged_on: date
    retagged: bool = False
    eliminated_on: date | None = None
    #: ``by_help`` or ``by_itself``.
    elimination: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the risk is there."""
        return self.eliminated_on is None


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
    reason: str | None = None
    #: The date of the newest step: the next one lies no earlier.
    stepped_on: date

    def tag(self, risks: Sequence[RiskEpisode], *, category: str, on: date) -> None:
        """Begin, or begin again after closure, with the risks of a county's approval (识别标注)."""
        if self.status != MonitoredStatus.CLOSED and self.open_risks:
            raise errors.MonitoredAlready
        self._move(MonitoredStatus.MONITORED, on)
        self.category, self.eliminated_on, self.reason = category, None, None
        self._open(risks)

    def add_risk(self, episode: RiskEpisode) -> None:
        """Add a risk that was found while the object is under watch."""
        if self.status not in {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_WITHHELD}:
            raise errors.NotMonitored
        self._open([episode])
        self._move(self.status, episode.tagged_on)

    def propose_elimination(self, *, on: date) -> None:
        """Begin the procedure that may end in elimination."""
        if self.status not in {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_WITHHELD}:
            raise errors.NotMonitored
        self._move(MonitoredStatus.ELIMINATION_PROPOSED, on)

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

    def become_candidate(self) -> None:
        """Take note that the risk may be back (待再标注)."""
        if self.status not in {MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE}:
            raise errors.NotEliminated
        self.status = MonitoredStatus.RETAG_CANDIDATE

    def stand_down(self, *, reason: str) -> None:
        """Find that it is not back: eliminated as before."""
        if self.status != MonitoredStatus.RETAG_CANDIDATE:
            raise errors.NotCandidate
        self.status, self.reason = MonitoredStatus.ELIMINATED, reason

    def retag(self, episode: RiskEpisode) -> None:
        """Put it under watch again, on the same thread (风险再标注)."""
        if self.status != MonitoredStatus.RETAG_CANDIDATE:
            raise errors.NotCandidate
        episode.retagged = True
        self._move(MonitoredStatus.MONITORED, episode.tagged_on)
        self._open([episode])
        self.eliminated_on, self.retagged, self.reason = None, self.retagged + 1, None

    def close(self, episodes: Sequence[RiskEpisode], *, reason: str, on: date) -> None:
        """End monitoring of a household that died out, moved away or was tagged by mistake (清退)."""
        if self.status == MonitoredStatus.CLOSED:
            raise errors.ObjectClosed
        self._end(episodes, how=None, on=on)
        self._move(MonitoredStatus.CLOSED, on)
        self.reason, self.eliminated_on = reason, None

    def assign_contact(self, *, name: str, unit: str, on: date) -> None:
        """Name who helps and watches (帮扶联系人)."""
        if self.status == MonitoredStatus.CLOSED:
            raise errors.ObjectClosed
        self.contact_name, self.contact_unit, self.contact_on = name, unit, on

    @property
    def is_under_watch(self) -> bool:
        """Tell whether a risk is open."""
        return self.status in UNDER_WATCH

    def _open(self, episodes: Sequence[RiskEpisode]) -> None:
        risks = [*self.open_risks, *(episode.risk_type for episode in episodes)]
        if len(risks) > errors.MOST_RISKS:
            raise errors.TooManyRisks
        if len(set(risks)) < len(risks):
            raise errors.RiskOpenAlready
        for rank, episode in enumerate(episodes, start=len(self.open_risks) + 1):
            episode.monitored_id, episode.division_code, episode.rank = self.id, self.division_code, rank
        self.open_risks = risks

    def _end(self, episodes: Sequence[RiskEpisode], *, how: str | None, on: date) -> None:
        for episode in episodes:
            if episode.is_open:
                episode.eliminated_on, episode.elimination = on, how
        self.open_risks = []

    def _move(self, status: str, on: date) -> None:
        self.status, self.stepped_on = status, on
