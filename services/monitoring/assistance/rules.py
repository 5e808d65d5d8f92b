"""Whether a measure fits the household, and a plan all its risks: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from services.monitoring.assistance import errors
from services.monitoring.assistance.schemas import MeasureForm, PlanForm
from services.monitoring.credits.rules import credit_rule, expect_within
from services.monitoring.dates import DateOutOfOrder
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import ABLE, expect_member
from shared.domain.codes import code_lists

#: Measures that help people to earn (开发式帮扶): a household with labour gets at least one.
DEVELOPMENT = frozenset({"industry", "employment", "public_post", "credit"})
#: Measures that put one person to work.
_WORK = frozenset({"employment", "public_post"})


def expect_fitting(
    form: MeasureForm,
    *,
    open_risks: Collection[str],
    members: Sequence[PersonReplica],
    division_code: str,
    on: date,
) -> None:
    """Refuse a measure against a risk that is not there, work for who cannot work, and too much credit."""
    if form.risk_type is not None and form.risk_type not in open_risks:
        raise errors.RiskNotOpen
    if form.ends_on is not None and form.ends_on < on:
        raise DateOutOfOrder
    person = expect_member(members, form.member_id)
    if form.kind in _WORK:
        if person is None:
            raise errors.PersonNeeded
        if person.labour is not None and person.labour not in ABLE:
            raise errors.CannotWork
    if form.kind == "credit":
        expect_within(credit_rule(division_code, on), form.funds_planned, form.term_months)


def expect_whole(form: PlanForm, *, open_risks: Sequence[str], is_first: bool) -> None:
    """Refuse a plan that forgets an open risk, names one that is not there, or replaces another without a reason."""
    named = {intent.risk_type for intent in form.intents}
    if named - set(open_risks):
        raise errors.RiskNotOpen
    if forgotten := [risk for risk in open_risks if risk not in named]:
        raise errors.RiskForgotten(", ".join(forgotten), zh_detail="、".join(map(_risk_zh, forgotten)))
    if not is_first and form.occasion is None:
        raise errors.SayWhyAnew


def _risk_zh(risk_type: str) -> str:
    return code_lists()["risk_type"].label(risk_type)
