"""A finding's timeline: its steps with the working days that each took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.inspection.findings.model import ENDED, Finding
from shared import clock
from shared.database.history import Change
from shared.domain.working_days import working_days_between

Step = Literal[
    "raised",
    "planned",
    "rectifying",
    "submitted",
    "returned",
    "closed",
    "reopened",
    "merged",
    "transfer_proposed",
    "transferred",
    "transfer_refused",
    "due_soon",
    "overdue",
    "escalated",
    "inherited",
    "rehomed",
    "replanned",
]
#: Columns with the day that officials wrote down for a step; of the others the day of entry counts.
_DAYS = {
    "raised": "raised_on",
    "planned": "planned_on",
    "replanned": "planned_on",
    "submitted": "rectified_on",
    "closed": "closed_on",
    "overdue": "overdue_on",
    "due_soon": "due_soon_on",
}


class TimelineStep(BaseModel):
    """One step: when, by whom, and how many working days after the one before."""

    step: Step
    on: date
    by: str
    working_days: int
    #: At whose table it lay from then on, of an escalation.
    level: str | None = None
    #: The version of the rule that did it.
    rule: str | None = None


class Timeline(BaseModel):
    """A finding's steps, oldest first, and how it stands against its deadline."""

    deadline_on: date
    #: Working days from today to the deadline; null once it has passed, or the finding has left the ledger.
    days_left: int | None
    #: Working days since the deadline; 0 until it has passed.
    days_overdue: int
    #: Working days in the ledger, until it left it or until today.
    days_open: int
    steps: list[TimelineStep]


def timeline_of(finding: Finding, changes: Sequence[Change], today: date) -> Timeline:
    """Return the timeline as of ``today``."""
    steps: list[TimelineStep] = []
    rule = None
    for change in changes:
        rule = change.fields.get("deadline_rule", (None, rule))[1]
        for step in _steps(change):
            on = _day(change, step)
            before = steps[-1].on if steps else on
            steps.append(
                TimelineStep(
                    step=step,
                    on=on,
                    by=change.by,
                    working_days=working_days_between(before, on),
                    level=_after(change, "level") if step == "escalated" else None,
                    rule=rule if step in _MARKS.values() else None,
                )
            )
    ended = finding.status in ENDED
    late = not ended and finding.deadline_on < today
    return Timeline(
        deadline_on=finding.deadline_on,
        days_left=None if ended or late else working_days_between(today, finding.deadline_on),
        days_overdue=working_days_between(finding.deadline_on, today) if late else 0,
        days_open=working_days_between(finding.raised_on, steps[-1].on if ended else today),
        steps=steps,
    )


def _steps(change: Change) -> Iterator[Step]:
    """Give what a change did: an entry that is closed at once was both raised and closed."""
    fields = change.fields
    if change.kind == "created":
        yield "raised"
    if "status" in fields and (status := fields["status"][1]) != "raised":
        yield status
    elif change.kind == "changed" and "planned_on" in fields and fields["planned_on"][1]:
        yield "replanned"
    if "transfer_to" in fields and change.kind == "changed":
        yield _transfer(change)
    for column, step in (_MARKS | _MOVES).items():
        if column in fields and fields[column][1] is not None and change.kind == "changed":
            yield step


_MARKS: dict[str, Step] = {"due_soon_on": "due_soon", "overdue_on": "overdue", "level": "escalated"}


_MOVES: dict[str, Step] = {"inherited_from": "inherited", "division_code": "rehomed"}


def _transfer(change: Change) -> Step:
    if change.fields["transfer_to"][1] is not None:
        return "transfer_proposed"
    return "transferred" if "responsible_unit" in change.fields else "transfer_refused"


def _day(change: Change, step: Step) -> date:
    written = _after(change, _DAYS[step]) if step in _DAYS else None
    return date.fromisoformat(written) if written else clock.date_of(change.at)


def _after(change: Change, column: str) -> str | None:
    return change.fields[column][1] if column in change.fields else None
