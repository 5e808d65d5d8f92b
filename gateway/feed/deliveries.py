"""Pushing changes to subscribers: in order, signed as Standard Webhooks, again until taken.

A subscription is a position in the feed, so nothing can be lost on the way: a delivery that fails leaves the
position where it is, and one that was taken but not noted is sent again (at least once).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import orjson
from sqlalchemy import func
from sqlmodel import col, or_, select
from standardwebhooks.webhooks import Webhook

from gateway.feed.addresses import outbound_session
from gateway.feed.model import Change, Delivery, Subscription
from gateway.settings import GatewaySettings
from shared.assembly import Runtime
from shared.database import Database, Writer
from shared.identity.principal import Principal, system
from shared.jobs import JobRun, enqueue

_BATCH = 100
_TIMEOUT = aiohttp.ClientTimeout(total=15)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=6)
#: More would be longer than the longest wait, and at last no time that can be told.
_MOST_DOUBLINGS = 13
_OK = range(200, 300)
JOB = "gateway.deliver"


async def wake_deliveries(db: Writer) -> None:
    """Ask for a round of deliveries; it starts once the changes are committed."""
    if await db.first(select(Subscription.id).where(col(Subscription.ended_at).is_(None)).limit(1)):
        await enqueue(db, JOB, {}, once=JOB)


async def deliver_overdue(runtime: Runtime) -> None:
    """Ask for another round: a subscriber that was away is tried again though nothing new has happened."""
    async with runtime.database.writing(system("gateway")) as db:
        await wake_deliveries(db)


async def deliver(run: JobRun) -> dict[str, Any]:
    """Push to every subscription that is due what it has not had yet."""
    due = (
        select(Subscription)
        .where(col(Subscription.ended_at).is_(None))
        .where(or_(col(Subscription.retry_at).is_(None), col(Subscription.retry_at) <= func.now()))
    )
    async with run.database.reading(system("gateway")) as db:
        subscriptions = await db.all(due)
    settings = GatewaySettings.read()
    async with outbound_session(allow_private=settings.allow_private_webhooks, timeout=_TIMEOUT) as http:
        delivered = [await _catch_up(run.database, http, subscription) for subscription in subscriptions]
    return {"subscriptions": len(subscriptions), "delivered": sum(delivered)}


async def _catch_up(database: Database, http: aiohttp.ClientSession, subscription: Subscription) -> int:
    delivered = 0
    while changes := await _next_changes(database, subscription):
        for change in changes:
            attempt = await _attempt(http, subscription, change)
            await _note(database, subscription, attempt)
            if not attempt.delivered:
                return delivered
            delivered += 1
    return delivered


async def _next_changes(database: Database, subscription: Subscription) -> Sequence[Change]:
    # The subscriber's own area limits what it is sent, by the same wall as what it may read.
    reader = Principal(
        subscription.client_id, subscription.client_name, frozenset(), tuple(subscription.areas)
    )
    wanted = select(Change).where(col(Change.position) > subscription.delivered_to)
    if subscription.types:
        wanted = wanted.where(col(Change.type).in_(subscription.types))
    async with database.reading(reader) as db:
        return await db.all(wanted.order_by(col(Change.position)).limit(_BATCH))


async def _attempt(http: aiohttp.ClientSession, subscription: Subscription, change: Change) -> Delivery:
    body = orjson.dumps(change.event)
    attempt = Delivery(
        subscription_id=subscription.id,
        position=change.position or 0,
        attempted_at=datetime.now(UTC),
        delivered=False,
    )
    headers = _signed(subscription.secret, change.event_id, body)
    try:
        async with http.post(subscription.url, data=body, headers=headers, allow_redirects=False) as answer:
            attempt.status = answer.status
            attempt.delivered = answer.status in _OK
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        attempt.error = type(error).__name__
    return attempt


async def _note(database: Database, subscription: Subscription, attempt: Delivery) -> None:
    async with database.writing(system("gateway")) as db:
        kept = await db.get(Subscription, subscription.id)
        if attempt.delivered:
            kept.delivered_to, kept.failures, kept.retry_at = attempt.position, 0, None
        else:
            kept.failures += 1
            doublings = min(kept.failures, _MOST_DOUBLINGS)
            kept.retry_at = db.now + min(_FIRST_WAIT * 2**doublings, _LONGEST_WAIT)
        db.add(attempt)
    subscription.delivered_to = kept.delivered_to


def _signed(secret: str, event_id: UUID, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(str(event_id), now, body.decode())
    return {
        "content-type": "application/cloudevents+json",
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
