"""Why (为什么): what a clue, an identification or an elimination rests on, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from services.monitoring.cases.model import IdentificationCase
from services.monitoring.clues.model import Clue
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Elimination
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.queries import rules
from shared.database import Reader
from shared.domain.codes import code_lists
from shared.web.language import Language


class Reason(BaseModel):
    """One thing that a decision rests on. ``rule`` is empty for what a person said."""

    #: Who or what said it: a source of clues, ``identification``, ``elimination``.
    by: str
    title: str
    #: Conditions that held, with what was the case.
    reasons: list[str]
    rule: str | None = None
    version: str | None = None
    #: On whose word the rule stands.
    source: str | None = None
    inputs: dict[str, Any] = {}
    thresholds: dict[str, Any] = {}


class Explanation(BaseModel):
    """All that a decision rests on, in the order in which it was said."""

    of: UUID
    reasons: list[Reason]


async def of_clue(db: Reader, clue_id: UUID, language: Language) -> Explanation:
    """Return each piece of evidence, and of a rule's hit the conditions that held."""
    clue, known = await db.get(Clue, clue_id), await rules(db)
    return Explanation(of=clue.id, reasons=[_of_evidence(each, known, language) for each in clue.evidence])


async def of_case(db: Reader, case_id: UUID, language: Language) -> Explanation:
    """Return the judgement of the household check; nothing before it."""
    case = await db.get(IdentificationCase, case_id)
    judged = [case.judgement] if case.judgement else []
    return Explanation(of=case.id, reasons=[_of_judgement(each, language) for each in judged])


async def of_object(db: Reader, monitored_id: UUID, language: Language) -> Explanation:
    """Return what the taggings and eliminations of an object rest on."""
    await db.get(MonitoredObject, monitored_id)
    episodes = await db.all(
        select(RiskEpisode).where(col(RiskEpisode.monitored_id) == monitored_id).order_by(col(RiskEpisode.id))
    )
    eliminations = await db.all(
        select(Elimination).where(col(Elimination.monitored_id) == monitored_id).order_by(col(Elimination.id))
    )
    known, reasons = await rules(db), list[Reason]()
    for judgement in [each.judgement for each in episodes] + [each.judgement for each in eliminations]:
        # A re-tagging and a further risk rest on what was told, an elimination on a judgement, a first tagging on both.
        reasons += [_of_evidence(each, known, language) for each in judgement.get("told", [])]
        reasons += [_of_judgement(judgement, language)] if "inputs" in judgement else []
    return Explanation(of=monitored_id, reasons=reasons)


def _of_evidence(evidence: Mapping[str, Any], known: Mapping[str, Rule], language: Language) -> Reason:
    detail = evidence["detail"]
    source = code_lists()["clue_source"].label(evidence["source"], language)
    hit = hit_of(known, detail.get("rule", ""), detail.get("version", ""), detail.get("inputs", {}))
    if hit is None:
        return Reason(by=evidence["source"], title=source, reasons=[evidence["facts"]], **_kept(detail))
    told = hit.explained(language)
    return Reason(by=evidence["source"], title=told["rule"], reasons=told["reasons"], **_kept(detail))


def _of_judgement(judgement: Mapping[str, Any], language: Language) -> Reason:
    title = _TITLES.get(judgement["rule"], (judgement["rule"],) * 2)[language == "en"]
    told = list(_words(judgement, language))
    return Reason(by=judgement["rule"], title=title, reasons=told, **_kept(judgement))


def _kept(judgement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: judgement[name]
        for name in ("rule", "version", "source", "inputs", "thresholds")
        if name in judgement
    }


_TITLES = {
    "identification": ("监测对象识别标准", "criteria of identification"),
    "elimination": ("风险消除条件", "conditions of elimination"),
    "elimination_withheld": ("暂不标注风险消除", "elimination withheld"),
}


def _words(judgement: Mapping[str, Any], language: Language) -> Iterator[str]:
    inputs, thresholds = judgement["inputs"], judgement.get("thresholds", {})
    net = inputs.get("net_income_per_capita") or inputs.get("per_capita_net_income")
    line, en = thresholds.get("income_line"), language == "en"
    if net and line:
        low = Decimal(net) < Decimal(line)
        source = thresholds["income_line_source"]
        yield (
            f"per-capita net income {net} yuan, {'under' if low else 'not under'} the line of {line} yuan ({source})"
            if en
            else f"人均纯收入 {net} 元，{'低于' if low else '不低于'}监测范围 {line} 元（{source}）"
        )
    if inputs.get("hardship"):
        spent, left = inputs["rigid_expenditure"], inputs["reference_per_capita"]
        yield (
            f"rigid expenditure {spent} yuan leaves {left} yuan a head: {inputs['hardship']}"
            if en
            else f"刚性支出 {spent} 元，扣除后人均 {left} 元：{inputs['hardship']}"
        )
    if judgement["rule"] == "elimination_withheld":
        yield "nobody in the household can work" if en else "整户无劳动力"
    elif "stable_months" in inputs:
        months, least = inputs["stable_months"], thresholds.get("stable_months", "")
        yield (
            f"stable for {months} months (at least {least})"
            if en
            else f"收入稳定 {months} 个月（至少 {least} 个月）"
        )
    if category := judgement.get("category"):
        label = code_lists()["monitored_category"].label(category, language)
        yield f"category: {label}" if en else f"类别：{label}"
