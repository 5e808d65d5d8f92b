"""The router of every service: one request, one transaction, committed before the answer leaves.

A FastAPI dependency with ``yield`` would commit after the response has been built by others; here the route
itself opens the transaction around the endpoint, so that the answer, its idempotent copy, the rows and the
events stand or fall together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute
from fastapi.utils import deep_dict_update
from starlette.datastructures import MutableHeaders

from shared.assembly import Runtime
from shared.database import PageQuery, Reader, Writer
from shared.identity.internal import HEADER as IDENTITY_HEADER
from shared.refusal import Stale
from shared.web import concurrency, idempotency
from shared.web.document import answered, header
from shared.web.limits import LimitedReceive
from shared.web.problems import refusals

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


# Dependencies are coroutines although they wait for nothing: a plain function goes to a thread and back, which
# costs more than the query behind it.
async def current_reader(request: Request) -> Reader:
    """Return the request's transaction, to read in."""
    reader: Reader = request.state.db
    return reader


async def current_writer(request: Request) -> Writer:
    """Return the request's transaction, to write in."""
    writer: Writer = request.state.db
    return writer


Reading = Annotated[Reader, Depends(current_reader)]
Writing = Annotated[Writer, Depends(current_writer)]
Paging = Annotated[PageQuery, Query()]


#: Percent-encoded UTF-8, since headers carry no Chinese.
_REASON = header(
    "X-Reason", "为何更改，记入历史；百分号编码的 UTF-8。Why, as histories tell it; percent-encoded UTF-8."
)
_OF_VERSIONS = refusals(concurrency.PreconditionNeeded, Stale)
_LOCATION = answered(
    "Location", "新建内容或任务的地址。Where what was made is shown, or the job: what has an address."
)
_MADE, _JOB_ASKED = 201, 202


def _told(route: APIRoute) -> dict[str, Any]:
    """Return what a document tells of an endpoint by itself: the headers that all of its kind go by and send."""
    methods, versioned = route.methods or set(), _is_versioned(route)
    answers: dict[str, Any] = {}
    if sent := _sent(route):
        good = (route.status_code or 200, *(each for each in route.responses if str(each).startswith("2")))
        answers = {str(status): {"headers": sent} for status in good}
    if methods <= {"GET", "HEAD"}:
        # What ``_not_modified`` does, of a content's digest, too.
        is_tagged = any(
            "ETag" in told.get("headers", {}) for told in (*answers.values(), *route.responses.values())
        )
        unchanged = {"304": concurrency.UNCHANGED} if is_tagged else {}
        return {"parameters": [concurrency.KNOWN] * is_tagged, "responses": answers | unchanged}
    headers = [_REASON] + [idempotency.TOLD] * ("POST" in methods) + [concurrency.TOLD] * versioned
    answers |= {str(status): told for status, told in _OF_VERSIONS.items()} if versioned else {}
    return {"parameters": headers, "responses": answers}


def _sent(route: APIRoute) -> dict[str, Any]:
    """Return the headers of good answers: whoever takes the response tells in it the version, or where to look."""
    replayed = idempotency.ANSWERED if "POST" in (route.methods or ()) else {}
    if route.dependant.response_param_name is None:
        return dict(replayed)
    located = _LOCATION if route.status_code in {_MADE, _JOB_ASKED} else {}
    # A job has no version; what it is about has one where the caller had to name it.
    tagged = concurrency.TAGGED if route.status_code != _JOB_ASKED or _is_versioned(route) else {}
    return {**replayed, **located, **tagged}


def _is_versioned(route: APIRoute) -> bool:
    return any(needed.call is concurrency.if_match for needed in route.dependant.dependencies)


class TransactionRoute(APIRoute):
    """An endpoint in a transaction: read-only for GET, else writing, with ``Idempotency-Key`` on POST."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = {needed.call for needed in self.dependant.dependencies}
        if current_writer in calls and self._reads_only:
            raise TypeError(f"{self.path}: a GET endpoint reads; it cannot ask for Writing")
        self.openapi_extra = _told(self)
        deep_dict_update(self.openapi_extra, kwargs.get("openapi_extra") or {})

    @property
    def _reads_only(self) -> bool:
        return set(self.methods or ()) <= {"GET", "HEAD"}

    def get_route_handler(self) -> Handler:
        """Wrap the endpoint in its transaction."""
        handle = super().get_route_handler()
        answer = _read if self._reads_only else _write
        # An upload is taken as a stream, with a limit of its own; every other body is parsed whole.
        parses_body = self.body_field is not None
        takes_upload = not parses_body and "requestBody" in (self.openapi_extra or {})

        async def in_transaction(request: Request) -> Response:
            runtime: Runtime = request.app.state.runtime
            if parses_body:
                request = Request(request.scope, LimitedReceive(request, runtime.common.max_body_bytes))
            request.state.parses_body, request.state.takes_upload = parses_body, takes_upload
            request.state.keyed = None
            request.state.principal = runtime.verifier.verify(request.headers.get(IDENTITY_HEADER))
            return await answer(runtime, request, handle)

        return in_transaction


class Router(APIRouter):
    """An ``APIRouter`` whose endpoints run in transactions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(route_class=TransactionRoute, **kwargs)


async def _read(
    runtime: Runtime, request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    async with runtime.database.reading(request.state.principal) as db:
        request.state.db = db
        response = await handle(request)
    return _not_modified(request, response)


async def _write(
    runtime: Runtime, request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    principal = request.state.principal
    reason = unquote(request.headers.get("x-reason", ""))
    key = idempotency.key_of(request) if request.method == "POST" else None
    body = None if request.state.takes_upload else b""
    if key is not None and request.state.parses_body:
        # Read before a transaction waits for it. An upload is never in memory: it is known by its file's digest.
        body = await request.body()
    async with runtime.database.writing(principal, reason=reason) as db:
        request.state.db = db
        if key is None:
            return await handle(request)
        request.state.keyed = keyed = idempotency.Keyed(db, key, request)
        return await idempotency.once(keyed, body, partial(handle, request))


def _not_modified(request: Request, response: Response) -> Response:
    """Answer 304 where the caller's copy (``If-None-Match``) is the present one."""
    etag = response.headers.get("etag")
    if etag is None or request.headers.get("if-none-match") != etag:
        return response
    return Response(status_code=304, headers=MutableHeaders({"ETag": etag}))
