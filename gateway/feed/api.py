"""``/changes`` and ``/webhooks``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlmodel import col, select

from gateway.feed.addresses import ForbiddenAddress
from gateway.feed.commands import (
    UnknownEventType,
    WebhookEnded,
    end_webhook,
    expect_types,
    open_webhook,
    own_webhook,
    replay_webhook,
)
from gateway.feed.model import Change, Delivery, Subscription
from gateway.feed.schemas import HIGHEST, ChangePage, DeliveryView, NewWebhook, OpenedWebhook, WebhookView
from gateway.routes import PREFIX
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires

Position = Annotated[
    int,
    Query(
        ge=0,
        le=HIGHEST,
        description="变更流中的位置：其后的变更。What comes after this position of the feed.",
    ),
]
SubscriptionId = Annotated[UUID, Path(description="订阅标识。Of the subscription.")]

changes_router = Router(prefix=f"{PREFIX}/changes", tags=["变更流 changes"])
webhooks_router = Router(prefix=f"{PREFIX}/webhooks", tags=["推送 webhooks"])


@changes_router.get("", dependencies=[requires("changes:read")], responses=refusals(UnknownEventType))
async def list_changes(
    db: Reading,
    since: Position = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="每页条数。How many to a page.")] = 200,
    type: Annotated[  # noqa: A002 - the public name of the parameter
        list[str] | None,
        Query(
            description="只列这些事件类型，可重复，见 /asyncapi.json。Of these types only; may be repeated."
        ),
    ] = None,
) -> ChangePage:
    """Read what happened in the caller's area after a position, as CloudEvents."""
    wanted = select(Change).where(col(Change.position) > since)
    if type:
        expect_types(type)
        wanted = wanted.where(col(Change.type).in_(type))
    found = await db.all(wanted.order_by(col(Change.position)).limit(limit))
    last = found[-1].position if found else since
    return ChangePage(items=[change.event for change in found], next=last or since)


@webhooks_router.post(
    "",
    status_code=201,
    dependencies=[requires("webhooks:write")],
    responses=refusals(ForbiddenAddress, UnknownEventType),
)
async def open_subscription(db: Writing, new: NewWebhook) -> OpenedWebhook:
    """Have changes pushed to an address, signed as Standard Webhooks; the answer holds the secret, once."""
    subscription = await open_webhook(db, new)
    return OpenedWebhook(**WebhookView.of(subscription).model_dump(), secret=subscription.secret)


@webhooks_router.get("", dependencies=[requires("webhooks:write")])
async def list_subscriptions(db: Reading, page: Paging) -> Page[WebhookView]:
    """List the caller's subscriptions."""
    own = select(Subscription).where(Subscription.client_id == db.principal.subject)
    found = await db.page(own, order=[Subscription.id], page=page)
    return found.each(WebhookView.of)


@webhooks_router.delete(
    "/{subscription_id}",
    status_code=204,
    dependencies=[requires("webhooks:write")],
    responses=refusals(NotFound),
)
async def end_subscription(db: Writing, subscription_id: SubscriptionId) -> None:
    """End a subscription."""
    await end_webhook(db, subscription_id)


@webhooks_router.get(
    "/{subscription_id}/deliveries",
    dependencies=[requires("webhooks:write")],
    responses=refusals(NotFound),
)
async def list_deliveries(db: Reading, subscription_id: SubscriptionId, page: Paging) -> Page[DeliveryView]:
    """List the attempts to deliver, oldest first."""
    await own_webhook(db, subscription_id)
    attempts = select(Delivery).where(Delivery.subscription_id == subscription_id)
    found = await db.page(attempts, order=[Delivery.id], page=page)
    return found.each(DeliveryView.of)


@webhooks_router.post(
    "/{subscription_id}/replay",
    status_code=202,
    dependencies=[requires("webhooks:write")],
    responses=refusals(NotFound, WebhookEnded),
)
async def replay(db: Writing, subscription_id: SubscriptionId, since: Position) -> WebhookView:
    """Deliver again everything after a position of the feed."""
    return WebhookView.of(await replay_webhook(db, subscription_id, since=since))
