"""Shapes of comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from services.monitoring.batches.model import (
    Comparison,
    ComparisonCorrection,
    Mode,
    Outcome,
    UnmatchedReason,
)
from services.monitoring.comparisons.reasons import REASONS
from services.monitoring.forms import Form, Words
from shared.domain.codes import Coded
from shared.domain.money import Yuan
from shared.jobs.api import public_id


class ComparisonView(BaseModel):
    """A batch. Once finished, ``rows == matched + mismatched + probable + departed + unmatched + invalid``.

    To whoever's area lies within the sender's, its figures are those of the rows about the own towns.
    """

    id: UUID
    dataset: str
    period: str
    #: ``validate``: figures and rejects, and nothing else is kept.
    mode: Mode
    owner_name: str
    filename: str
    job: str | None
    requested_at: datetime
    finished_at: datetime | None
    superseded_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawal_reason: str | None
    rows: int
    matched: int
    mismatched: int
    probable: int
    departed: int
    unmatched: int
    invalid: int
    alerts: int
    #: What a corrected or withdrawn batch had told: clues that ended, and those that had their verdict and stay.
    #: None: not told by town.
    clues_taken_back: int | None
    clues_kept: int | None
    #: Since when nothing is kept of rows about nobody here and of those that could not be read; and of no row at all.
    purged_at: datetime | None
    emptied_at: datetime | None

    @classmethod
    def of(cls, batch: Comparison) -> ComparisonView:
        """Show a batch."""
        job = public_id("monitoring", batch.job_id) if batch.job_id else None
        return cls(**batch.model_dump(include=set(cls.model_fields) - {"job"}), job=job)

    def within(self, towns: Iterable[Mapping[str, Any]]) -> ComparisonView:
        """Return it with the figures of some towns only; what is about nobody here is of none of them."""
        sums = Counter[str]()
        for town in towns:
            sums.update({name: value for name, value in town.items() if name != "division_code"})
        told = {name: sums[name] for name in ("matched", "mismatched", "probable", "departed")}
        untold = {"unmatched": 0, "invalid": 0, "clues_taken_back": None, "clues_kept": None}
        return self.model_copy(update=told | untold | {"rows": sum(told.values()), "alerts": sums["alerts"]})


class ResultView(BaseModel):
    """What became of a row: the line of the sender's own file, never the number.

    Who the registry knows it to be is told to those who may read the registry: a department learns the outcome.
    """

    line: int
    outcome: Annotated[str, Coded("comparison_outcome")]
    #: What told whom it is about: ``number``, ``fifteen`` (an old one), ``birth``, ``head``, ``division``, ``person``;
    #: or, of one about nobody here, why: ``unmatched_reason``; ``person`` where somebody said so.
    match: str | None
    household_id: UUID | None = None
    member_id: UUID | None = None
    #: As registered, beside which a mismatch is checked.
    name: str | None = None
    division_code: str | None = None
    amount: Yuan | None
    quantity: Decimal | None
    happened_on: date | None
    kind: str | None
    note: str | None
    #: Values of the dataset's other columns.
    more: dict[str, Any] | None

    @classmethod
    def of(cls, result: Any, names: Mapping[UUID, str] | None) -> ResultView:
        """Show a row of ``OUTCOMES``; ``names`` are those of the registry, none for a department."""
        shown = set(cls.model_fields) - {"name"}
        if names is None:
            shown -= {"household_id", "member_id", "division_code"}
        name = names.get(result.member_id) if names and result.member_id else None
        said = {field: getattr(result, field) for field in shown}
        if result.outcome == Outcome.UNMATCHED:
            said["match"] = result.match or UnmatchedReason.NOT_REGISTERED
        return cls(**said, name=name)


class RejectView(BaseModel):
    """Why a row could not be read; several reasons are as many entries."""

    line: int
    #: By the header of the dataset's form; empty where it is the row as a whole.
    column: str
    code: Annotated[str, Field(json_schema_extra={"enum": [*REASONS]})]
    #: In the language of the caller.
    message: str
    #: As it was written; numbers of people are masked.
    value: str


class ProposalView(BaseModel):
    """What a batch says otherwise than the registry, and what the registry said to it."""

    model_config = ConfigDict(from_attributes=True)

    #: The registry calls it by the same: ``GET /corrections/{id}``.
    id: UUID
    household_id: UUID
    member_id: UUID | None
    name: str | None = None
    division_code: str
    field: str
    known: Any
    found: Any
    happened_on: date | None
    status: Annotated[str, Coded("correction_status")]
    reason: Annotated[str, Coded("correction_reason")] | None
    #: In the words of the person who decided.
    note: str | None
    decided_by: str | None

    @classmethod
    def of(cls, proposal: ComparisonCorrection, names: Mapping[UUID, str]) -> ProposalView:
        """Show one; ``names`` are those of the registry."""
        name = names.get(proposal.member_id) if proposal.member_id else None
        return cls(**proposal.model_dump(include=set(cls.model_fields) - {"name"}), name=name)


class TownFigures(BaseModel):
    """What a batch brought to a town or park."""

    division_code: str
    division_name: str | None
    matched: int
    mismatched: int
    probable: int = 0
    departed: int = 0
    alerts: int


class RuleVerdicts(BaseModel):
    """What became of a rule's warnings: ``alerts == confirmed + dismissed + covered + open``."""

    rule: str
    alerts: int
    #: Found at risk.
    confirmed: int
    #: Looked into, and no risk.
    dismissed: int
    #: Under watch for this risk already.
    covered: int
    open: int
    #: Confirmed of those with a verdict; None while there is none.
    precision: float | None

    @classmethod
    def of(cls, rule: str, alerts: int, confirmed: int, dismissed: int, covered: int) -> RuleVerdicts:
        """Show the figures of a rule."""
        judged = confirmed + dismissed
        return cls(
            rule=rule,
            alerts=alerts,
            confirmed=confirmed,
            dismissed=dismissed,
            covered=covered,
            open=alerts - judged - covered,
            precision=round(confirmed / judged, 4) if judged else None,
        )


