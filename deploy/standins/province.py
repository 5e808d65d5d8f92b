"""A stand-in for the provincial platform: it posts warnings, and keeps in step by signed webhooks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from deploy.demo.client import Caller
from deploy.serving import listening


class ProvincialPlatform:
    """Knows nothing but the API: its credentials, its address, and what was delivered to it."""

    #: What it keeps in step with.
    types = (
        "monitoring.household_tagged.v1",
        "monitoring.risk_eliminated.v1",
        "monitoring.risk_retagged.v1",
        "monitoring.measure_planned.v1",
        "monitoring.measure_changed.v1",
    )

    def __init__(self, api: Caller) -> None:
        self._api = api
        self._secret = ""
        #: Event id to event, in the order of the first delivery.
        self.received: dict[str, dict[str, Any]] = {}
        self.rejected = 0
        self.warned = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery; one whose signature does not hold is turned away."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        await (await self._take(request))(scope, receive, send)

    async def _take(self, request: Request) -> Response:
        body = (await request.body()).decode()
        try:
            Webhook(self._secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.rejected += 1
            return Response(status_code=401)
        event = json.loads(body)
        self.received.setdefault(event["id"], event)
        return Response(status_code=204)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen, and subscribe to what monitoring decides."""
        async with listening(self, "127.0.0.1", 0, drain_seconds=2) as port:
            wanted = {"url": f"http://127.0.0.1:{port}/fangfan", "types": self.types}
            self._secret = (await self._api.post("/webhooks", wanted))["secret"]
            yield

    async def warn(self, identity_number: str, risk_type: str, facts: str, reference: str) -> dict[str, Any]:
        """Send a warning about a person."""
        warning = {
            "identity_number": identity_number,
            "risk_type": risk_type,
            "source": "province",
            "facts": facts,
            "reference": reference,
        }
        taken = dict(await self._api.post("/clues", warning))
        self.warned += 1
        return taken

    async def missing(self) -> set[str]:
        """Return the ids of events that the change feed has and no delivery brought."""
        feed: set[str] = set()
        since = 0
        while True:
            page = await self._api.get("/changes", since=since, type=list(self.types), limit=1000)
            feed |= {event["id"] for event in page["items"]}
            if not page["items"]:
                return feed - self.received.keys()
            since = page["next"]
