"""The change feed: in order, inside the caller's area, names masked; deliveries signed, and again until taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook
from starlette.types import Receive, Scope, Send

from deploy.serving import listening
from gateway.feed.deliveries import deliver
from gateway.feed.reactions import REACTIONS
from shared.contracts.envelope import Contract, Event, parse_event
from shared.contracts.household import HouseholdRegistered, MemberState
from shared.identity.principal import system
from shared.jobs import JobRun
from shared.keys import uuid7
from tests.gateway.conftest import Gateway

OTHER_COUNTY_VILLAGE = "340622100201"


GOLDEN = Path(__file__).parents[1] / "contracts/golden"


def registered(division_code: str = "340621100201") -> Event[Contract]:
    member = MemberState(
        id=uuid7(), name="王建国", number_index="ab" * 32, sex="male", birth_date=None, relationship="head"
    )
    data = HouseholdRegistered(
        id=uuid7(),
        number="1",
        division_code=division_code,
        kind="general",
        head_name="王建国",
        members=(member,),
        version=1,
    )
    return Event[Contract](
        id=uuid7(),
        source="tests",
        type=data.event_type,
        subject=data.subject,
        time="2021-06-09T00:00:00Z",
        sequence=1,
        area=data.area,
        data=data,
    )


async def happen(gateway: Gateway, *events: Event[Contract]) -> None:
    async with gateway.runtime.database.writing(system("gateway")) as db:
        await REACTIONS.run(db, events)


async def test_changes_come_in_order_and_inside_the_area(gateway: Gateway) -> None:
    events = [registered(), registered(OTHER_COUNTY_VILLAGE), registered()]
    await happen(gateway, *events)
    await happen(gateway, events[0])
    caller = await gateway.caller("county_officer")
    first = (await caller.get("/api/v1/changes", params={"limit": 1})).json()
    rest = (await caller.get("/api/v1/changes", params={"since": first["next"]})).json()
    subjects = [event["subject"] for event in first["items"] + rest["items"]]
    assert subjects == [events[0].subject, events[2].subject]
    assert (await caller.get("/api/v1/changes", params={"since": rest["next"]})).json()["items"] == []


@pytest.mark.parametrize("unknown", ["monitoring.comparison_finished", "monitoring.corrections_proposed.v1"])
async def test_a_type_that_the_feed_never_tells_of_is_refused(gateway: Gateway, unknown: str) -> None:
    caller = await gateway.caller("county_officer")
    known = ["monitoring.comparison_finished.v1"]
    assert (await caller.get("/api/v1/changes", params={"type": known})).status_code == 200
    asked = await caller.get("/api/v1/changes", params={"type": [*known, unknown]})
    followed = {"url": "http://127.0.0.1:9/hook", "types": [*known, unknown]}
    opened = await caller.post("/api/v1/webhooks", json=followed)
    refused = [(each.status_code, each.json()["code"], each.json()["detail"]) for each in (asked, opened)]
    assert refused == [(422, "unknown_event_type", unknown)] * 2


async def test_two_who_write_at_once_are_seen_in_the_order_of_positions(gateway: Gateway) -> None:
    caller, early, late = await gateway.caller("county_officer"), registered(), registered()
    database = gateway.runtime.database
    async with database.writing(system("gateway")) as db:
        # A replay of dead events; meanwhile the worker enters what it has just been given.
        await REACTIONS.run(db, [early])
        entering = asyncio.create_task(happen(gateway, late))
        await asyncio.sleep(0.3)
        first = (await caller.get("/api/v1/changes")).json()
    await entering
    rest = (await caller.get("/api/v1/changes", params={"since": first["next"]})).json()
    subjects = [event["subject"] for event in first["items"] + rest["items"]]
    assert subjects == [early.subject, late.subject]


async def test_a_position_beyond_all_bounds_is_refused(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    asked = await caller.get("/api/v1/changes", params={"since": 2**63})
    new = {"url": "http://127.0.0.1:9/hook", "since": 2**63}
    opened = await caller.post("/api/v1/webhooks", json=new)
    assert [asked.status_code, opened.status_code] == [422, 422]
    there = (await caller.post("/api/v1/webhooks", json=new | {"since": 0})).json()["id"]
    again = await caller.post(f"/api/v1/webhooks/{there}/replay", params={"since": 2**63})
    assert again.status_code == 422


async def test_names_leave_masked_and_indexes_not_at_all(gateway: Gateway) -> None:
    await happen(gateway, registered())
    caller = await gateway.caller("county_officer")
    sent = (await caller.get("/api/v1/changes")).text
    assert "王建国" not in sent
    assert "王**" in sent
    assert "number_index" not in sent


async def test_of_corrections_it_leaves_which_and_what_became_of_them_but_no_values(gateway: Gateway) -> None:
    for name in ("inspection.corrections_proposed.v1", "household.corrections_decided.v1"):
        event = parse_event(json.loads((GOLDEN / f"{name}.json").read_text("utf-8")))
        assert event is not None
        await happen(gateway, event)
    caller = await gateway.caller("county_officer")
    proposed, decided = (each["data"] for each in (await caller.get("/api/v1/changes")).json()["items"])
    assert [set(each) for each in proposed["corrections"]] == [{"id", "field"}, {"id", "field", "member_id"}]
    assert proposed["officer"] == "张*"
    assert "proposed_by" not in proposed
    assert [each["status"] for each in decided["decisions"]] == ["accepted", "waiting"]


async def test_whoever_keeps_a_village_in_step_learns_that_a_household_left_and_what_came_along(
    gateway: Gateway,
) -> None:
    # All that boundaries moved tells of itself, the household where it was, too.
    kinds = sorted(name for name in Contract.registry if name.endswith("rehomed.v1"))
    assert len(kinds) == 6
    for name in kinds:
        event = parse_event(json.loads((GOLDEN / f"{name}.json").read_text("utf-8")))
        assert event is not None
        assert event.type in REACTIONS.types
        await happen(gateway, event)
    caller = await gateway.caller("county_officer")
    told = (await caller.get("/api/v1/changes")).json()["items"]
    assert sorted(event["type"] for event in told) == kinds
    gone = next(event for event in told if event["type"] == "household.rehomed.v1")
    assert gone["area"] == gone["data"]["division_code"] != gone["data"]["into_code"]


def test_what_a_department_proposes_is_not_given_out_but_what_was_decided_is() -> None:
    assert "monitoring.corrections_proposed.v1" not in REACTIONS.types
    assert "monitoring.corrections_withdrawn.v1" not in REACTIONS.types
    assert "household.corrections_decided.v1" in REACTIONS.types


async def at_once() -> None:
    """Take as long as nothing."""


class Subscriber:
    """Somebody outside who takes deliveries, after refusing the first so many and doing something meanwhile."""

    def __init__(self, refusals: int = 0, meanwhile: Callable[[], Awaitable[object]] = at_once) -> None:
        self.refusals = refusals
        self.meanwhile = meanwhile
        self.taken: list[tuple[dict[str, str], bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.refusals -= 1
        status = 500 if self.refusals >= 0 else 204
        if status == 204:
            self.taken.append((headers, body))
        await self.meanwhile()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_deliveries_are_signed_in_order_and_repeated_until_taken(gateway: Gateway) -> None:
    subscriber = Subscriber(refusals=1)
    caller = await gateway.caller("county_officer")
    run = JobRun(uuid4(), {}, {}, "", gateway.runtime)
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        opened = (await caller.post("/api/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/hook"})).json()
        events = [registered(), registered(OTHER_COUNTY_VILLAGE), registered()]
        await happen(gateway, *events)
        assert (await deliver(run))["delivered"] == 0
        # The next attempt waits; here the wait is taken away.
        async with gateway.runtime.database.writing(system("tests")) as db:
            await db.execute(text("UPDATE subscription SET retry_at = NULL"))
        assert (await deliver(run))["delivered"] == 2
        assert (await deliver(run))["delivered"] == 0
    assert [json.loads(body)["subject"] for _, body in subscriber.taken] == [
        events[0].subject,
        events[2].subject,
    ]
    for headers, body in subscriber.taken:
        assert Webhook(opened["secret"]).verify(body.decode(), headers)
    attempts = (await caller.get(f"/api/v1/webhooks/{opened['id']}/deliveries")).json()["items"]
    assert [attempt["status"] for attempt in attempts] == [500, 204, 204]


async def subscribed(caller: httpx.AsyncClient, port: int, **how: object) -> str:
    """Open a subscription to whoever listens on the port; return its id."""
    new = {"url": f"http://127.0.0.1:{port}/hook", **how}
    return str((await caller.post("/api/v1/webhooks", json=new)).json()["id"])


async def round_of(gateway: Gateway) -> int:
    """Deliver once to all who are due; return how many deliveries were taken."""
    result = await deliver(JobRun(uuid4(), {}, {}, "", gateway.runtime))
    return int(result["delivered"])


async def test_a_receiver_that_is_away_for_weeks_stops_nobody_s_deliveries(gateway: Gateway) -> None:
    subscriber = Subscriber()
    caller = await gateway.caller("county_officer")
    await subscribed(caller, 9)
    async with gateway.runtime.database.writing(system("tests")) as db:
        await db.execute(text("UPDATE subscription SET failures = 60"))
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        await subscribed(caller, port)
        await happen(gateway, registered())
        assert await round_of(gateway) == 1
    away = (await caller.get("/api/v1/webhooks")).json()["items"][0]
    assert away["failures"] == 61
    assert datetime.fromisoformat(away["retry_at"]) > datetime.now(UTC) + timedelta(hours=5)


async def test_nobody_waits_until_a_slow_receiver_has_taken_all(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.feed.deliveries._TURN_SECONDS", 0)
    caller = await gateway.caller("county_officer")
    waited_for: list[bool] = []

    async def until_the_other_has_some() -> None:
        for _ in range(100):
            if quick.taken:
                break
            await asyncio.sleep(0.05)
        waited_for.append(bool(quick.taken))

    slow, quick = Subscriber(meanwhile=until_the_other_has_some), Subscriber()
    async with (
        listening(slow, "127.0.0.1", 0, drain_seconds=1) as slow_port,
        listening(quick, "127.0.0.1", 0, drain_seconds=1) as port,
    ):
        await subscribed(caller, slow_port)
        await subscribed(caller, port)
        await happen(gateway, *(registered() for _ in range(3)))
        async with gateway.runtime.database.writing(system("tests")) as db:
            await db.execute(text("DELETE FROM pgqueuer"))
        assert await round_of(gateway) == 2
        async with gateway.runtime.database.writing(system("tests")) as db:
            assert await db.scalar(text("SELECT count(*) FROM pgqueuer")) == 1
        while await round_of(gateway):
            pass
    assert [len(slow.taken), len(quick.taken)] == [3, 3]
    assert all(waited_for)


async def test_whoever_sets_a_subscription_back_during_a_round_has_all_again(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")

    async def set_back() -> None:
        if len(subscriber.taken) == 2:
            again = await caller.post(f"/api/v1/webhooks/{subscription}/replay", params={"since": 0})
            assert again.status_code == 202

    subscriber = Subscriber(meanwhile=set_back)
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        subscription = await subscribed(caller, port)
        await happen(gateway, *(registered() for _ in range(3)))
        while await round_of(gateway):
            pass
    subjects = [json.loads(body)["subject"] for _, body in subscriber.taken]
    assert subjects[2:] == [*subjects[:2], subjects[-1]]


async def test_whoever_ends_a_subscription_during_a_round_is_sent_nothing_more(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")

    async def end() -> None:
        assert (await caller.delete(f"/api/v1/webhooks/{subscription}")).status_code == 204

    subscriber = Subscriber(meanwhile=end)
    async with listening(subscriber, "127.0.0.1", 0, drain_seconds=1) as port:
        subscription = await subscribed(caller, port)
        await happen(gateway, *(registered() for _ in range(3)))
        await round_of(gateway)
    assert len(subscriber.taken) == 1
