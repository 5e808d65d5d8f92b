"""Shapes of the feed and of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.feed.model import Delivery, Subscription

#: The highest position that the feed can reach.
HIGHEST = 2**63 - 1


class ChangePage(BaseModel):
    """Changes in order; pass ``next`` as ``since`` to go on, also when the page is empty."""

    items: list[dict[str, Any]]
    next: int


class NewWebhook(BaseModel):
    """A subscription to open."""

    url: Annotated[str, Field(max_length=500)]
    #: Event types such as ``monitoring.household_tagged.v1``; empty for all.
    types: Annotated[list[str], Field(max_length=100)] = []
    #: Deliver from this position of the feed on; by default from now on.
    since: Annotated[int | None, Field(ge=0, le=HIGHEST)] = None


class WebhookView(BaseModel):
    """A subscription."""

    id: UUID
    url: str
    types: list[str]
    areas: list[str]
    delivered_to: int
    failures: int
    retry_at: datetime | None
    ended: bool

    @classmethod
    def of(cls, subscription: Subscription) -> WebhookView:
        """Show a subscription; its secret was shown when it was opened."""
        plain = subscription.model_dump(include=set(cls.model_fields))
        return cls(**plain, ended=subscription.ended_at is not None)


class OpenedWebhook(WebhookView):
    """A new subscription with its signing secret, which is shown this once."""

    secret: str


class DeliveryView(BaseModel):
    """One attempt to deliver."""

    id: UUID
    position: int
    attempted_at: datetime
    status: int | None
    delivered: bool
    error: str

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryView:
        """Show an attempt."""
        return cls(**delivery.model_dump(include=set(cls.model_fields)))
