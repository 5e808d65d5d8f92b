"""What a small credit may be, and what its use puts in doubt: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from pydantic import PositiveInt

from services.monitoring.credits import errors
from services.monitoring.credits.schemas import GrantForm, UseForm
from services.monitoring.dates import months_after
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import is_aged
from shared.domain.dated import DatedRule, Wording, nearest, read_rules


class CreditRule(DatedRule):
    """What holds for small credit somewhere from a day on."""

    most: Decimal
    longest_months: PositiveInt
    youngest: PositiveInt
    oldest: PositiveInt
    #: How often a loan is extended, and by how many months together.
    extensions: int
    longest_extension_months: PositiveInt
    #: Purposes that are none.
    not_for: frozenset[str]
    doubts: Mapping[str, Wording]


def credit_rule(division_code: str, on: date) -> CreditRule:
    """Return the rule that holds in a division on a day."""
    return nearest(read_rules(CreditRule, __package__, "rules.yaml"), division_code, on)


def expect_within(rule: CreditRule, amount: Decimal | None, term_months: int | None) -> None:
    """Refuse more money, or more time, than the rule gives; what is not known yet is not held against it."""
    if (amount or 0) > rule.most or (term_months or 0) > rule.longest_months:
        raise errors.TooMuchCredit


def expect_grantable(rule: CreditRule, form: GrantForm, borrower: PersonReplica, on: date) -> None:
    """Refuse a loan that the rule does not know."""
    expect_within(rule, form.amount, form.term_months)
    expect_of_age(rule, borrower, on)
    if form.purpose in rule.not_for:
        raise errors.NotForThisPurpose


def expect_of_age(rule: CreditRule, borrower: PersonReplica, on: date) -> None:
    """Refuse who is too young or too old on the day of the loan; an age that nobody knows is none."""
    if not is_aged(borrower, rule.youngest, rule.oldest, on):
        raise errors.NotOfCreditAge(
            f"from {rule.youngest} to {rule.oldest} years",
            zh_detail=f"须年满{rule.youngest}至{rule.oldest}周岁",
        )


def extended(rule: CreditRule, due_on: date, months: int, *, before: int, on: date) -> date:
    """Return the new last day of a loan that was extended ``before`` times."""
    if on > due_on:
        raise errors.ExtendedTooLate
    if before >= rule.extensions or months > rule.longest_extension_months:
        raise errors.ExtendedTooFar
    return months_after(due_on, months)


def doubts_about(use: UseForm, rule: CreditRule) -> Iterator[str]:
    """Give the doubts that a use of the money raises."""
    if use.used_by == "operator":
        yield "used_by_firm"
    if use.used_by == "others":
        yield "relent"
    if use.transferred_to is not None:
        yield "transferred"
    if use.dividends:
        yield "share_dividend"
    if use.purpose in rule.not_for:
        yield "wrong_purpose"
