"""What goes wrong at the gateway, and what strangers try there."""

from __future__ import annotations

import asyncio
import gzip
import time

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from deploy.serving import listening
from gateway.identity.commands import register_client
from gateway.identity.schemas import NewClient
from gateway.identity.secrets import Attempts
from shared.database import Database
from shared.identity.internal import HEADER
from shared.identity.principal import system
from tests.gateway.conftest import COUNTY, LEFT, Gateway
from tests.gateway.test_feed import Subscriber, happen, registered, round_of, subscribed


async def test_nobody_keeps_a_client_out_by_guessing_from_elsewhere(gateway: Gateway) -> None:
    secret = await gateway.client("county_officer")
    form = {"grant_type": "client_credentials", "client_id": "office"}
    async with httpx.AsyncClient(base_url=gateway.url) as client:

        async def ask(secret: str, address: str) -> int:
            # The gateway's own machine is believed whom it speaks for.
            said = {"X-Forwarded-For": address}
            return (
                await client.post("/oauth/token", data=form | {"client_secret": secret}, headers=said)
            ).status_code

        guesses = [await ask("x", "203.0.113.9") for _ in range(11)]
        assert guesses == [401] * 10 + [429]
        assert await ask(secret, "203.0.113.9") == 429
        assert await ask(secret, "198.51.100.7") == 200


@pytest.mark.check
def test_of_names_that_somebody_thinks_of_only_so_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.identity.secrets._REMEMBERED", 3)
    attempts = Attempts()
    for number in range(20):
        attempts.failed("x" * 1_000_000 + str(number), f"203.0.113.{number}")
    assert len(attempts._failed) <= 3
    assert all(len(client_id) <= 64 for client_id, _ in attempts._failed)


async def test_clocks_of_two_machines_may_differ(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever issues and signs is five seconds ahead of whoever verifies, who asks another clock of Python's.
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 5)
    caller = await gateway.caller("town_officer")
    answer = await caller.get("/api/v1/households")
    assert answer.status_code == 200
    assert gateway.verifier.verify(answer.json()["headers"][HEADER]).subject == "office"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/api/v1%2Fhouseholds%2F@127.0.0.1:{port}/x", id="the service as user and password"),
        pytest.param("/api/v1%2fhouseholds/x", id="a slash in small letters"),
    ],
)
async def test_nobody_says_which_host_is_called_by_how_an_address_is_written(
    gateway: Gateway, address: str
) -> None:
    called: list[str] = []

    async def stranger(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            called.append(scope["path"])
            await PlainTextResponse("")(scope, receive, send)

    caller = await gateway.caller("village_officer")
    async with listening(stranger, "127.0.0.1", 0, drain_seconds=1) as port:
        answer = await caller.get(address.format(port=port))
    assert (answer.status_code, called) == (404, [])


@pytest.mark.parametrize("path", ["/api/v1/clients/", "/api/v1/changes/", "/docs/", "/openapi.json/"])
async def test_a_slash_too_many_leads_to_no_host_that_a_caller_names(gateway: Gateway, path: str) -> None:
    administrator = await gateway.caller("administrator")
    answer = await administrator.get(path, headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")


@pytest.mark.parametrize("path", ["/api/v1/households/imports", "/api/v1/clients", "/oauth/token"])
async def test_a_packed_body_gets_no_further_than_the_gateway(gateway: Gateway, path: str) -> None:
    caller = await gateway.caller("administrator")
    packed = gzip.compress("姓名\n王建国\n".encode() * 100_000)
    answer = await caller.post(path, content=packed, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "encoded_body")


async def test_a_service_learns_that_whoever_listened_has_left(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    LEFT.clear()
    async with caller.stream("GET", "/api/v1/households/endless") as streamed:
        assert await anext(streamed.aiter_text())
    for _ in range(50):
        if LEFT:
            break
        await asyncio.sleep(0.1)
    assert LEFT == [1]
    # Nobody else is hung up on.
    assert len((await caller.get("/api/v1/households/stream")).text.splitlines()) == 1000


async def test_what_breaks_at_the_gateway_s_own_addresses_is_told_as_a_problem(gateway: Gateway) -> None:
    administrator = await gateway.caller("administrator")
    new = {"client_id": "twice", "name": "县局", "roles": ["county_officer"], "areas": [COUNTY]}
    async with gateway.runtime.database.writing(system("tests")) as db:
        # Somebody else registers it and has not committed yet: the unique key alone tells.
        await register_client(db, NewClient.model_validate(new))
        registering = asyncio.create_task(administrator.post("/api/v1/clients", json=new))
        await asyncio.sleep(0.2)
    answer = await registering
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["trace_id"] == answer.headers["trace-id"]


async def test_a_gateway_whose_database_is_away_says_so(gateway: Gateway) -> None:
    secret = await gateway.client("county_officer")
    form = {"grant_type": "client_credentials", "client_id": "office", "client_secret": secret}
    away, there = (
        Database("postgresql+asyncpg://x@127.0.0.1:9/x", service="gateway"),
        gateway.runtime.database,
    )
    gateway.runtime.database = away
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answer = await client.post("/oauth/token", data=form)
    gateway.runtime.database = there
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_position_that_the_feed_has_not_reached_passes_nothing_over(gateway: Gateway) -> None:
    caller, subscriber = await gateway.caller("county_officer"), Subscriber()
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        subscription = await subscribed(caller, port, since=1_000_000)
        await happen(gateway, registered())
        assert await round_of(gateway) == 1
        await caller.post(f"/api/v1/webhooks/{subscription}/replay", params={"since": 1_000_000})
        await happen(gateway, registered())
        assert await round_of(gateway) == 1
    assert len(subscriber.taken) == 2


async def test_a_subscription_that_has_ended_is_not_replayed_in_vain(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    subscription = await subscribed(caller, 9)
    await caller.delete(f"/api/v1/webhooks/{subscription}")
    again = await caller.post(f"/api/v1/webhooks/{subscription}/replay", params={"since": 0})
    assert (again.status_code, again.json().get("code")) == (409, "webhook_ended")


async def test_a_client_that_is_let_in_no_more_is_sent_nothing_either(gateway: Gateway) -> None:
    caller, subscriber = await gateway.caller("county_officer"), Subscriber()
    administrator = await gateway.caller("administrator", client_id="administrator")
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        await subscribed(caller, port)
        await happen(gateway, registered())
        assert await round_of(gateway) == 1
        await administrator.post("/api/v1/clients/office/disabling")
        await happen(gateway, registered())
        assert await round_of(gateway) == 0
    assert len(subscriber.taken) == 1
