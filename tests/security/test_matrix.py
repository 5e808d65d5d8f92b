"""The authorization matrix: every endpoint by every role, made from the routes themselves.

A new endpoint is in it by being there, so nobody can forget to ask who may call it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.catalog import NAMES, load
from shared.assembly import Service
from shared.identity.internal import HEADER
from shared.identity.scopes import ROLES
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.routes import routes_of, scopes_needed

NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)
COUNTY = "340621000000"
#: Nobody's id: the matrix asks who may call, not what is there.
NOBODY = "01890000-0000-7000-8000-000000000000"
#: Asked through the gateway's proxy, which the matrix does without.
COMPOSED = frozenset({"/api/v1/households/{household_id}/overview"})


@pytest.mark.parametrize("name", NAMES)
async def test_only_who_holds_the_scope_gets_in(name: str, database_of: DatabaseOf, tmp_path: Path) -> None:
    async with under_test(load(name), await database_of(name), tmp_path, moment=NOW) as service:
        wrong = [verdict async for verdict in _judged(service)]
    assert wrong == []


async def _judged(service: ServiceUnderTest) -> AsyncIterator[str]:
    stranger = await service.caller("nobody")
    del stranger.headers[HEADER]
    clients = {role: await service.caller(role, COUNTY) for role in [*ROLES, "role_without_any_scope"]}
    for method, path, scope in _endpoints(service.runtime.service):
        if (status := await _call(stranger, method, path)) != httpx.codes.UNAUTHORIZED:
            yield f"a stranger gets {status} from {method} {path}"
        for role, client in clients.items():
            may = scope is None or scope in ROLES.get(role, frozenset())
            if may and path in COMPOSED:
                continue
            status = await _call(client, method, path)
            if may == (status in {401, 403}) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
                yield f"a {role} gets {status} from {method} {path}, which needs {scope}"


def _endpoints(service: Service) -> Iterator[tuple[str, str, str | None]]:
    for route in routes_of(service):
        for scope in scopes_needed(route):
            # What nobody need be known for is named in tests/architecture/test_endpoints.py.
            yield from ((method, route.path, scope) for method in sorted(route.methods or ()))


async def _call(client: httpx.AsyncClient, method: str, path: str) -> int:
    # Without a body: whoever may not call is refused before anything is read.
    answer = await client.request(method, re.sub(r"\{\w+\}", NOBODY, path))
    return answer.status_code
