"""What a week's figures mean: change, closure, rank; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.inspection.campaigns.schemas import DivisionProgress
from services.inspection.dispatches.schemas import Change, Line


def change_of(now: DivisionProgress, before: DivisionProgress | None) -> Change:
    """Return what changed since the week before."""
    was = before or now.model_copy(
        update={"visited": 0, "coverage": 0.0 if now.due else None, "findings": type(now.findings)()}
    )
    moved = {
        name: getattr(now.findings, name) - getattr(was.findings, name)
        for name in ("raised", "closed", "open", "overdue")
    }
    known = now.coverage is not None and was.coverage is not None
    coverage = round((now.coverage or 0) - (was.coverage or 0), 1) if known else None
    return Change(visited=now.visited - was.visited, coverage=coverage, **moved)


def closure_of(progress: DivisionProgress) -> float | None:
    """Return how much of what was raised is closed, in percent; what was merged counts for neither."""
    raised = progress.findings.raised - progress.findings.merged
    return round(100 * progress.findings.closed / raised, 1) if raised else None


def ranked(divisions: Sequence[DivisionProgress], before: Mapping[str, DivisionProgress]) -> list[Line]:
    """Return the units in their order; equal ones share a rank, and the next one counts them all."""
    ordered = sorted(divisions, key=lambda each: (_merit(each), each.division_code))
    lines: list[Line] = []
    for place, each in enumerate(ordered, start=1):
        tied = bool(lines) and _merit(lines[-1].progress) == _merit(each)
        lines.append(
            Line(
                progress=each,
                closure=closure_of(each),
                rank=lines[-1].rank if tied else place,
                change=change_of(each, before.get(each.division_code)),
            )
        )
    return lines


def _merit(progress: DivisionProgress) -> tuple[float, float, int]:
    """Return what is compared, the best first. Nothing to visit, or to close, is as good as all done."""
    coverage, closure = progress.coverage, closure_of(progress)
    return (
        -(100.0 if coverage is None else coverage),
        -(100.0 if closure is None else closure),
        progress.findings.overdue,
    )
