"""What holds of many endpoints alike, as the application's document tells it: the headers that they go by."""

from __future__ import annotations

from typing import Any

from shared.refusal import Stale
from shared.web.concurrency import PreconditionNeeded
from shared.web.idempotency import MAX_KEY
from shared.web.problems import refusals


def header(
    name: str, description: str, *, required: bool = False, max_length: int | None = None
) -> dict[str, Any]:
    """Return how a document tells of a request's header."""
    schema = {"type": "string"} | ({"minLength": 1, "maxLength": max_length} if max_length else {})
    told = {"name": name, "in": "header", "required": required}
    return told | {"schema": schema, "description": description}


_REASON = header(
    "X-Reason", "为何更改，记入历史；百分号编码的 UTF-8。Why, as histories tell it; percent-encoded UTF-8."
)
_KEY = header(
    "Idempotency-Key",
    "重试时不变，同一请求只执行一次。The same for a retry; for another request it is refused (422).",
    max_length=MAX_KEY,
)
_VERSION = header(
    "If-Match", "所依据版本的 ETag。The ETag of the version that the caller has read.", required=True
)
_OF_VERSIONS = {str(status): told for status, told in refusals(PreconditionNeeded, Stale).items()}


def conventions(methods: set[str], *, versioned: bool) -> dict[str, Any]:
    """Return, as ``openapi_extra=`` has it, by which headers an endpoint goes; ``versioned``: by ``If-Match``, too."""
    if methods <= {"GET", "HEAD"}:
        return {}
    told = [_REASON] + [_KEY] * ("POST" in methods) + [_VERSION] * versioned
    return {"parameters": told} | ({"responses": _OF_VERSIONS} if versioned else {})
