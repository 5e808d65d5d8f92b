"""The door: admits a request, then hands it to a service or to the gateway's own endpoints."""

from __future__ import annotations

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.identity.tokens import Admitted, Tokens
from gateway.limits import RateLimits
from gateway.proxy import Proxy
from gateway.routes import PREFIX, PUBLIC, service_for
from shared.identity.internal import HEADER as IDENTITY_HEADER, Unauthenticated
from shared.identity.principal import PUBLIC as PUBLIC_SUBJECT
from shared.logging import log
from shared.refusal import Refusal
from shared.web.language import preferred
from shared.web.problems import problem_response

_log = log(__name__)
#: Below here a caller must be known; everything else (tokens, keys, docs, health) is open.
_GUARDED = f"{PREFIX}/"


class Door:
    """ASGI application: all that the outside can reach."""

    def __init__(
        self, own: ASGIApp, proxy: Proxy, tokens: Tokens, limits: RateLimits, public: RateLimits
    ) -> None:
        self._own = own
        self._proxy = proxy
        self._tokens = tokens
        self._limits = limits
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; anything that is not guarded goes to the gateway's own endpoints as it is."""
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        if not scope["path"].startswith(_GUARDED):
            await self._own(_without_identity(scope), receive, send)
            return
        headers = Headers(scope=scope)
        started, status, subject = time.perf_counter(), 500, "-"

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        extra: list[tuple[bytes, bytes]] = []
        try:
            admitted = self._tokens.public() if _is_public(scope, headers) else self._admit(headers)
            subject = admitted.principal.subject
            extra += self._count(subject, scope)
            await self._pass_on(admitted, scope, receive, answer)
        except Refusal as refusal:
            language = preferred(headers.get("accept-language"))
            await problem_response(refusal, language)(scope, receive, answer)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            # The path alone: a query string may hold a name.
            _log.info(
                "access",
                method=scope["method"],
                path=scope["path"],
                status=status,
                client=subject,
                ms=milliseconds,
            )

    def _count(self, subject: str, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Count a request against its client's rate; people without a token have one for each address."""
        if subject != PUBLIC_SUBJECT:
            return self._limits.take(subject)
        return self._public.take(scope["client"][0] if scope["client"] else "")

    def _admit(self, headers: Headers) -> Admitted:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("send an access token", zh_detail="请携带访问令牌")
        return self._tokens.admit(token)

    async def _pass_on(self, admitted: Admitted, scope: Scope, receive: Receive, send: Send) -> None:
        service = service_for(scope["path"].removeprefix(PREFIX))
        scope["route_name"] = service or "gateway"
        if service is not None and not _is_composed(scope):
            await self._proxy.forward(service, scope, receive, send, identity=admitted.internal)
            return
        own = _without_identity(scope)
        own["headers"] = [*own["headers"], (IDENTITY_HEADER.encode(), admitted.internal)]
        await self._own(own, receive, send)


def _is_public(scope: Scope, headers: Headers) -> bool:
    """Tell whether somebody without a token comes to where one is not needed."""
    path = str(scope["path"]).removeprefix(PREFIX)
    return "authorization" not in headers and scope["method"] == "POST" and path in PUBLIC


def _is_composed(scope: Scope) -> bool:
    """Tell whether the answer is put together from several services, so that no one of them gets the request."""
    path: str = scope["path"]
    return path.startswith(f"{PREFIX}/households/") and path.endswith("/overview")


def _without_identity(scope: Scope) -> Scope:
    """Drop an internal identity that somebody outside made up."""
    headers = [(name, value) for name, value in scope["headers"] if name != IDENTITY_HEADER.encode()]
    return {**scope, "headers": headers}
