"""The bus as seen from above: messages go in, deliveries come out. Nothing above knows what carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol


class BusUnavailable(ConnectionError):  # noqa: N818 - named for what is so, as refusals are
    """The bus cannot be reached, or did not confirm. Nothing is lost: try again later."""


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvents JSON batch of events of one type."""

    type: str
    body: bytes
    #: How often handling it has failed. A message with attempts holds one event only.
    attempts: int = 0


class MessagesTooLarge(Exception):  # noqa: N818 - named for what is so, as refusals are
    """The bus itself says that it takes no messages of such a size, today. None of their batch may be in safe hands."""

    def __init__(self, messages: Sequence[Message], reason: str) -> None:
        super().__init__(reason)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to one service, unsettled until acknowledged."""

    message: Message
    #: How often it came before without being settled: whoever held it crashed, or lost the bus.
    redelivered: int = 0
    #: True where the bus has given up on it: deliver no more, keep it as dead.
    exhausted: bool = False
    #: The transport's own handle.
    handle: Any = None


class Receiver(Protocol):
    """One service's end of the bus. Each method raises ``BusUnavailable`` once the bus is lost."""

    async def receive(self, *, messages: int, size: int) -> list[Delivery]:
        """Wait for a delivery; return, in order, those that are there: so many messages, about so many bytes."""

    async def retry(self, delivery: Delivery, message: Message, *, delay: float) -> None:
        """Have a message of what ``delivery`` brought delivered to this service again, in so many seconds.

        Raise ``MessagesTooLarge`` if the bus does not take it any more.
        """

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Settle these deliveries, which must be all that were received and not settled yet."""


class Transport(Protocol):
    """Carries messages from every service to all that subscribed to their type. At least once."""

    def subscribe(self, service: str, types: Iterable[str]) -> None:
        """Say what a service listens to. What is published before anybody subscribed reaches nobody."""

    async def open(self) -> None:
        """Make the subscriptions lasting, ahead of the first message. Idempotent."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once every message is in safe hands; raise ``BusUnavailable`` if any may not be.

        Where the bus says of some that they are larger than it takes, raise ``MessagesTooLarge`` with all of those.
        """

    async def queued(self, service: str) -> int:
        """Count the messages that wait for a service and were given to no receiver yet."""

    def receiving(self, service: str) -> AbstractAsyncContextManager[Receiver]:
        """Receive a service's messages inside the block; what is unsettled at its end is delivered again."""

    async def close(self) -> None:
        """Let go of all connections."""
