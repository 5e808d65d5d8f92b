"""Signs that no text may hold, wherever a request has words: the caller is told, and nothing here breaks.

Asked of every endpoint as its service describes it, so that a new one is asked as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
import pytest

from deploy.catalog import NAMES, load
from shared.web.service_app import endpoints
from tests.clients import under_test
from tests.infrastructure.databases import DatabaseOf

NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)
COUNTY = "340621000000"
#: Nobody's id: what is asked is what becomes of the words.
NOBODY = "01890000-0000-7000-8000-000000000000"
#: As JSON has them: no encoder of ours would write half a sign.
SIGNS = {"half a sign": b"\\ud800", "a NUL": b"\\u0000"}
_MARK = "SIGN"
#: Asks for keys that only the running door has.
_AT_THE_DOOR = frozenset({"/api/v1/webhooks"})
#: Strings that have a look of their own.
_LOOKS = {"date": "2021-06-10", "date-time": "2021-06-10T09:00:00+08:00", "uuid": NOBODY}


class Asked(NamedTuple):
    """A request with a mark wherever words may stand."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@pytest.mark.parametrize("name", NAMES)
async def test_a_sign_that_no_text_may_hold_breaks_nothing(
    name: str, database_of: DatabaseOf, tmp_path: Path
) -> None:
    async with under_test(load(name), await database_of(name), tmp_path, moment=NOW) as service:
        callers = [await service.caller(role, COUNTY) for role in ("county_officer", "administrator")]
        requests = list(_requests(endpoints(service.runtime).openapi()))
        answers = [
            (f"{sign}: {asked.method} {asked.path}", await _ask(caller, asked, SIGNS[sign]))
            for caller in callers
            for sign in SIGNS
            for asked in requests
        ]
    assert len(requests) > 3
    assert [what for what, status in answers if status >= httpx.codes.INTERNAL_SERVER_ERROR] == []


async def _ask(caller: httpx.AsyncClient, asked: Asked, sign: bytes) -> int:
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}
    query = {name: value.replace(_MARK, "\0") for name, value in asked.query.items()}
    content = None if asked.body is None else orjson.dumps(asked.body).replace(_MARK.encode(), sign)
    answer = await caller.request(asked.method, asked.path, params=query, content=content, headers=headers)
    return answer.status_code


def _requests(described: dict[str, Any]) -> Iterator[Asked]:
    known = described.get("components", {}).get("schemas", {})
    for path, methods in described["paths"].items():
        for method, operation in methods.items() if path not in _AT_THE_DOOR else ():
            query = {
                each["name"]: _MARK
                for each in operation.get("parameters", ())
                if each["in"] == "query" and _sample(each["schema"], known) == _MARK
            }
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = _sample(content["schema"], known) if content else None
            if query or body is not None:
                yield Asked(method.upper(), re.sub(r"\{\w+\}", NOBODY, path), query, body)


def _sample(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """Return something of a schema, with the mark for words."""
    if "$ref" in schema:
        return _sample(known[schema["$ref"].rpartition("/")[2]], known)
    if several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return _sample(several[0], known)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        fields = {name: _sample(each, known) for name, each in schema.get("properties", {}).items()}
        return fields or {_MARK: _MARK}
    if kind == "array":
        return [_sample(schema.get("items", {}), known)]
    plain = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True}
    return plain.get(kind or "", _LOOKS.get(schema.get("format", ""), _MARK))
