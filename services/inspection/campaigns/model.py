"""Tables of campaigns and of the towns' own schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, String

from services.inspection.campaigns.errors import (
    CampaignNotOpen,
    CampaignNotPaused,
    CampaignNotPlanned,
    CampaignOver,
    CampaignPaused,
)
from services.inspection.campaigns.phases import Phase, PhaseKind
from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.division import within
from shared.domain.working_days import add_working_days


class CampaignStatus(StrEnum):
    """From planning to the end."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class SeenFromBelow(Placed):
    """Belongs to a division and is seen by everybody inside it, not only by those who cover it.

    Row-level security compares ``[division_code, division_end)`` with the caller's area: reading asks for an
    overlap, writing for the whole.
    """

    division_end: str = Field(sa_type=String(12, collation="C"))


class Campaign(Row, Identified, SeenFromBelow, Recorded, table=True):
    """A concentrated inspection (集中排查) of the households of a division, usually a county."""

    name: str
    year: int
    #: Version of the checklist.
    checklist: str
    starts_on: date
    #: The deadline that no town may pass.
    ends_on: date
    status: str = CampaignStatus.PLANNED
    #: ``Phase`` of each kind, for divisions without a schedule of their own.
    phases: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: Where it is held: the whole division, or parts of it.
    divisions: list[str] = Field(sa_type=JSONB)
    #: Kinds of household that it is about; none means all.
    kinds: list[str] = Field(default=[], sa_type=JSONB)
    #: The earlier campaign whose unfinished findings it takes over when it opens.
    inherits: UUID | None = None
    #: Why it is paused, or was last.
    reason: str | None = None

    def open(self) -> None:
        """Begin."""
        if self.status != CampaignStatus.PLANNED:
            raise CampaignNotPlanned
        self.status = CampaignStatus.OPEN

    def pause(self, reason: str) -> None:
        """Interrupt, as a flood or an epidemic may: no visits until it is resumed; rectification goes on."""
        self.expect_open()
        self.status, self.reason = CampaignStatus.PAUSED, reason

    def resume(self) -> None:
        """Go on after a pause."""
        if self.status != CampaignStatus.PAUSED:
            raise CampaignNotPaused
        self.status = CampaignStatus.OPEN

    def close(self) -> None:
        """End, from a pause too. Findings that are not closed yet go on."""
        if self.status != CampaignStatus.PAUSED:
            self.expect_open()
        self.status = CampaignStatus.CLOSED

    def takes(self, division_code: str, kind: str) -> bool:
        """Tell whether a household of that kind, there, is one that the campaign is about."""
        return any(within(division_code, each) for each in self.divisions) and (
            not self.kinds or kind in self.kinds
        )

    def expect_open(self) -> None:
        """Refuse while the campaign has not begun or is paused, and when it has ended."""
        if self.status == CampaignStatus.PAUSED:
            raise CampaignPaused(self.reason or "", zh_detail=f"排查工作已暂停：{self.reason}")
        if self.status != CampaignStatus.OPEN:
            raise CampaignNotOpen

    def expect_not_closed(self) -> None:
        """Refuse when the campaign has ended."""
        if self.status == CampaignStatus.CLOSED:
            raise CampaignOver

    def deadline(self, found_on: date, working_days: int) -> date:
        """Return the deadline of a finding; the county's deadline caps what is found before it."""
        deadline = add_working_days(found_on, working_days)
        return min(deadline, self.ends_on) if found_on <= self.ends_on else deadline


class Schedule(Row, Identified, SeenFromBelow, Recorded, table=True):
    """A town's or park's own dates within the county's (压茬推进)."""

    __table_args__ = (UniqueConstraint("campaign_id", "division_code"), {"info": {"root": "campaign_id"}})

    campaign_id: UUID
    phases: list[dict[str, Any]] = Field(sa_type=JSONB)


def stored(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    """Return phases as the tables keep them."""
    return [phase.model_dump(mode="json") for phase in phases]


def phase_of(scheduled: Campaign | Schedule, kind: PhaseKind) -> Phase:
    """Return one phase of a campaign or schedule."""
    return next(Phase.model_validate(phase) for phase in scheduled.phases if phase["kind"] == kind)
