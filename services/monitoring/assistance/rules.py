"""Whether a measure fits the household, and what is missing: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

import yaml

from services.monitoring.assistance import errors
from services.monitoring.assistance.schemas import MeasureForm
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import ABLE, expect_member, has_labour

#: Measures that help people to earn (开发式帮扶): a household with labour gets at least one.
DEVELOPMENT = frozenset({"industry", "employment", "public_post", "credit"})
#: Measures that put one person to work.
_WORK = frozenset({"employment", "public_post"})


@dataclass(frozen=True, slots=True)
class CreditRule:
    """One version of the rule of small credit."""

    version: str
    most: Decimal
    longest_months: int


@cache
def credit_rule(on: date) -> CreditRule:
    """Return the rule that holds on a day."""
    entries = yaml.safe_load(files(__package__).joinpath("credit.yaml").read_text("utf-8"))
    valid = max((entry for entry in entries if entry["from"] <= on), key=lambda entry: entry["from"])
    return CreditRule(valid["version"], Decimal(valid["most"]), valid["longest_months"])


def expect_fitting(
    form: MeasureForm, *, open_risks: Collection[str], members: Sequence[PersonReplica], on: date
) -> None:
    """Refuse a measure against a risk that is not there, work for who cannot work, and too much credit."""
    if form.risk_type is not None and form.risk_type not in open_risks:
        raise errors.RiskNotOpen
    person = expect_member(members, form.member_id)
    if form.kind in _WORK:
        if person is None:
            raise errors.PersonNeeded
        if person.labour is not None and person.labour not in ABLE:
            raise errors.CannotWork
    if form.kind == "credit":
        rule = credit_rule(on)
        if (form.funds_planned or 0) > rule.most or (form.term_months or 0) > rule.longest_months:
            raise errors.TooMuchCredit


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing in the assistance of one household."""

    risks_without_measure: Sequence[str]
    #: Somebody could work, but nothing helps them to earn.
    needs_development: bool
    #: Nobody is named who helps and watches.
    needs_contact: bool

    def __bool__(self) -> bool:
        return bool(self.risks_without_measure or self.needs_development or self.needs_contact)


def gap_of(
    *,
    open_risks: Sequence[str],
    measures: Collection[tuple[str, str | None]],
    members: Sequence[PersonReplica],
    contact: str | None,
) -> Gap:
    """Tell what is missing; ``measures`` are kind and risk of those that were not stopped."""
    helped, kinds = {risk for _, risk in measures}, {kind for kind, _ in measures}
    return Gap(
        risks_without_measure=[risk for risk in open_risks if risk not in helped],
        needs_development=has_labour(members) is True and not kinds & DEVELOPMENT,
        needs_contact=contact is None,
    )
