"""Repeat findings (重复问题): the same object and item within a year."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from services.inspection.findings.model import Finding, FindingStatus, matter_of
from shared.database import Reader

_YEAR = timedelta(days=365)
#: What tells the matter of a finding, and its day.
_TELLING: list[Any] = [
    col(column)
    for column in (
        Finding.item,
        Finding.household_id,
        Finding.object_id,
        Finding.division_code,
        Finding.object_name,
        Finding.member_id,
        Finding.raised_on,
    )
]


async def link_repeats(db: Reader, findings: Sequence[Finding]) -> None:
    """Link each new finding to the newest one before it about the same matter, in one statement."""
    if not findings:
        return
    first = min(finding.raised_on for finding in findings)
    known = await db.rows(
        select(*_TELLING, col(Finding.id))
        .where(
            col(Finding.item).in_({finding.item for finding in findings}),
            or_(
                col(Finding.household_id).in_({each.household_id for each in findings if each.household_id}),
                col(Finding.household_id).is_(None)
                & col(Finding.division_code).in_(
                    {each.division_code for each in findings if not each.household_id}
                ),
            ),
            col(Finding.raised_on) >= first - _YEAR,
            col(Finding.status) != FindingStatus.MERGED,
        )
        # Of thousands about one matter those of one day are as good as its first.
        .ext(distinct_on(*_TELLING))
        .order_by(*_TELLING, col(Finding.id))
    )
    link(sorted(known, key=lambda each: (each.raised_on, each.id)), findings)


def link(known: Iterable[Any], findings: Sequence[Finding]) -> None:
    """Link each finding to the newest one before it, of the same day the first; ``known`` come in their order."""
    matters: defaultdict[tuple[object, ...], _Matter] = defaultdict(_Matter)
    for each in known:
        matters[matter_of(each)].add(each)
    for finding in sorted(findings, key=lambda each: each.raised_on):
        finding.repeats = matters[matter_of(finding)].newest_before(finding.raised_on)
        matters[matter_of(finding)].add(finding)


@dataclass(frozen=True)
class _Matter:
    """When one matter was found: thousands of lines of a file may be about the same one."""

    days: list[date] = field(default_factory=list)
    first: dict[date, UUID] = field(default_factory=dict)

    def add(self, finding: Any) -> None:
        if finding.raised_on not in self.first:
            insort(self.days, finding.raised_on)
            self.first[finding.raised_on] = finding.id

    def newest_before(self, day: date) -> UUID | None:
        place = bisect_right(self.days, day)
        newest = self.days[place - 1] if place else None
        return self.first[newest] if newest and newest >= day - _YEAR else None
