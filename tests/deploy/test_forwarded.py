"""Whose address the gateway counts: the connection's, or what a proxy says that is believed (docs/running.md)."""

from __future__ import annotations

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from deploy.serving import listening


async def whoever(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the address of who calls."""
    if scope["type"] == "lifespan":
        for done in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{done}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(
    ("believed", "forwarded", "counted"),
    [
        pytest.param(None, None, "127.0.0.1", id="no proxy"),
        pytest.param(None, "203.0.113.7", "203.0.113.7", id="a proxy on this machine"),
        pytest.param(None, "198.51.100.1, 203.0.113.7", "203.0.113.7", id="what somebody claims before it"),
        pytest.param("127.0.0.1,10.0.0.0/8", "203.0.113.7, 10.1.2.3", "203.0.113.7", id="two proxies"),
        pytest.param("10.0.0.1", "203.0.113.7", "127.0.0.1", id="a proxy that is not believed"),
    ],
)
async def test_a_caller_is_the_last_address_that_is_no_proxy(
    monkeypatch: pytest.MonkeyPatch, believed: str | None, forwarded: str | None, counted: str
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    if believed:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", believed)
    said = {"X-Forwarded-For": forwarded} if forwarded else {}
    async with (
        listening(whoever, "127.0.0.1", 0, drain_seconds=1) as port,
        httpx.AsyncClient(trust_env=False) as caller,
    ):
        assert (await caller.get(f"http://127.0.0.1:{port}/", headers=said)).text == counted
