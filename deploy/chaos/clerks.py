"""The load: clerks who send commands through the gateway and send each again, as it was, until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import aiohttp

from deploy.bench.families import Drawn, Families

#: What may be over by the next attempt: the house says so itself, or nobody answers.
_AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_PAUSE = 0.1
_TIMEOUT = aiohttp.ClientTimeout(total=20)
_CHANGES = 2


class Unexpected(RuntimeError):  # noqa: N818 - it says what happened
    """The house refused what it must take, or answered with an internal error."""


@dataclass
class Acknowledged:
    """What the house said it has done: from here on it must never be undone or done twice."""

    #: Household id to its number.
    households: dict[UUID, str] = field(default_factory=dict)
    #: Household id to the addresses that it was given, in order.
    changes: dict[UUID, list[str]] = field(default_factory=dict)
    #: Finding id to the words that only it has.
    findings: dict[UUID, str] = field(default_factory=dict)
    #: Visit id to the officer that only it has.
    visits: dict[UUID, str] = field(default_factory=dict)
    #: Locations of import jobs, with what was in the file.
    imports: dict[str, Drawn] = field(default_factory=dict)
    sent: int = 0
    attempts: int = 0

    @property
    def commands(self) -> int:
        """How many were acknowledged."""
        changed = sum(len(each) for each in self.changes.values())
        return len(self.households) + changed + len(self.findings) + len(self.visits) + len(self.imports)


class Clerks:
    """Several clerks at work, each with households of its own."""

    def __init__(self, url: str, token: str, villages: list[str], campaign: dict[str, Any]) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._villages = villages
        self._campaign_id = campaign["id"]
        self._fieldwork = next(phase for phase in campaign["phases"] if phase["kind"] == "fieldwork")
        self._families = Families(villages)
        self._serials = count(1)
        self._closing = False
        self.acknowledged = Acknowledged()

    def close(self) -> None:
        """Let each clerk finish what it has begun."""
        self._closing = True

    async def work(self, how_many: int) -> None:
        """Work until closing time."""
        session = aiohttp.ClientSession(self._url, headers=self._headers, timeout=_TIMEOUT)
        async with session as http, asyncio.TaskGroup() as group:
            for _ in range(how_many):
                group.create_task(self._attend(http))

    async def import_file(self, households: int) -> None:
        """Send a file of households; its job will be running when something breaks."""
        drawn = self._families.draw(households)
        async with aiohttp.ClientSession(self._url, headers=self._headers, timeout=_TIMEOUT) as http:
            path = f"/api/v1/households/imports?division={quote(self._villages[0][:6] + '000000')}"
            headers = {"X-Filename": "households.csv"}
            _, answer = await self._until_taken(http, "POST", path, data=drawn.content, headers=headers)
            self.acknowledged.imports[answer["job"]] = drawn

    async def _attend(self, http: aiohttp.ClientSession) -> None:
        while not self._closing:
            household = await self._register(http)
            for number in range(_CHANGES):
                await self._change(http, UUID(household["id"]), number + 1)
            await self._raise_finding(http, household["division_code"])
            await self._visit(http, household["id"])

    async def _register(self, http: aiohttp.ClientSession) -> dict[str, Any]:
        serial = next(self._serials)
        village = self._villages[serial % len(self._villages)]
        body = {
            "division_code": village,
            "number": f"CHAOS-{serial:08d}",
            "members": [
                {"name": "王建国", "relationship": "head"},
                {"name": "李秀英", "relationship": "spouse"},
            ],
        }
        _, household = await self._keyed(http, "/households", body)
        self.acknowledged.households[UUID(household["id"])] = body["number"]  # type: ignore[assignment]
        return household

    async def _change(self, http: aiohttp.ClientSession, household_id: UUID, version: int) -> None:
        """Change the address: guarded by the version, so that sent again it is refused as stale, not done twice."""
        path, address = f"/api/v1/households/{household_id}", f"路 {uuid4()}"
        headers = {"If-Match": f'"{version}"'}
        status, _ = await self._until_taken(
            http,
            "PATCH",
            path,
            json={"address": address},
            headers=headers,
            also=HTTPStatus.PRECONDITION_FAILED,
        )
        if status == HTTPStatus.PRECONDITION_FAILED:
            # Nobody else changes this household: an attempt whose answer was lost must have been the one.
            _, present = await self._until_taken(http, "GET", path)
            if present["address"] != address:
                raise Unexpected(f"{path} is stale, yet the change is not there")
        self.acknowledged.changes.setdefault(household_id, []).append(address)

    async def _raise_finding(self, http: aiohttp.ClientSession, village: str) -> None:
        body = {
            "campaign_id": self._campaign_id,
            "item": "A8-04",
            "facts": f"台账缺页 {uuid4()}",
            "source": "manual",
            "division_code": village,
        }
        _, finding = await self._keyed(http, "/findings", body)
        self.acknowledged.findings[UUID(finding["id"])] = body["facts"]

    async def _visit(self, http: aiohttp.ClientSession, household_id: str) -> None:
        body = {
            "household_id": household_id,
            "visited_at": f"{self._fieldwork['starts_on']}T10:00:00+08:00",
            "officer": f"工作队 {uuid4()}",
            "answers": [{"item": "A1-03", "ok": True}],
        }
        # Inspection learns of the household by an event: until then it does not know it.
        path = f"/campaigns/{self._campaign_id}/visits"
        _, visit = await self._keyed(http, path, body, not_yet=HTTPStatus.NOT_FOUND)
        self.acknowledged.visits[UUID(visit["id"])] = body["officer"]  # type: ignore[assignment]

    async def _keyed(
        self, http: aiohttp.ClientSession, path: str, body: dict[str, Any], *, not_yet: int | None = None
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Idempotency-Key": str(uuid4())}
        return await self._until_taken(
            http, "POST", f"/api/v1{path}", json=body, headers=headers, not_yet=not_yet
        )

    async def _until_taken(
        self,
        http: aiohttp.ClientSession,
        method: str,
        path: str,
        *,
        also: int | None = None,
        not_yet: int | None = None,
        **options: Any,
    ) -> tuple[int, dict[str, Any]]:
        """Send until the answer is a success, or the other status that is ``also`` an answer."""
        self.acknowledged.sent += method != "GET"
        while True:
            self.acknowledged.attempts += 1
            try:
                async with http.request(method, path, **options) as answer:
                    status, told = answer.status, await answer.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                await asyncio.sleep(_PAUSE)
                continue
            if status < HTTPStatus.BAD_REQUEST or status == also:
                return status, told
            if status not in (*_AGAIN, not_yet) and told.get("code") != "request_in_flight":
                raise Unexpected(f"{method} {path}: {status} {told}")
            await asyncio.sleep(_PAUSE)


def tokens_of(changes: dict[UUID, list[str]]) -> Iterator[tuple[UUID, str]]:
    """Yield each change with its household."""
    for household_id, addresses in changes.items():
        for address in addresses:
            yield household_id, address
