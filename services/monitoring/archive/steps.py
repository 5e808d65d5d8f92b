"""What was done about a household under watch, step by step, drawn from all that is kept of it: no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.monitoring.applications.model import SelfApplication
from services.monitoring.assistance.model import Measure, MeasureStatus
from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.cases.steps import Step as CaseStep
from services.monitoring.clues.model import Clue, ClueStatus
from services.monitoring.credits.model import SmallCredit
from services.monitoring.followups.model import FollowUp
from services.monitoring.limits import Due
from services.monitoring.monitored.lines import MonitoredEntry
from services.monitoring.monitored.procedures import Closure, Elimination, Procedure, Retagging, Stage
from services.monitoring.posts.model import PublicPost

_APPLICATION = {"applicant", "identity_number", "phone", "written_by", "channel", "risk_type", "difficulty"}
_CASE_STEPS = frozenset(CaseStep)
_WITHDRAWAL = frozenset({"withdrawal_proposed", "withdrawal"})
_JUDGED = {"elimination_proposed", "elimination_withheld"}
_LOAN = {"bank", "amount", "term_months", "purpose", "description", "due_on", "usage", "repaid", "status"}
_POST = {
    "member_id",
    "kind",
    "work_area",
    "employer",
    "monthly_pay",
    "until_on",
    "ended_on",
    "end_reason",
}
_FOLLOW_UP = {"way", "away", "found", "difficulties"}
_SIGNAL = ("risk_type", "member_id", "facts")
_MEASURE = {"kind", "risk_type", "member_id", "description", "fund_source", "funds_planned", "term_months"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: on which day, by whom, with which form."""

    #: Code of the list ``archive_step``.
    kind: str
    on: date
    #: Tells steps of one day apart: what came later has the greater one.
    key: UUID
    by: str | None
    content: dict[str, Any]
    evidence: Sequence[str] = ()
    #: What papers are filed with; None where they are filed with an earlier step of the same thing.
    of_id: UUID | None = None
    #: Until when it was in time, and the version of the limits that set that.
    due: Due | None = None
    #: False for what was returned, done again later, or led to nothing.
    holds: bool = True
    #: The household as it was known then.
    household: dict[str, Any] | None = None

    @property
    def is_late(self) -> bool:
        """Tell whether its limit had passed."""
        return self.due is not None and self.on > self.due.on


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of a household under watch, each in the order in which it came."""

    monitored_id: UUID
    applications: Sequence[SelfApplication] = ()
    clues: Sequence[Clue] = ()
    cases: Sequence[IdentificationCase] = ()
    entries: Sequence[CaseEntry] = ()
    lines: Sequence[MonitoredEntry] = ()
    measures: Sequence[Measure] = ()
    eliminations: Sequence[Elimination] = ()
    retaggings: Sequence[Retagging] = ()
    closures: Sequence[Closure] = ()
    follow_ups: Sequence[FollowUp] = ()
    credits: Sequence[SmallCredit] = ()
    posts: Sequence[PublicPost] = ()


def steps_of(kept: Kept) -> list[Step]:
    """Return all steps, in order."""
    steps = [
        *map(_applied, kept.applications),
        *(step for clue in kept.clues for step in _of_clue(clue)),
        *(step for case in kept.cases for step in _of_case(case, kept)),
        *_of_object(kept),
        *map(_followed_up, kept.follow_ups),
        *map(_lent, kept.credits),
        *map(_held, kept.posts),
    ]
    return sorted(steps, key=lambda step: (step.on, step.key))


def _applied(told: SelfApplication) -> Step:
    content = told.model_dump(mode="json", include=_APPLICATION)
    return Step("application", told.received_on, told.id, told.applicant, content, of_id=told.id)


def _of_clue(clue: Clue) -> Iterator[Step]:
    told = [{name: each[name] for name in ("source", "on", "sender", "facts")} for each in clue.evidence]
    first = told[0]["sender"] if told else None
    content: dict[str, Any] = {"risk_type": clue.risk_type, "told": told, "priority": clue.priority_zh}
    yield Step("clue", clue.received_on, clue.id, first, content, of_id=clue.id)
    if clue.settled_on is None:
        return
    due = Due(clue.due_on, clue.due_rule)
    if past := clue.overruled:
        # That the county found otherwise is a line of the object's file.
        on = date.fromisoformat(past["on"])
        said = {"verdict": past["verdict"]}
        yield Step("clue_verdict", on, clue.id, past["by_name"], said, due=due, holds=False)
        return
    # Its case was opened with the verdict, before the case's first line.
    key = max(clue.id, clue.case_id or clue.id)
    kind, content = "clue_verdict", {"verdict": clue.verdict}
    if clue.status == ClueStatus.DISMISSED:
        kind = "clue_dismissed"
        content |= {"dismissal_by_name": clue.dismissal_by_name, "dismissal_on": str(clue.dismissal_on)}
    yield Step(kind, clue.settled_on, key, clue.settled_by_name, content, due=due)


def _of_case(case: IdentificationCase, kept: Kept) -> Iterator[Step]:
    lines = [line for line in kept.entries if line.case_id == case.id]
    counts = case.monitored_id == kept.monitored_id or case.status == CaseStatus.OPEN
    holding = _holding(lines) if counts else set()
    if case.status == CaseStatus.WITHDRAWN:
        # Why nothing came of it: nothing else was done between the proposal and its confirmation.
        holding = {line.id for line in lines[-2:] if line.entry in _WITHDRAWAL}
    for line in lines:
        content = line.content
        if line.entry == CaseStep.HOUSEHOLD_CHECK and line.id in holding:
            content = content | {"category": case.category, "judgement": case.judgement}
        yield Step(
            line.entry,
            line.happened_on,
            line.id,
            line.by_name,
            content,
            line.evidence,
            of_id=line.id,
            due=Due(line.due_on, line.due_rule),
            holds=line.id in holding,
            household=line.household,
        )


def _holding(lines: Iterable[CaseEntry]) -> set[UUID]:
    """Return the lines of steps that were not returned; where two approve, both hold."""
    held: list[CaseEntry] = []
    for line in lines:
        if line.entry == "return":
            back = CaseStep(line.content["to_step"]).number
            held = [each for each in held if CaseStep(each.entry).number < back]
        elif line.entry in _CASE_STEPS:
            held.append(line)
    return {line.id for line in held}


def _of_object(kept: Kept) -> Iterator[Step]:
    measures = {measure.id: measure for measure in kept.measures}
    procedures: list[Procedure] = [*kept.eliminations, *kept.retaggings, *kept.closures]
    proposals = {each.id: each for each in procedures}
    clues = {clue.id: clue for clue in kept.clues}
    plans = [line.id for line in kept.lines if line.entry == "plan"]
    for line in kept.lines:
        content, holds = line.content, line.entry != "plan" or line.id == plans[-1]
        measure = measures.get(line.about_id or line.id)
        if measure and line.entry == "measure_planned":
            content = measure.model_dump(mode="json", include=_MEASURE)
            holds = measure.status != MeasureStatus.STOPPED
        elif measure:
            content = {"measure": measure.description} | content
        if proposal := proposals.get(line.about_id or line.id):
            holds = proposal.stage != Stage.RETURNED
            if isinstance(proposal, Elimination) and line.entry in _JUDGED:
                content = content | {"judgement": proposal.judgement}
        yield Step(
            line.entry,
            line.happened_on,
            line.id,
            line.by_name,
            content,
            line.evidence,
            of_id=line.id,
            due=_limit_of(proposal or clues.get(line.about_id or line.id), line.entry),
            holds=holds,
        )


def _limit_of(of: Procedure | Clue | None, entry: str) -> Due | None:
    if of is None:
        return None
    on, rule = of.due_on, of.due_rule
    if isinstance(of, Clue):
        on, rule = of.adding_due_on, of.adding_due_rule
    elif isinstance(of, Retagging) and entry == "retagging_verified":
        on, rule = of.check_due_on, of.check_due_rule
    return Due(on, rule) if on and rule else None


def _followed_up(visit: FollowUp) -> Step:
    content = visit.model_dump(mode="json", include=_FOLLOW_UP)
    # What became of them stands in the clues.
    content["signals"] = [{name: each[name] for name in _SIGNAL} for each in visit.signals]
    return Step(
        "follow_up",
        visit.visited_on,
        visit.id,
        visit.officer,
        content,
        visit.evidence,
        of_id=visit.id,
    )


def _lent(loan: SmallCredit) -> Step:
    content = loan.model_dump(mode="json", include=_LOAN) | {"member_id": str(loan.borrower_id)}
    return Step("credit", loan.granted_on, loan.id, None, content, loan.evidence, of_id=loan.id)


def _held(post: PublicPost) -> Step:
    content = post.model_dump(mode="json", include=_POST)
    return Step("public_post", post.from_on, post.id, None, content, of_id=post.id)
