"""A subscriber of webhooks that writes down what it is sent, in the order in which it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass
class Subscriber:
    """What came in."""

    url: str
    #: Event ids in the order of their first coming.
    ids: dict[str, None] = field(default_factory=dict)
    #: Of each subject, the sequences in the order of their first coming.
    sequences: dict[str, list[int]] = field(default_factory=dict)
    deliveries: int = 0

    def take(self, event: dict[str, Any]) -> None:
        """Note an event; one that comes again changes nothing."""
        self.deliveries += 1
        if event["id"] not in self.ids:
            self.ids[event["id"]] = None
            self.sequences.setdefault(f"{event['type'].split('.')[0]}/{event['subject']}", []).append(
                event["sequence"]
            )

    @property
    def disordered(self) -> int:
        """Count the subjects whose events did not come in their order."""
        return sum(came != sorted(came) for came in self.sequences.values())


@asynccontextmanager
async def subscribed(port: int) -> AsyncIterator[Subscriber]:
    """Take deliveries inside the block."""
    subscriber = Subscriber(f"http://127.0.0.1:{port}/hook")

    async def take(request: web.Request) -> web.Response:
        subscriber.take(orjson.loads(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield subscriber
    finally:
        await runner.cleanup()
