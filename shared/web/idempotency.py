"""Idempotency-Key: the same request sent twice happens once and is answered twice.

The answer is stored in the transaction of the change itself, so there is no moment in which one exists
without the other. It is stored encrypted: to whoever may read them, an answer shows numbers of people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson
from fastapi import Request, Response
from sqlalchemy import text
from starlette.datastructures import MutableHeaders

from shared.crypto import fields
from shared.database import Reader, Writer
from shared.refusal import Refusal
from shared.web.document import header
from shared.web.uploads import digest_of_upload

HEADER = "idempotency-key"
_LONGEST_KEY = 255
TOLD = header(
    HEADER.title(),
    "重试时不变，同一请求只执行一次。The same for a retry; for another request it is refused (422).",
    minLength=1,
    maxLength=_LONGEST_KEY,
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


def digest_of(request: Request, body: bytes) -> bytes:
    """Return what makes two requests the same: method, address and body, of an upload the digest of its file."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    # Keyed: a body may be little more than a person's number, and a plain digest would give that away.
    return fields.ring().blind_index(hashlib.sha256(target + body).hexdigest(), _PLACE)


async def claim(db: Writer, key: str) -> bool:
    """Hold the key until this transaction ends; False when somebody else does."""
    return bool(await db.scalar(_LOCK, {"caller": db.principal.subject, "key": key}))


async def find_answer(db: Reader, key: str, request: Request) -> Response | None:
    """Return the stored answer to this request, if it was answered before; refuse one that is another request."""
    found: Sequence[tuple[bytes, int, dict[str, str], bytes]] = await db.rows(
        _FIND, {"caller": db.principal.subject, "key": key}
    )
    if not found:
        return None
    digest, status, headers, body = found[0]
    if not await _is_of(request, digest):
        raise KeyReused
    answer = fields.ring().decrypt(body, _PLACE)
    return Response(answer, status, {**headers, "Idempotency-Replayed": "true"})


async def _is_of(request: Request, digest: bytes) -> bool:
    if request.state.parses_body:
        return digest == digest_of(request, await request.body())
    # What has no body is known without reading on. Of a form another attempt is the same file between other boundaries.
    return digest == digest_of(request, b"") or digest == digest_of(
        request, (await digest_of_upload(request)).encode()
    )


async def store_answer(db: Writer, key: str, request: Request, response: Response) -> None:
    """Keep the answer, in the transaction of the change that it reports."""
    upload: str = getattr(request.state, "upload_digest", "")
    body = await request.body() if request.state.parses_body else upload.encode()
    headers = MutableHeaders(raw=response.raw_headers)
    kept = {name: headers[name] for name in _KEPT if name in headers}
    await db.execute(
        _STORE,
        {
            "caller": db.principal.subject,
            "key": key,
            "request": digest_of(request, body),
            "status": response.status_code,
            "headers": orjson.dumps(kept).decode(),
            "body": fields.ring().encrypt(bytes(response.body).decode(), _PLACE),
        },
    )
