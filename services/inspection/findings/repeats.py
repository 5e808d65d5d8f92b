"""Repeat findings (重复问题): the same object and item within a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_
from sqlmodel import col, select

from services.inspection.findings.model import Finding, FindingStatus
from shared.database import Reader

_YEAR = timedelta(days=365)


async def link_repeats(db: Reader, findings: Sequence[Finding]) -> None:
    """Link each new finding to the newest one before it about the same matter, in one statement."""
    if not findings:
        return
    first = min(finding.raised_on for finding in findings)
    known = await db.all(
        select(Finding)
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
        .order_by(col(Finding.raised_on), col(Finding.id))
    )
    by_matter: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for each in known:
        by_matter[each.matter].append(each)
    for finding in sorted(findings, key=lambda each: each.raised_on):
        alike = by_matter[finding.matter]
        within = [each for each in alike if _is_before(each, finding)]
        if within:
            finding.repeats = max(within, key=lambda each: each.raised_on).id
        alike.append(finding)


def _is_before(earlier: Finding, finding: Finding) -> bool:
    return finding.raised_on - _YEAR <= earlier.raised_on <= finding.raised_on
