"""Requests and answers about clues."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, SecretStr

from services.monitoring.clues.model import Clue, ClueStatus, Receipt
from services.monitoring.clues.rules import Outcome
from services.monitoring.forms import Form, Name, Words
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode


class ClueDraft(Form):
    """Something told about a household, which is named by its id or by the identity number of a member."""

    household_id: UUID | None = None
    #: Secret, so that it appears in no log and no error.
    identity_number: SecretStr | None = None
    #: The person at risk; by itself where an identity number was given.
    member_id: UUID | None = None
    risk_type: Annotated[str, Coded("risk_type")]
    source: Annotated[str, Coded("clue_source")]
    facts: Words
    #: The sender's own number for it: the same thing sent twice counts once.
    reference: Name | None = None
    received_on: date | None = None


class ReceiptView(BaseModel):
    """What became of what was told, and where to follow it."""

    outcome: Outcome
    clue_id: UUID | None
    monitored_id: UUID | None
    household_id: UUID

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Show a receipt."""
        return cls(
            outcome=receipt.outcome,
            clue_id=receipt.clue.id if receipt.clue else None,
            monitored_id=receipt.monitored.id if receipt.monitored else None,
            household_id=receipt.arrival.household_id,
        )


class AcceptanceDraft(Form):
    """The verdict that there is a risk (核实有风险)."""

    verdict: Words
    verified_on: date | None = None
    #: After a disaster or accident help comes first (绿色通道).
    green_channel: bool = False


class DismissalDraft(Form):
    """The verdict that there is none, and why."""

    reason: Words
    verified_on: date | None = None


class AcceptanceView(BaseModel):
    """Where an accepted clue leads: exactly one of the two."""

    clue_id: UUID
    #: The case that it opened or joined.
    case_id: UUID | None
    #: The object to be re-tagged (``POST …/retagging``) or at a further risk (``POST …/risks``).
    monitored_id: UUID | None
    clue_version: int


class ClueQuery(BaseModel):
    """Filters of the inbox; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[ClueStatus] = []
    source: list[Annotated[str, Coded("clue_source")]] = []
    risk_type: list[Annotated[str, Coded("risk_type")]] = []
    household_id: UUID | None = None
    overdue: bool | None = None


class ClueView(BaseModel):
    """A clue, with whom it is about."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    member_id: UUID | None
    risk_type: str
    status: str
    sources: list[str]
    evidence: list[dict[str, Any]]
    received_on: date
    due_on: date
    overdue: bool
    settled_on: date | None
    settled_by: str | None
    verdict: str | None
    case_id: UUID | None
    monitored_id: UUID | None
    version: int
    changed_at: datetime

    @classmethod
    def of(cls, clue: Clue, household: HouseholdReplica | None, *, today: date) -> Self:
        """Show a clue as it stands ``today``."""
        return cls(
            **clue.model_dump(exclude={"settled_by", "settled_by_name", "changed_by", "change_reason"}),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            overdue=clue.settled_on is None and clue.due_on < today,
            settled_by=clue.settled_by_name,
        )
