"""Idempotency-Key: the same request sent twice happens once and is answered twice.

The answer is stored in the transaction of the change itself, so there is no moment in which one exists
without the other. It is stored encrypted: to whoever may read them, an answer shows numbers of people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence

import orjson
from fastapi import Request, Response
from sqlalchemy import text
from starlette.datastructures import MutableHeaders

from shared.crypto import fields
from shared.database import Writer
from shared.refusal import Refusal
from shared.web.document import answered, header

HEADER = "idempotency-key"
_LONGEST_KEY = 255
TOLD = header(
    HEADER.title(),
    "重试时不变，同一请求只执行一次。The same for a retry; for another request it is refused (422).",
    minLength=1,
    maxLength=_LONGEST_KEY,
)
REPLAYED = "Idempotency-Replayed"
ANSWERED = answered(
    REPLAYED, '为 true 时是先前同一请求的答复。"true": as the same request was answered before.'
)
#: Where a stored answer lives; its ciphertext opens nowhere else.
_PLACE = "answer.body"
#: Headers that belong to an answer and are replayed with it.
_KEPT = ("content-type", "location", "etag")


class KeyTooLong(Refusal):
    """The Idempotency-Key is empty or longer than 255 characters."""

    status = 400
    code = "idempotency_key_bad"
    zh = "Idempotency-Key 为空或超过 255 个字符"


class InFlight(Refusal):
    """The same request is being worked on."""

    status = 409
    code = "request_in_flight"
    zh = "相同的请求正在处理中，请稍后重试"
    headers = {"Retry-After": "1"}  # noqa: RUF012 - declared ClassVar by Refusal


class KeyReused(Refusal):
    """The Idempotency-Key was used for another request."""

    status = 422
    code = "idempotency_key_reused"
    zh = "该 Idempotency-Key 已用于另一个请求"


_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:caller || ' ' || :key, 0))")
_FIND = text("SELECT request, status, headers, body FROM answer WHERE caller = :caller AND key = :key")
_STORE = text(
    """
    INSERT INTO answer (caller, key, request, status, headers, body)
    VALUES (:caller, :key, :request, :status, CAST(:headers AS jsonb), :body)
    """
)


def key_of(request: Request) -> str | None:
    """Return the request's key, if it has one."""
    key = request.headers.get(HEADER)
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise KeyTooLong
    return key


class Answered(Exception):  # noqa: N818 - no error: what was to be done is done
    """The request was answered before, by ``response``."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Keyed:
    """A request under its key, in the transaction that answers it."""

    def __init__(self, db: Writer, key: str, request: Request) -> None:
        self._db, self._key, self._request = db, key, request
        self._known_by = b""

    async def claim(self, body: bytes) -> None:
        """Hold the key until the transaction ends, for the request with this body: of an upload its file's digest.

        Raises ``Answered``; refuses with ``InFlight`` or ``KeyReused``.
        """
        self._known_by = _digest_of(self._request, body)
        claimed = await self._db.scalar(_LOCK, {"caller": self._db.principal.subject, "key": self._key})
        # Asked after the claim, in a statement of its own: only then does it see what the holder before committed.
        if answer := await self._answer():
            raise Answered(answer)
        if not claimed:
            raise InFlight

    async def _answer(self) -> Response | None:
        found: Sequence[tuple[bytes, int, dict[str, str], bytes]] = await self._db.rows(
            _FIND, {"caller": self._db.principal.subject, "key": self._key}
        )
        if not found:
            return None
        known_by, status, headers, body = found[0]
        if known_by != self._known_by:
            raise KeyReused
        answer = fields.ring().decrypt(body, _PLACE)
        return Response(answer, status, {**headers, REPLAYED: "true"})

    async def store(self, response: Response) -> None:
        """Keep the answer, in the transaction of the change that it reports."""
        headers = MutableHeaders(raw=response.raw_headers)
        kept = {name: headers[name] for name in _KEPT if name in headers}
        await self._db.execute(
            _STORE,
            {
                "caller": self._db.principal.subject,
                "key": self._key,
                "request": self._known_by,
                "status": response.status_code,
                "headers": orjson.dumps(kept).decode(),
                "body": fields.ring().encrypt(bytes(response.body).decode(), _PLACE),
            },
        )


async def once(keyed: Keyed, body: bytes | None, answer: Callable[[], Awaitable[Response]]) -> Response:
    """Answer a request unless it was answered before; one whose body is None claims its key once that has come.

    A key that were claimed before its upload would hold a connection of the database as long as a sender takes.
    """
    try:
        if body is not None:
            await keyed.claim(body)
        response = await answer()
    except Answered as before:
        return before.response
    await keyed.store(response)
    return response


def _digest_of(request: Request, body: bytes) -> bytes:
    """Return what makes two requests the same: method, address and body."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    # Keyed: a body may be little more than a person's number, and a plain digest would give that away.
    return fields.ring().blind_index(hashlib.sha256(target + body).hexdigest(), _PLACE)
