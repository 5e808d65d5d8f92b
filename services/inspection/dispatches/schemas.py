"""What a weekly dispatch says."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.inspection.campaigns.schemas import DivisionProgress, FindingCounts

RANKING_ZH = "依次比较：入户率高者在前；销号率高者在前；超期问题少者在前。三项相同的并列。"
RANKING_EN = "By coverage, then by closed of raised, then by fewer overdue; equal in all three share a rank."


class Change(BaseModel):
    """Since the week before; the first week counts from nought."""

    visited: int
    #: In percentage points; null where there is no household, or was none.
    coverage: float | None
    raised: int
    closed: int
    open: int
    overdue: int


class Line(BaseModel):
    """One unit's figures, where they put it, and what they were a week before."""

    progress: DivisionProgress
    #: Closed of raised in percent, one decimal; null where nothing was raised.
    closure: float | None
    rank: int
    change: Change


class PersonToWatch(BaseModel):
    """Who answers for what is overdue (盯人)."""

    unit: str
    person: str
    open: int
    overdue: int
    #: The longest time overdue, in working days.
    working_days: int


class MatterToWatch(BaseModel):
    """A finding that must not wait any longer (盯事): overdue, or critical and open; the latest first."""

    finding_id: UUID
    division_code: str
    division_name: str | None
    item: str
    item_zh: str
    object_name: str
    severity: str
    level: str
    status: str
    deadline_on: date
    working_days_overdue: int
    responsible_unit: str | None
    responsible_person: str | None


class ResultToWatch(BaseModel):
    """What is expected by the end of the coming week (盯结果): findings that fall due, by who answers for them."""

    unit: str
    findings: int
    first_due_on: date
    last_due_on: date


class Watch(BaseModel):
    """People, matters and results to watch."""

    people: list[PersonToWatch]
    matters: list[MatterToWatch]
    results: list[ResultToWatch]


class DispatchContent(BaseModel):
    """A week's figures of one unit: a town with its villages, or the county with its towns and parks."""

    campaign_id: UUID
    campaign_name: str
    division_code: str
    division_name: str | None
    week: int
    starts_on: date
    ends_on: date
    #: The moment at which everything below was true.
    as_of: datetime
    total: DivisionProgress
    change: Change
    #: By rank.
    lines: list[Line]
    ranking: str = RANKING_ZH
    ranking_en: str = RANKING_EN
    #: Findings by area of inspection, A1 to A8.
    areas: dict[str, FindingCounts]
    #: Only for those to whose area the unit belongs as a whole; null for a town that reads the county's.
    watch: Watch | None
    #: Where each kind of figure can be read, row by row, in ``/api/v1``.
    sources: dict[str, str]


class DispatchLine(BaseModel):
    """A weekly dispatch in a list."""

    model_config = ConfigDict(from_attributes=True)

    campaign_id: UUID
    division_code: str
    week: int
    starts_on: date
    ends_on: date
    frozen_at: datetime
    frozen_by: str


class Frozen(BaseModel):
    """What freezing gave."""

    week: int
    starts_on: date
    ends_on: date
    #: Units whose week is frozen; the county, its towns and parks.
    units: int
