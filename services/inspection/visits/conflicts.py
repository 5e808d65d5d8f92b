"""What changed between a form kept offline and the visit that comes back with it: no I/O.

A conflict refuses nothing. Of a hard one a person must say what is true; a soft one is good to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.inspection.corrections.rules import changed_meanwhile
from services.inspection.replicas.model import Household
from services.inspection.visits.model import Visit
from services.inspection.visits.schemas import Conflict, VisitDraft

#: When a visit came in, which is not when it was made.
Sent = tuple[datetime, Visit]


def conflicts_of(draft: VisitDraft, household: Household, others: Sequence[Sent]) -> list[Conflict]:
    """Return a visit's conflicts, hard ones first.

    ``draft`` was judged and answered; ``others`` are visits of the campaign to the household, oldest first.
    What a front end does not tell of its form is not held against it.
    """
    changed = changed_meanwhile(draft.corrections, draft.shown, household)
    facts = [Conflict(kind="hard", code="fact_changed", **each._asdict()) for each in changed]
    hard = [*_gone(draft, household), *facts]
    return [*hard, *_soft(draft, household, others, contradicted=bool(hard))]


def _gone(draft: VisitDraft, household: Household) -> Iterator[Conflict]:
    if not household.inhabited:
        yield Conflict(kind="hard", code="household_gone")
    left = {UUID(each["id"]) for each in household.facts["members"] if each["left_on"] is not None}
    asked = [answer.member_id for answer in draft.answers]
    signalled = [signal.member_id for signal in draft.signals]
    for member_id in dict.fromkeys([*draft.corrections.members, *asked, *signalled]):
        if member_id in left:
            yield Conflict(kind="hard", code="member_gone", member_id=member_id)


def _soft(
    draft: VisitDraft, household: Household, others: Sequence[Sent], *, contradicted: bool
) -> Iterator[Conflict]:
    if draft.form is None:
        return
    if household.sequence > draft.form.household_version and not contradicted:
        yield Conflict(kind="soft", code="household_changed")
    made_at = draft.form.made_at
    since = [each for at, each in others if at > made_at and each.officer != draft.officer]
    if since:
        yield Conflict(kind="soft", code="visited_meanwhile", visit_id=since[-1].id)
    said = {_asked(answer): (answer["ok"], each.id) for each in since for answer in each.answers}
    for answer in draft.answers:
        key = (answer.item, str(answer.member_id) if answer.member_id else None)
        ok, visit_id = said.get(key, (answer.ok, None))
        if ok != answer.ok:
            yield Conflict(
                kind="soft",
                code="answered_otherwise",
                item=answer.item,
                member_id=answer.member_id,
                visit_id=visit_id,
            )


def _asked(answer: Mapping[str, Any]) -> tuple[str, str | None]:
    return answer["item"], answer["member_id"]
