"""Changes in the order in which they arrived, who subscribes to them, and each attempt to deliver."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from gateway.tables import Row
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed


class Change(Row, Placed, table=True):
    """One event as the outside sees it."""

    #: Position in the feed. Writers take turns, so positions become visible in order.
    position: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    event_id: UUID = Field(unique=True)
    type: str
    subject: str
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: The CloudEvent, names masked.
    event: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class Subscription(Row, Identified, table=True):
    """Somebody who wants changes pushed to an address (Standard Webhooks)."""

    client_id: str = Field(index=True)
    client_name: str
    url: str
    #: Event types; empty means all.
    types: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    areas: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    #: Signs every delivery.
    secret: str = Field(sa_type=EncryptedText(context="subscription.secret"))
    #: Everything up to this position has been delivered.
    delivered_to: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: Set while deliveries fail; the next attempt waits for it.
    retry_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    failures: int = 0
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Delivery(Row, Identified, table=True):
    """One attempt to deliver one change."""

    subscription_id: UUID = Field(index=True)
    position: int = Field(sa_type=BigInteger)
    attempted_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: HTTP status; None where no answer came.
    status: int | None = None
    delivered: bool
    error: str = ""
