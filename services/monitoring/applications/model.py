"""The table of self-applications."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed, Recorded


class SelfApplication(Row, Identified, Placed, Recorded, table=True):
    """What somebody told of their own hardship; it waits until the registry knows the person, then it is a clue."""

    __table_args__ = (
        Index(
            "ix_self_application_waiting",
            "number_index",
            postgresql_where=text("clue_id IS NULL AND monitored_id IS NULL AND refusal IS NULL"),
        ),
    )

    #: SHA-256 of the receipt that the person holds: nobody else can ask with it.
    receipt_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    applicant: str
    identity_number: str = Field(sa_type=EncryptedText(context="self_application.identity_number"))
    number_index: bytes
    phone: str | None = Field(default=None, sa_type=EncryptedText(context="self_application.phone"))
    #: Who wrote it for somebody who cannot.
    written_by: str | None = None
    channel: str
    risk_type: str
    difficulty: str
    received_on: date
    household_id: UUID | None = Field(default=None, index=True)
    #: What it became: a clue; or the household was under watch for this risk already.
    clue_id: UUID | None = Field(default=None, index=True)
    monitored_id: UUID | None = None
    #: Why it can never become one, in words that the person is told.
    refusal: str | None = None
    refused_by: str | None = None
