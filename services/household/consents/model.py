"""Consents of households and of their people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Column, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed, Recorded


class Consent(Row, Identified, Placed, Recorded, table=True):
    """A consent (承诺授权书), of the household or of one person. Never deleted: it runs out, or is withdrawn."""

    __table_args__ = ({"info": {"root": "household_id"}},)

    household_id: UUID = Field(index=True)
    #: Whose consent it is, where it is one person's.
    member_id: UUID | None = None
    #: Codes of the list ``consent_scope``.
    scopes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    given_on: date
    #: Where the signed paper is, or who took it down from whom.
    evidence: str
    #: The last day on which it holds.
    expires_on: date | None = None
    withdrawn_on: date | None = None
    withdrawal_reason: str | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return (
            self.given_on <= day
            and (self.expires_on is None or day <= self.expires_on)
            and (self.withdrawn_on is None or day < self.withdrawn_on)
        )
