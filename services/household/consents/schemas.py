"""Shapes of consents."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.codes import Coded

Words = Annotated[str, Field(min_length=1, max_length=500)]
Scope = Annotated[str, Coded("consent_scope")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewConsent(_Strict):
    """A consent that was signed."""

    member_id: UUID | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    given_on: date
    evidence: Words
    #: The last day on which it holds.
    expires_on: date | None = None


class Withdrawal(_Strict):
    """A consent is withdrawn."""

    on: date
    reason: Words


class ConsentView(BaseModel):
    """A consent, and whether it holds on the day that was asked about, or today."""

    id: UUID
    household_id: UUID
    member_id: UUID | None
    scopes: list[str]
    given_on: date
    evidence: str
    expires_on: date | None
    withdrawn_on: date | None
    withdrawal_reason: str | None
    holds: bool
    version: int


class ConsentGap(BaseModel):
    """A household without a consent of a scope that will hold; ``until`` is the last day of one that runs out."""

    id: UUID
    number: str
    division_code: str
    head_name: str | None
    until: date | None
