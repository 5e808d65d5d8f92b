"""Pushing changes to subscribers: in order, signed as Standard Webhooks, again until taken.

A subscription is a position in the feed, so nothing can be lost on the way: a delivery that fails leaves the
position where it is, and one that was taken but not noted is sent again (at least once).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import orjson
from sqlalchemy import Select, Update, func, update
from sqlmodel import col, or_, select
from standardwebhooks.webhooks import Webhook

from gateway.feed.addresses import outbound_session
from gateway.feed.model import Change, Delivery, Subscription
from gateway.identity.model import Client
from gateway.settings import GatewaySettings
from shared.assembly import Runtime
from shared.database import Database, Writer
from shared.identity.principal import Principal, system
from shared.jobs import JobRun, enqueue

_BATCH = 100
#: How long a round delivers to one subscription; what is left then has its turn in the next round.
_TURN_SECONDS = 10
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
    """Push to every subscription that is due what it has not had yet, each in a turn of its own."""
    async with run.database.reading(system("gateway")) as db:
        subscriptions = await db.all(_due())
    settings = GatewaySettings.read()
    async with outbound_session(allow_private=settings.allow_private_webhooks, timeout=_TIMEOUT) as http:
        turns = [_Turn(run.database, http, subscription) for subscription in subscriptions]
        # Side by side: nobody waits until somebody else's slow receiver has taken all that there is.
        taken = await asyncio.gather(*(turn.take() for turn in turns), return_exceptions=True)
    if broken := [end for end in taken if isinstance(end, BaseException)]:
        raise broken[0]
    if any(turn.is_cut_short for turn in turns):
        async with run.database.writing(system("gateway")) as db:
            await wake_deliveries(db)
    return {"subscriptions": len(subscriptions), "delivered": sum(turn.delivered for turn in turns)}


def _due() -> Select[Any]:
    """Return whom to deliver to: not whoever waits for another attempt, nor a client that is let in no more."""
    disabled = select(Client.client_id).where(col(Client.disabled_at).is_not(None))
    return (
        select(Subscription)
        .where(col(Subscription.ended_at).is_(None), col(Subscription.client_id).not_in(disabled))
        .where(or_(col(Subscription.retry_at).is_(None), col(Subscription.retry_at) <= func.now()))
    )


@dataclass
class _Turn:
    """One subscription's part of a round: a while, however much there is for it."""

    database: Database
    http: aiohttp.ClientSession
    subscription: Subscription
    delivered: int = 0
    is_cut_short: bool = False

    async def take(self) -> None:
        """Deliver until nothing is left, the receiver takes no more or the turn is over."""
        ends_at = time.monotonic() + _TURN_SECONDS
        while changes := await self._next_changes():
            for change in changes:
                attempt = await _attempt(self.http, self.subscription, change)
                self.delivered += attempt.delivered
                if not await self._note(attempt):
                    return
                self.is_cut_short = time.monotonic() > ends_at
                if self.is_cut_short:
                    return

    async def _next_changes(self) -> Sequence[Change]:
        # The subscriber's own area limits what it is sent, by the same wall as what it may read.
        to = self.subscription
        reader = Principal(to.client_id, to.client_name, frozenset(), tuple(to.areas))
        wanted = select(Change).where(col(Change.position) > to.delivered_to)
        if to.types:
            wanted = wanted.where(col(Change.type).in_(to.types))
        async with self.database.reading(reader) as db:
            return await db.all(wanted.order_by(col(Change.position)).limit(_BATCH))

    async def _note(self, attempt: Delivery) -> bool:
        """Note an attempt; False where the turn ends: it failed, or somebody ended or set back the subscription."""
        now: dict[str, Any] = {"failures": 0, "retry_at": None, "delivered_to": attempt.position}
        async with self.database.writing(system("gateway")) as db:
            db.add(attempt)
            if not attempt.delivered:
                failures = self.subscription.failures + 1
                retry_at = db.now + min(_FIRST_WAIT * 2 ** min(failures, _MOST_DOUBLINGS), _LONGEST_WAIT)
                now = {"failures": failures, "retry_at": retry_at}
            noted = await db.execute(_where_it_was(self.subscription).values(now))
        if not attempt.delivered or noted.rowcount != 1:
            return False
        self.subscription.delivered_to, self.subscription.failures = attempt.position, 0
        return True


def _where_it_was(subscription: Subscription) -> Update:
    """Change a subscription unless its subscriber has ended it or set it back since it was read."""
    return (
        update(Subscription)
        .where(col(Subscription.id) == subscription.id, col(Subscription.ended_at).is_(None))
        .where(col(Subscription.delivered_to) == subscription.delivered_to)
    )


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


def _signed(secret: str, event_id: UUID, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(str(event_id), now, body.decode())
    return {
        "content-type": "application/cloudevents+json",
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
