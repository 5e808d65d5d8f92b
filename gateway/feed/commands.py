"""Opening and ending subscriptions."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import select

from gateway.feed.addresses import check_url
from gateway.feed.deliveries import wake_deliveries
from gateway.feed.model import Change, Subscription
from gateway.feed.reactions import REACTIONS
from gateway.feed.schemas import NewWebhook
from gateway.settings import GatewaySettings
from shared.database import Reader, Writer
from shared.refusal import NotFound, Refusal


class UnknownEventType(Refusal):
    """The feed tells of no event of this type: ``/asyncapi.json`` has them, with their version (``.v1``)."""

    status = 422
    code = "unknown_event_type"
    zh = "变更流中没有这种事件类型，请连同版本号填写（如 monitoring.household_tagged.v1）"


class WebhookEnded(Refusal):
    """The subscription has ended, and nothing is delivered to it: open another one."""

    code = "webhook_ended"
    zh = "该订阅已终止，不再推送，请重新订阅"


def expect_types(names: Sequence[str]) -> None:
    """Refuse types of which the feed never tells: whoever waits for one waits for ever."""
    if unknown := [name for name in names if name not in REACTIONS.types]:
        raise UnknownEventType(", ".join(unknown))


async def open_webhook(db: Writer, new: NewWebhook) -> Subscription:
    """Open a subscription of the caller, limited to the caller's areas."""
    check_url(new.url, allow_private=GatewaySettings.read().allow_private_webhooks)
    expect_types(new.types)
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
    if subscription.ended_at is not None:
        raise WebhookEnded
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
