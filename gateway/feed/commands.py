"""Opening and ending subscriptions."""

from __future__ import annotations

import base64
import secrets
from uuid import UUID

from sqlalchemy import func
from sqlmodel import select

from gateway.feed.addresses import check_url
from gateway.feed.deliveries import wake_deliveries
from gateway.feed.model import Change, Subscription
from gateway.feed.schemas import NewWebhook
from gateway.settings import GatewaySettings
from shared.contracts.envelope import Contract
from shared.database import Reader, Writer
from shared.refusal import NotFound, Refusal


class UnknownEventType(Refusal):
    """There is no event of this type."""

    status = 422
    code = "unknown_event_type"
    zh = "没有这种事件类型"


async def open_webhook(db: Writer, new: NewWebhook) -> Subscription:
    """Open a subscription of the caller, limited to the caller's areas."""
    check_url(new.url, allow_private=GatewaySettings.read().allow_private_webhooks)
    if unknown := [name for name in new.types if name not in Contract.registry]:
        raise UnknownEventType(", ".join(unknown))
    newest = await last_position(db)
    # From beyond the newest on, all that comes until then would be passed over.
    start = newest if new.since is None else min(new.since, newest)
    subscription = Subscription(
        client_id=db.principal.subject,
        client_name=db.principal.name,
        url=new.url,
        types=new.types,
        areas=list(db.principal.areas),
        secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        delivered_to=start,
        created_at=db.now,
    )
    db.add(subscription)
    await db.flush()
    await wake_deliveries(db)
    return subscription


async def end_webhook(db: Writer, subscription_id: UUID) -> None:
    """End a subscription of the caller."""
    (await own_webhook(db, subscription_id)).ended_at = db.now


async def replay_webhook(db: Writer, subscription_id: UUID, *, since: int) -> Subscription:
    """Deliver again everything after a position."""
    subscription = await own_webhook(db, subscription_id)
    subscription.delivered_to = min(since, await last_position(db))
    subscription.failures, subscription.retry_at = 0, None
    await db.flush()
    await wake_deliveries(db)
    return subscription


async def own_webhook(db: Reader, subscription_id: UUID) -> Subscription:
    """Return a subscription of the caller; others' do not exist for it."""
    subscription = await db.get(Subscription, subscription_id)
    if subscription.client_id != db.principal.subject:
        raise NotFound
    return subscription


async def last_position(db: Reader) -> int:
    """Return the newest position of the feed that the caller sees."""
    return await db.scalar(select(func.coalesce(func.max(Change.position), 0))) or 0
