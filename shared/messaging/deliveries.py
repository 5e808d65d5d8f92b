"""Reading deliveries: events that can be handled, and corpses of those that nobody will ever read."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from pydantic import ValidationError

from shared.contracts.envelope import Contract, Event, parse_event
from shared.logging import log
from shared.messaging.dead import Corpse
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Delivery, Message

_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """One event, and the delivery that brought it, perhaps among others."""

    event: Event[Contract]
    #: The event as it came, with fields that this program does not know yet.
    raw: dict[str, Any]
    delivery: Delivery

    @property
    def attempts(self) -> int:
        """How often handling it has failed before."""
        return self.delivery.message.attempts

    def alone(self) -> Message:
        """Return a message with this event only, for its next attempt."""
        return Message(self.event.type, orjson.dumps([self.raw]), self.attempts + 1)

    def corpse(self, reason: str, attempts: int) -> Corpse:
        """Return what is stored when it is given up."""
        return Corpse(
            self.event.id, self.event.type, self.event.subject, _storable(self.raw), reason, attempts
        )


@dataclass(slots=True)
class Reading:
    """What a micro-batch held."""

    received: list[Received] = field(default_factory=list)
    corpses: list[Corpse] = field(default_factory=list)


def read(deliveries: Iterable[Delivery]) -> Reading:
    """Parse deliveries, in order."""
    reading = Reading()
    for delivery in deliveries:
        _read(delivery, reading)
    return reading


def _read(delivery: Delivery, reading: Reading) -> None:
    try:
        batch = orjson.loads(delivery.message.body)
    except orjson.JSONDecodeError as error:
        reading.corpses.append(_unreadable(delivery.message, reason_of(error)))
        return
    for raw in batch if isinstance(batch, list) else [batch]:
        try:
            event = parse_event(raw)
        except (ValidationError, AttributeError) as error:
            reading.corpses.append(_malformed(delivery.message, raw, reason_of(error)))
            continue
        if event is None:
            # Bound by an earlier version of this service, or published by a later one.
            _log.info("event.unknown", type=str(raw.get("type")), event_id=str(raw.get("id")))
            continue
        received = Received(event, raw, delivery)
        if delivery.exhausted:
            reading.corpses.append(
                received.corpse("the process died each time it was handled", delivery.redelivered)
            )
        else:
            reading.received.append(received)


def _malformed(message: Message, raw: Any, reason: str) -> Corpse:
    if not isinstance(raw, dict):
        return _unreadable(message, reason)
    try:
        event_id = UUID(str(raw.get("id")))
    except ValueError:
        event_id = _id_of(orjson.dumps(raw))
    subject = str(raw.get("subject", ""))
    return Corpse(event_id, message.type, subject, _storable(raw), reason, message.attempts + 1)


def _unreadable(message: Message, reason: str) -> Corpse:
    body = {"base64": base64.b64encode(message.body).decode()}
    return Corpse(_id_of(message.body), message.type, "", body, reason, message.attempts + 1)


def _id_of(body: bytes) -> UUID:
    # The same for every copy, so that the inbox knows them as one.
    return uuid5(NAMESPACE_URL, base64.b64encode(body).decode())


def _storable(raw: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL's JSON takes all of Unicode but NUL."""
    text = orjson.dumps(raw)
    cleaned: dict[str, Any] = orjson.loads(text.replace(b"\\u0000", b"\\ufffd"))
    return cleaned
