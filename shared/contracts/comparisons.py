"""What monitoring tells the other services of departments' data: figures, and what contradicts the registry."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import AggregateState
from shared.contracts.inspection import ProposedCorrection


class TownOutcome(BaseModel):
    """What a comparison brought to one town or park."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    division_code: str
    matched: int = 0
    mismatched: int = 0
    alerts: int = 0
    probable: int = 0
    departed: int = 0


class ComparisonFinished(AggregateState, event="monitoring.comparison_finished.v1"):
    """A department's batch was compared with the registry (部门数据比对), corrected, withdrawn, or had a doubt decided.

    ``rows == matched + mismatched + probable + departed + unmatched + invalid``.
    """

    dataset: str
    period: str
    rows: int
    matched: int
    mismatched: int
    unmatched: int
    invalid: int
    alerts: int
    finished_at: datetime
    towns: tuple[TownOutcome, ...] = ()
    #: Of rows without a number: likely about somebody, which a person decides.
    probable: int = 0
    #: About people who have died or left.
    departed: int = 0
    #: Set once its sender has taken it back; its rows count no more.
    withdrawn_at: datetime | None = None
    #: Set once a corrected batch has taken its place; the same.
    superseded_by: UUID | None = None


class ComparedCorrection(ProposedCorrection):
    """A fact that a department's row says to be otherwise; ``leave_reason`` of somebody who is there: they left."""

    #: As the department dates it: the certificate, the death, the move.
    happened_on: date | None = None


class ComparisonCorrectionsProposed(AggregateState, event="monitoring.corrections_proposed.v1"):
    """A department's batch contradicts the registry on one household; ``id`` is the batch. The registry decides."""

    household_id: UUID
    dataset: str
    #: Whose data it is, as people call it.
    department: str
    period: str
    compared_at: datetime
    #: Subject of the client that sent the batch: it does not decide on it itself.
    proposed_by: str
    corrections: tuple[ComparedCorrection, ...]


class ComparisonCorrectionsWithdrawn(AggregateState, event="monitoring.corrections_withdrawn.v1"):
    """A department corrected or withdrew a batch: what it contradicted of one household is not said any more.

    ``id`` is the batch that said it. What the registry has decided stays, and a person sees that its ground is gone.
    """

    household_id: UUID
    dataset: str
    department: str
    period: str
    #: In the department's words.
    reason: str
    #: As they were proposed.
    corrections: tuple[UUID, ...]
