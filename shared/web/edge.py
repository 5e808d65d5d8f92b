"""The outermost layer of a service: trace id, metrics, and an answer even when something broke."""

from __future__ import annotations

import time
from typing import Any

import asyncpg
from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.logging import log
from shared.refusal import Refusal, Unavailable
from shared.telemetry import tracing
from shared.web.encoded import Unencoded
from shared.web.language import preferred
from shared.web.problems import InternalError, problem_response

_log = log(__name__)
REQUESTS = Histogram(
    "fangfan_http_request_seconds",
    "Requests answered, by route",
    ["service", "method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
#: The database is away, full or restarting: the request may be tried again.
_AWAY = (
    OperationalError,
    InterfaceError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    ConnectionError,
    TimeoutError,
    OSError,
)


class Answering:
    """ASGI middleware that answers with a problem where an application broke before it answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if begun:
                raise
            refusal = _refusal_for(error)
            if refusal.status < InternalError.status:
                # Its error may quote what was sent.
                _log.info("request.refused", path=scope["path"], code=refusal.code)
            else:
                _log.exception("request.failed", path=scope["path"])
            language = preferred(Headers(scope=scope).get("accept-language"))
            await problem_response(refusal, language)(scope, receive, send)


class Edge:
    """ASGI middleware around one service."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = Answering(Unencoded(app))
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        started, status = time.perf_counter(), 0
        with tracing(f"{scope['method']} {scope['path']}", headers.get("traceparent")) as trace_id:

            async def send_traced(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    MutableHeaders(scope=message)["Trace-Id"] = trace_id
                await send(message)

            try:
                await self._app(scope, receive, send_traced)
            finally:
                route = scope.get("route_name") or getattr(scope.get("route"), "path", "unmatched")
                REQUESTS.labels(self._service, scope["method"], route, status).observe(
                    time.perf_counter() - started
                )


class OutsideArea(Refusal):
    """The division lies outside your area."""

    status = 403
    code = "outside_area"
    zh = "该区划不在您的管辖范围内"


class Conflict(Refusal):
    """Somebody else entered the same at the same moment."""

    status = 409
    code = "conflict"
    zh = "与他人同时提交的内容冲突，请重新读取后再试"


class CannotBeStored(Refusal):
    """Something sent cannot be stored: a sign that no text may hold, or a number beyond all bounds."""

    status = 422
    code = "cannot_be_stored"
    zh = "提交的内容含有无法保存的字符或超出范围的数值"


#: What PostgreSQL's own walls say, by SQLSTATE: row-level security, unique keys, serialization, deadlock, types.
_BY_SQLSTATE: dict[str, type[Refusal]] = {
    "42501": OutsideArea,
    "23505": Conflict,
    "40001": Conflict,
    "40P01": Conflict,
    # NUL in a text, in JSON; a number out of its column's range.
    "22021": CannotBeStored,
    "22P05": CannotBeStored,
    "22003": CannotBeStored,
}


#: What the driver says of a number that its column does not hold. Anything else that it cannot send is our mistake.
_BEYOND = ("22000", "(value out of ")
#: What everybody says who is to encode half a sign: JSON has it (``\\ud800``), and no text.
_HALF_A_SIGN = "surrogates not allowed"


def _refusal_for(error: Exception) -> Refusal:
    if is_outage(error):
        return Unavailable()
    if _HALF_A_SIGN in str(error) or _is_beyond(error):
        return CannotBeStored()
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    if sqlstate == _BEYOND[0] and _BEYOND[1] in str(error):
        return CannotBeStored()
    return _BY_SQLSTATE.get(sqlstate or "", InternalError)()


def _is_beyond(error: BaseException | None) -> bool:
    """Tell whether the driver could not write a value down: the year 1, east of Greenwich."""
    while error and not isinstance(error, OverflowError):
        error = error.__cause__
    return error is not None


def is_outage(error: Any) -> bool:
    """Tell whether an error means that the database is away, not that the request is wrong."""
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError | InterfaceError):
        return bool(error.connection_invalidated) or isinstance(getattr(error.orig, "__cause__", None), _AWAY)
    return isinstance(error, _AWAY)
