"""The hot path: a request goes through to its service and the answer comes back, both as streams.

Bare ASGI and one pooled client: a framework here would cost more than the service behind it. No body is
parsed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from multidict import CIMultiDict
from starlette.types import Receive, Scope, Send
from yarl import URL

from gateway.routes import PREFIX
from shared.identity.internal import HEADER as IDENTITY_HEADER
from shared.refusal import Unavailable
from shared.telemetry import current_traceparent
from shared.web.problems import NoSuchPath

#: Connection-level (RFC 9110, 7.6.1), or set anew on the way in, or never let in from outside.
_NOT_FORWARDED = frozenset(
    {
        b"host",
        b"connection",
        b"keep-alive",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"authorization",
        b"traceparent",
        b"expect",
        IDENTITY_HEADER.encode(),
    }
)
_NOT_RETURNED = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"trailer", b"upgrade", b"server", b"date"}
)
_CHUNK = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=5, sock_read=120)


class Proxy:
    """Streams requests to the services."""

    def __init__(self, services: dict[str, str]) -> None:
        self.services = services
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pooled client; made on first use, inside the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
                timeout=_TIMEOUT,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def forward(
        self, service: str, scope: Scope, receive: Receive, send: Send, *, identity: bytes
    ) -> None:
        """Pass one request on, under the caller's internal identity, and stream the answer back."""
        path = scope["raw_path"].decode("ascii").removeprefix(PREFIX)
        if not path.startswith("/"):
            # Whoever writes the prefix's slash as %2F would say which host is called, and be sent the identity.
            raise NoSuchPath
        query = scope["query_string"]
        target = f"{self.services[service]}{path}" + (f"?{query.decode('ascii')}" if query else "")
        has_body = _has_body(scope)
        try:
            async with self.session.request(
                scope["method"],
                URL(target, encoded=True),
                headers=_request_headers(scope, identity),
                data=_body(receive) if has_body else None,
                allow_redirects=False,
            ) as response:
                # Of a request with a body, its sender's going is seen while it is read.
                await _send_back(response, send, None if has_body else receive)
        except (TimeoutError, aiohttp.ClientConnectionError) as error:
            raise Unavailable(f"{service} does not answer", zh_detail="后端服务暂时没有响应") from error

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()


def _request_headers(scope: Scope, identity: bytes) -> CIMultiDict[str]:
    headers = CIMultiDict(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
        if name not in _NOT_FORWARDED
    )
    headers[IDENTITY_HEADER] = identity.decode("ascii")
    if traceparent := current_traceparent():
        headers["traceparent"] = traceparent
    return headers


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            # Half a body must never look like a whole one to the service.
            raise aiohttp.ClientConnectionError("the caller went away")
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)


async def _send_back(response: aiohttp.ClientResponse, send: Send, receive: Receive | None) -> None:
    headers = [
        (name.lower(), _public(name, value))
        for name, value in response.raw_headers
        if name.lower() not in _NOT_RETURNED
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.content_length is not None and response.content_length <= _CHUNK:
        await send({"type": "http.response.body", "body": await response.read()})
        return
    leaving = asyncio.create_task(_let_go_when_left(response, receive)) if receive else None
    try:
        async for chunk in response.content.iter_any():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except aiohttp.ClientConnectionError:
        if leaving is None or not leaving.done():
            raise
        return
    finally:
        if leaving is not None:
            leaving.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _let_go_when_left(response: aiohttp.ClientResponse, receive: Receive) -> None:
    """Hang up on the service once the caller has: else it goes on with an export, or a job's progress, for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass
    response.close()


def _public(name: bytes, value: bytes) -> bytes:
    """Services speak of their own paths; the outside knows them below the gateway's prefix."""
    return PREFIX.encode() + value if name.lower() == b"location" and value.startswith(b"/") else value
