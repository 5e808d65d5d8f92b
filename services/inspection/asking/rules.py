"""What answers mean, and what is known before they are given: no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from services.inspection.asking.schemas import Answer, FormItem, LastAnswer
from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.answers import Value, settled
from services.inspection.checklists.model import Item
from services.inspection.findings.model import Finding
from services.inspection.findings.objects import kind_of, level_of
from shared import clock
from shared.attachments.schemas import Naming

Answers = Mapping[tuple[str, str | None], LastAnswer]


def told_by(answer: Answer, item: Item) -> Answer:
    """Return an answer with verdict, value and facts, each told by the others where it can be; or refuse."""
    ok, value = settled(item.answer, ok=answer.ok, value=answer.value)
    facts = answer.facts
    if not ok and not facts and value is not None:
        facts = f"{item.zh}：{item.answer.words(value)}"
    return answer.model_copy(update={"ok": ok, "value": value, "facts": facts})


@dataclass(frozen=True)
class Asked:
    """Who asked when, in which campaign."""

    campaign: Campaign
    on: date
    officer: str
    #: Subject and name of whoever sends it in.
    by: str
    name: str
    source: str = "visit"

    def finding(self, item: Item, answer: Answer, **about: Any) -> Finding:
        """Return the finding of a failed item, closed at once where it was corrected on the spot (立行立改)."""
        kind = kind_of(item, about)
        finding = Finding(
            campaign_id=self.campaign.id,
            item=item.code,
            object_kind=kind,
            facts=answer.facts,
            severity=item.severity_of(answer.value),
            source=self.source,
            raised_on=self.on,
            raised_by=self.officer,
            level=level_of(kind),
            deadline_on=self.campaign.deadline(self.on, item.deadline_days),
            **about,
        )
        if spot := answer.on_the_spot:
            finding.correct_on_the_spot(
                what=spot.measure, evidence=spot.evidence, by=self.by, name=self.name, on=self.on
            )
        return finding


def named(own: Naming, answers: Sequence[Answer], findings: Sequence[Finding]) -> list[Naming]:
    """Return what a visit or check names: all of it by itself, and what shows that something failed by its finding."""
    failed = [answer for answer in answers if not answer.ok]
    return [
        own._replace(ids=[*own.ids, *chain.from_iterable(answer.attachments for answer in answers)]),
        *(
            Naming(finding.id, finding.division_code, finding.household_id, answer.attachments)
            for finding, answer in zip(findings, failed, strict=True)
        ),
    ]


def last_answers(asked: Iterable[tuple[datetime, list[dict[str, Any]]]]) -> Answers:
    """Return the newest answer to each item, and to those about people, about each; ``asked`` has the newest first."""
    answers: dict[tuple[str, str | None], LastAnswer] = {}
    for moment, given in asked:
        for answer in given:
            last = LastAnswer(
                ok=answer["ok"],
                value=answer.get("value"),
                facts=answer["facts"],
                visited_on=clock.date_of(moment),
            )
            answers.setdefault((answer["item"], answer["member_id"]), last)
    return answers


def form_item(
    item: Item,
    facts: Mapping[str, Any],
    last: Answers,
    *,
    member_id: str | None = None,
    member_name: str | None = None,
) -> FormItem:
    """Return an item of a form, with what is known of its answer."""
    return FormItem(
        item=item.code,
        area=item.code.partition("-")[0],
        zh=item.zh,
        en=item.en,
        object=item.object,
        member_id=UUID(member_id) if member_id else None,
        member_name=member_name,
        answer=item.answer,
        options=list(item.answer.labels().values()),
        after=item.after,
        value=_known_value(item, facts, last.get((item.code, member_id))),
        known={name: facts.get(name) for name in item.shows},
        last=last.get((item.code, member_id)),
    )


def _known_value(item: Item, facts: Mapping[str, Any], last: LastAnswer | None) -> Value | None:
    """Return the answer as the registry has it, or else as the last visit did."""
    known: Value | None = facts.get(item.fact) if item.fact else None
    if known is None and last and last.value is not None and item.answer.takes(last.value):
        # Of an earlier version of the checklist, an answer may be of another kind.
        return last.value
    return known
