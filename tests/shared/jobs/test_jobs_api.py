"""``/jobs/{id}``: who sees a job, what they see, and how they follow it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import Receive, Scope, Send

from deploy.local.processes import free_port
from deploy.serving import answering, listening
from gateway.proxy import Proxy
from shared.database import Database
from shared.domain.division import NATION
from shared.identity.internal import HEADER
from shared.jobs import bulletin
from shared.keys import uuid7
from tests.shared.jobs.shop import ASKER, Shop
from tests.shared.messaging.station import eventually

_LISTENING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE '%-bulletin' AND query LIKE 'LISTEN%'
    """


async def test_its_requester_sees_a_job(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=2)
    client = await shop.under.caller("county_officer", NATION, subject=ASKER.subject)
    path = f"/jobs/workshop-{job_id}"
    waiting = (await client.get(path)).json()
    assert (waiting["id"], waiting["state"]) == (f"workshop-{job_id}", "queued")
    assert waiting["progress"] == {"done": 0, "total": None, "unit": ""}
    async with shop.working():
        await shop.becomes(job_id, "succeeded")
    done = (await client.get(path)).json()
    assert done["progress"] == {"done": 2, "total": 2, "unit": "段 stages"}
    assert (done["result"]["stages"], done["errors_url"], done["error"]) == (2, "/made/errors", None)


async def test_to_others_a_job_does_not_exist(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=1)
    other = await shop.under.caller("county_officer", NATION)
    for path in (f"/jobs/workshop-{job_id}", f"/jobs/workshop-{job_id}/events", f"/jobs/workshop-{uuid7()}"):
        answer = await other.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("area", "status"),
    [
        pytest.param(NATION, 200, id="of all"),
        pytest.param("340621000000", 200, id="of the county"),
        pytest.param("340602000000", 404, id="of another county"),
        pytest.param("340621100000", 404, id="of a town"),
    ],
)
async def test_an_administrator_sees_everybodys_jobs_of_the_own_area(
    shop: Shop, area: str, status: int
) -> None:
    job_id = await shop.ask("make", stages=1)
    administrator = await shop.under.caller("administrator", area)
    for path in (f"/jobs/workshop-{job_id}", f"/jobs/workshop-{job_id}/events"):
        if status == 404 or not path.endswith("events"):
            assert (await administrator.get(path)).status_code == status


async def test_a_failure_is_told_in_the_callers_language(shop: Shop) -> None:
    job_id = await shop.ask("refuse")
    async with shop.working():
        await shop.becomes(job_id, "failed")
    client = await shop.under.caller("county_officer", NATION, subject=ASKER.subject)
    for language, title in (("zh", "没有这种图样"), ("en", "There is no such pattern.")):
        answer = await client.get(f"/jobs/workshop-{job_id}", headers={"Accept-Language": language})
        assert answer.json()["error"]["title"] == title


async def test_a_job_can_be_followed_while_it_runs_until_it_ends(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=4, seconds=0.5)
    heard: list[tuple[str, int, float]] = []
    async with _served(shop) as client, AsyncExitStack() as stack:
        async for event in _events(client, f"/jobs/workshop-{job_id}/events"):
            if not heard:  # Only now may it begin: the first thing to hear is that it waits.
                await stack.enter_async_context(shop.working())
            heard.append((event["state"], event["progress"]["done"], time.monotonic()))
    assert (heard[0][0], heard[-1][0]) == ("queued", "succeeded")
    steps = [done for _, done, _ in heard]
    assert steps == sorted(steps)
    assert len(set(steps)) >= 3
    # Heard as it happened, not all at the end.
    assert heard[-1][2] - heard[0][2] > 1.5


async def test_who_follows_a_job_is_told_as_it_changes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletin, "_POLL_SECONDS", 60)
    path = f"/jobs/workshop-{await shop.ask('make', stages=2)}/events"
    async with _served(shop) as client:
        following = asyncio.create_task(_all(client, path))
        await _until_somebody_listens(shop)
        async with shop.working():
            assert (await asyncio.wait_for(following, 20))[-1]["state"] == "succeeded"


async def test_who_follows_a_job_hears_of_its_end_though_the_connection_was_cut(shop: Shop) -> None:
    paths = [f"/jobs/workshop-{await shop.ask('make', stages=1)}/events" for _ in range(2)]
    async with _served(shop) as client:
        following = asyncio.create_task(_all(client, paths[0]))
        cut = await _until_somebody_listens(shop)
        await shop.admin.execute("SELECT pg_terminate_backend($1, 5000)", cut)
        # Whoever comes later listens anew.
        later = asyncio.create_task(_all(client, paths[1]))
        assert await _until_somebody_listens(shop) != cut
        async with shop.working():
            ends = [(await asyncio.wait_for(each, 20))[-1]["state"] for each in (following, later)]
    assert ends == ["succeeded", "succeeded"]


async def test_who_follows_a_job_looks_now_and_then_where_nobody_can_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulletin, "_POLL_SECONDS", 0.1)
    away = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nowhere", service="workshop")
    begun = time.monotonic()
    async with bulletin.Bulletin(away).following(uuid7()) as news:
        for _ in range(3):
            await news()
    assert 0.2 <= time.monotonic() - begun < 5
    await away.dispose()


async def _until_somebody_listens(shop: Shop) -> int:
    """Wait for the process that listens for news of jobs; returns its number in the database."""

    async def somebody() -> bool:
        return await shop.admin.fetchval(_LISTENING) is not None

    await eventually(somebody)
    return int(await shop.admin.fetchval(_LISTENING))


async def test_a_job_can_be_followed_through_the_gateways_proxy(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=3, seconds=0.5)
    async with shop.working(), _served(shop) as direct, _proxied(direct) as client:
        path = f"/api/v1/jobs/workshop-{job_id}/events"
        moments = [time.monotonic() async for _ in _events(client, path)]
    assert moments[-1] - moments[0] > 1


async def test_who_follows_a_job_does_not_hold_up_a_stop(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=1)
    async with _served(shop) as client:
        following = asyncio.create_task(_all(client, f"/jobs/workshop-{job_id}/events"))
        await asyncio.sleep(1)
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 5
    assert [event["state"] for event in await following] == ["queued"]


@asynccontextmanager
async def _served(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """Serve over a real connection: it is streams that are to be seen."""
    known = await shop.under.caller("county_officer", NATION, subject=ASKER.subject)
    async with (
        httpx.AsyncClient(headers=known.headers, timeout=30) as client,
        answering(shop.under.runtime) as port,
    ):
        client.base_url = f"http://127.0.0.1:{port}"
        yield client


@asynccontextmanager
async def _proxied(direct: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Put the gateway's proxy in front."""
    proxy = Proxy({"workshop": str(direct.base_url).rstrip("/")})
    identity = direct.headers[HEADER].encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await proxy.forward("workshop", scope, receive, send, identity=identity)

    async with (
        listening(app, "127.0.0.1", 0, drain_seconds=1) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        yield client
    await proxy.close()


async def _events(client: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    async with client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield orjson.loads(line.removeprefix("data: "))


async def _all(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    return [event async for event in _events(client, path)]
