"""Whether a measure's kind fits the risk that it is against: a misfit is a doubt that is shown, not a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from shared.domain.codes import code_lists
from shared.domain.dated import DatedRule, in_force, read_rules


class FitRule(DatedRule):
    """Kinds of measure by type of risk, as they fit from a day on."""

    fits: Mapping[str, frozenset[str]]


class Misfit(BaseModel):
    """Why a measure is doubted, in words for people."""

    zh: str
    en: str
    rule: str
    source: str


def fit_rule(on: date) -> FitRule:
    """Return the rule that holds in the whole country on a day."""
    return in_force(read_rules(FitRule, __package__, "fits.yaml"), on)[0]


def fits(kind: str, risk_type: str, rule: FitRule) -> bool:
    """Tell whether a kind of measure fits a risk; a risk that the rule does not name takes every kind."""
    return kind in rule.fits.get(risk_type, {kind})


def misfit(kind: str, risk_type: str | None, on: date) -> Misfit | None:
    """Return what is doubted about a measure that was planned on a day, if anything."""
    rule = fit_rule(on)
    if risk_type is None or fits(kind, risk_type, rule):
        return None
    kinds, risks = code_lists()["measure_kind"], code_lists()["risk_type"]
    fitting = sorted(rule.fits[risk_type])
    return Misfit(
        zh=f"“{risks.label(risk_type)}”风险应有{'、'.join(map(kinds.label, fitting))}类措施，"
        f"此措施为{kinds.label(kind)}",
        en=f"against {risks.label(risk_type, 'en')} there should be "
        f"{' or '.join(kinds.label(each, 'en') for each in fitting)}, this is {kinds.label(kind, 'en')}",
        rule=rule.version,
        source=rule.source,
    )
