"""The table of small credits, and the moves of a loan's life."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.credits import errors
from services.monitoring.credits.rules import CreditRule, extended
from services.monitoring.credits.schemas import CreditStatus, DoubtVerdict, UseForm
from services.monitoring.forms import FILED_APART
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.identity.principal import Principal

_RUNNING = frozenset({CreditStatus.GRANTED, CreditStatus.IN_USE})


class SmallCredit(Row, Identified, Placed, Recorded, table=True):
    """A small credit (脱贫人口小额信贷) of a lifted household or a monitored object; one runs at a time."""

    __table_args__ = (
        CheckConstraint(
            "(status IN ('repaid', 'renewed')) = (closed_on IS NOT NULL)", name="closed_with_date"
        ),
        CheckConstraint("repaid <= amount", name="repaid_what_was_lent"),
        Index("ix_small_credit_running", "due_on", postgresql_where=text("closed_on IS NULL")),
    )

    #: One running a household: whoever grants holds the household's lock.
    household_id: UUID = Field(index=True)
    borrower_id: UUID
    bank: str
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    term_months: int
    granted_on: date
    #: The last day of the term, extensions included.
    due_on: date
    #: What it was granted for.
    purpose: str
    description: str
    status: str = CreditStatus.GRANTED
    #: The version of the rule that it was granted by.
    rule: str
    used_on: date | None = None
    #: What was said of its use: purpose, by whom, where the money went.
    usage: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    #: Principal paid back so far.
    repaid: Decimal = Field(default=Decimal("0.00"), sa_type=Numeric(14, 2))
    extensions: int = 0
    #: The version of the rule that the newest extension was given by.
    extension_rule: str | None = None
    #: The loan that it settled.
    renews: UUID | None = None
    overdue_on: date | None = None
    closed_on: date | None = None
    #: What speaks against it: by rule or by somebody, each with its verdict once there is one.
    doubts: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    open_flags: list[str] = Field(default=[], sa_column=Column(ARRAY(String), nullable=False))
    confirmed_flags: list[str] = Field(default=[], sa_column=Column(ARRAY(String), nullable=False))
    evidence: list[str] = Field(default=[], sa_type=JSONB)

    @property
    def last_on(self) -> date:
        """The date of the newest step: the next one lies no earlier."""
        return self.used_on or self.granted_on

    def use(self, form: UseForm, *, on: date) -> None:
        """Note what the money was used for."""
        self._expect_running()
        self.status, self.used_on = CreditStatus.IN_USE, on
        self.usage = form.model_dump(mode="json", exclude=FILED_APART)
        self._note(form.evidence)

    def repay(self, amount: Decimal, *, evidence: Sequence[str], on: date) -> None:
        """Pay principal back; the last part closes the loan."""
        self._expect_running()
        if self.repaid + amount > self.amount:
            raise errors.RepaidTooMuch
        self.repaid += amount
        self._note(evidence)
        if self.repaid == self.amount:
            self.status, self.closed_on = CreditStatus.REPAID, on

    def extend(self, months: int, rule: CreditRule, *, evidence: Sequence[str], on: date) -> None:
        """Give it more time (展期)."""
        self._expect_running()
        self.due_on = extended(rule, self.due_on, months, before=self.extensions, on=on)
        self.extensions, self.extension_rule = self.extensions + 1, rule.version
        self._note(evidence)

    def be_renewed(self, *, on: date) -> None:
        """Be settled by another loan (续贷)."""
        self._expect_running()
        self.status, self.closed_on = CreditStatus.RENEWED, on

    def doubt(
        self, flag: str, rule: CreditRule, *, words: str, evidence: Iterable[str], by: Principal, on: date
    ) -> None:
        """Raise a doubt; a loan that is closed can be doubted, too."""
        if flag in self.open_flags:
            raise errors.DoubtedAlready
        said = rule.doubts[flag]
        raised = {
            "flag": flag,
            "zh": said.zh,
            "en": said.en,
            "rule": rule.version,
            "source": rule.source,
            "words": words,
            "evidence": list(evidence),
            "raised_on": on.isoformat(),
            "raised_by": by.subject,
            "raised_by_name": by.name,
        }
        unsettled = dict.fromkeys(("verdict", "findings", "settled_on", "settled_by", "settled_by_name"))
        self.doubts = [*self.doubts, raised | unsettled | {"proof": []}]
        self.open_flags = [*self.open_flags, flag]

    def settle(
        self,
        flag: str,
        verdict: DoubtVerdict,
        *,
        findings: str,
        proof: Sequence[str],
        by: Principal,
        on: date,
    ) -> None:
        """Confirm or refute a doubt, as another person than the one who raised it."""
        at = next((i for i, each in enumerate(self.doubts) if _is_open(each, flag)), None)
        if at is None:
            raise errors.NoDoubt
        if self.doubts[at]["raised_by"] == by.subject:
            raise errors.SamePersonSettles
        settled = {
            "verdict": verdict,
            "findings": findings,
            "proof": list(proof),
            "settled_on": on.isoformat(),
            "settled_by": by.subject,
            "settled_by_name": by.name,
        }
        self.doubts = [*self.doubts[:at], self.doubts[at] | settled, *self.doubts[at + 1 :]]
        self.open_flags = [each for each in self.open_flags if each != flag]
        if verdict is DoubtVerdict.CONFIRMED:
            self.confirmed_flags = sorted({*self.confirmed_flags, flag})

    def _expect_running(self) -> None:
        if self.status not in _RUNNING:
            raise errors.CreditClosed

    def _note(self, evidence: Sequence[str]) -> None:
        self.evidence = [*self.evidence, *evidence]


def _is_open(doubt: dict[str, Any], flag: str) -> bool:
    return bool(doubt["flag"] == flag and doubt["verdict"] is None)