class Reconciliation(BaseModel):
    """A batch's figures by town, by reason, and what became of its alerts and of what it says otherwise.

    What is about nobody, or could not be read, is of no town, nor is the file: whoever sees a few towns of it is told
    nothing of that (null), the sender and its county all. 未比中和无法读取的数据行以及文件表头不属于任何乡镇：
    对乡镇一律为 null，由报送部门和县级查看。
    """

    comparison: ComparisonView
    #: Whose batches of the same dataset and period count beside it: what both tell is added up twice.
    counted_beside: list[str]
    #: What each of the file's headers was taken for; null where it is unknown and was passed over.
    headers: dict[str, str | None] | None
    towns: list[TownFigures]
    #: None, too, once it is kept no more (``purged_at``).
    invalid_by_reason: dict[str, int] | None
    #: ``unmatched_reason``; together they are all that are unmatched.
    unmatched_by_reason: dict[str, int] | None
    alerts_by_outcome: dict[str, int]
    #: By rule, what people found.
    verdicts: list[RuleVerdicts]
    #: What it says otherwise than the registry, by what the registry decided: ``correction_status``.
    corrections_by_status: dict[str, int]


def _as_cell(value: Any, accept: ValidatorFunctionWrapHandler) -> Any:
    try:
        return accept(value)
    except ValidationError:
        raise PydanticCustomError("not_a_cell", "a cell is text, a number, true, false or null") from None


#: A cell: numbers of people as text, amounts as either.
Cell = Annotated[str | Decimal | bool | None, WrapValidator(_as_cell)]


class PageDraft(Form):
    """Rows of a batch by header or field, as many as fit a request."""

    rows: Annotated[list[dict[str, Cell]], Field(min_length=1, max_length=10_000)]

    def written(self) -> list[dict[str, str | None]]:
        """Return the rows as text, as a file would have them."""
        return [{name: _as_text(cell) for name, cell in row.items()} for row in self.rows]


def _as_text(cell: object) -> str | None:
    # All digits of a number, however it came.
    return f"{cell:f}" if isinstance(cell, Decimal) else None if cell is None else str(cell)


class PageView(BaseModel):
    """A page that was taken."""

    number: int
    rows: int


class ClosingForm(Form):
    """All pages are there: how many; none where there is nobody to tell of in the period (零报告)."""

    pages: Annotated[int, Field(ge=0, le=1_000_000)]


class BatchWithdrawal(Form):
    """Why a batch is withdrawn."""

    reason: Words
