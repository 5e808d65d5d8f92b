"""The life of a small credit: thousands of random moves beside a naive reckoning of what is owed and doubted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.monitoring.credits import errors
from services.monitoring.credits.model import SmallCredit
from services.monitoring.credits.rules import credit_rule
from services.monitoring.credits.schemas import CreditStatus, DoubtVerdict, UseForm
from services.monitoring.dates import months_after
from shared.identity.principal import Principal
from shared.keys import uuid7
from shared.refusal import Refusal

pytestmark = pytest.mark.check

DAY, VILLAGE = date(2021, 6, 14), "340621100201"
RULE = credit_rule(VILLAGE, DAY)
LENT = Decimal("30000.00")
PEOPLE = {name: Principal(name, name, frozenset(), (VILLAGE,)) for name in ("village-1", "town-1")}
USE = UseForm.model_validate({"purpose": "breeding", "used_by": "household", "words": "购牛"})

days = st.integers(0, 800).map(lambda days: date.fromordinal(DAY.toordinal() + days))
flags = st.sampled_from(sorted(RULE.doubts))
people = st.sampled_from(sorted(PEOPLE))
amounts = st.sampled_from(["0.01", "10000.00", "19999.99", "30000.00"]).map(Decimal)


class Life(RuleBasedStateMachine):
    """A loan, and what somebody with pencil and paper would know of it."""

    def __init__(self) -> None:
        super().__init__()
        self.credit = SmallCredit(
            household_id=uuid7(),
            borrower_id=uuid7(),
            division_code=VILLAGE,
            bank="濉溪农商行",
            amount=LENT,
            term_months=24,
            granted_on=DAY,
            due_on=months_after(DAY, 24),
            purpose="breeding",
            description="购牛",
            rule=RULE.version,
        )
        self.owed, self.ended = LENT, ""
        self.raised: dict[str, str] = {}
        self.confirmed: set[str] = set()

    def try_to(self, move: Callable[[], None], *expected: type[Refusal]) -> bool:
        """Move, and tell whether that was allowed; the first refusal that holds is the one that must come."""
        if not expected:
            move()
            return True
        with pytest.raises(expected[0]):
            move()
        return False

    @property
    def closed(self) -> list[type[Refusal]]:
        return [errors.CreditClosed] if self.ended else []

    @rule(on=days)
    def use(self, on: date) -> None:
        self.try_to(lambda: self.credit.use(USE, on=on), *self.closed)

    @rule(amount=amounts, on=days)
    def repay(self, amount: Decimal, on: date) -> None:
        too_much = [errors.RepaidTooMuch] if amount > self.owed else []
        if self.try_to(lambda: self.credit.repay(amount, evidence=(), on=on), *self.closed, *too_much):
            self.owed -= amount
            self.ended = "" if self.owed else "repaid"

    @rule(on=days, months=st.integers(1, 14))
    def extend(self, on: date, months: int) -> None:
        late = [errors.ExtendedTooLate] if on > self.credit.due_on else []
        far = [errors.ExtendedTooFar] if self.credit.extensions or months > 12 else []
        before = self.credit.due_on
        move = partial(self.credit.extend, months, RULE, evidence=(), on=on)
        if self.try_to(move, *self.closed, *late, *far):
            assert self.credit.due_on == months_after(before, months)

    @rule(on=days)
    def renew(self, on: date) -> None:
        if self.try_to(lambda: self.credit.be_renewed(on=on), *self.closed):
            self.ended = "renewed"

    @rule(flag=flags, by=people)
    def doubt(self, flag: str, by: str) -> None:
        raise_it = partial(self.credit.doubt, flag, RULE, words="x", evidence=(), by=PEOPLE[by], on=DAY)
        if self.try_to(raise_it, *([errors.DoubtedAlready] if flag in self.raised else [])):
            self.raised[flag] = by

    @rule(flag=flags, by=people, verdict=st.sampled_from(DoubtVerdict))
    def settle(self, flag: str, by: str, verdict: DoubtVerdict) -> None:
        none = [errors.NoDoubt] if flag not in self.raised else []
        own = [errors.SamePersonSettles] if self.raised.get(flag) == by else []
        settle_it = partial(
            self.credit.settle, flag, verdict, findings="x", proof=("y",), by=PEOPLE[by], on=DAY
        )
        if self.try_to(settle_it, *none, *own):
            del self.raised[flag]
            self.confirmed |= {flag} if verdict is DoubtVerdict.CONFIRMED else set()

    @invariant()
    def the_loan_is_what_was_reckoned(self) -> None:
        running = {CreditStatus.GRANTED, CreditStatus.IN_USE}
        assert self.credit.repaid == LENT - self.owed
        assert self.credit.status in ({self.ended} if self.ended else running)
        assert (self.credit.closed_on is not None) == bool(self.ended)
        unsettled = [each["flag"] for each in self.credit.doubts if each["verdict"] is None]
        assert sorted(self.credit.open_flags) == sorted(unsettled) == sorted(self.raised)
        assert set(self.credit.confirmed_flags) == self.confirmed
        assert all(each["raised_by"] != each["settled_by"] for each in self.credit.doubts)


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
test_random_moves_keep_to_the_reckoning = Life.TestCase
