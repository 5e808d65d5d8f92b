"""The forms about a monitored object."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.monitoring.forms import Amount, Guarantees, Name, RiskForm, StepForm, Words
from shared.domain.codes import Coded


class FurtherRiskForm(RiskForm, StepForm):
    """A further risk of an object that is under watch; the clue behind it is settled with it."""

    clue_id: UUID | None = None


class EliminationForm(StepForm):
    """The household check before an elimination (风险消除)."""

    how: Annotated[str, Coded("elimination")]
    per_capita_net_income: Amount
    #: Months for which income has been over the line.
    stable_months: Annotated[int, Field(ge=0, le=600)]
    guarantees: Guarantees
    #: Large expenditure for medicine and schooling is settled.
    expenditure_settled: bool
    #: How the risk went: what helped, what changed.
    facts: Words


class OpinionForm(StepForm):
    """A reviewer's or approver's opinion."""

    opinion: Words


class ReasonForm(StepForm):
    """Why."""

    reason: Words


class NoFurtherRiskForm(ReasonForm):
    """Why a further risk, verified in a clue, is none."""

    clue_id: UUID


class RetaggingForm(RiskForm, StepForm):
    """The town's verification that a risk is back (风险再标注); the clue behind it is settled with it."""

    clue_id: UUID | None = None


class ContactForm(StepForm):
    """Who helps and watches (帮扶联系人)."""

    name: Name
    unit: Name


class ClosureForm(StepForm):
    """Why monitoring is to end without elimination (清退)."""

    kind: Annotated[str, Coded("closure")]
    reason: Words
    #: What was wrong in the identification; goes with ``wrongly_identified``.
    mistake: Words | None = None
