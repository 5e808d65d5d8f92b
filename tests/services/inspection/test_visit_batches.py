"""Visits made offline and sent in batches: each by itself, each once, however often and in whatever order they come."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from sqlalchemy import text

from shared.identity.principal import system
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.inspection.conftest import (
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    failed,
    household,
    open_campaign,
    visit,
)

BATCH = 200


async def test_a_batch_takes_each_visit_by_itself(scene: Scene) -> None:
    here, there = household(), household(OTHER_VILLAGE)
    await scene.add(here, there)
    taken = visit(here, id=str(uuid7()), answers=[failed("A1-04")])
    batch = [taken, visit(there), {"officer": "无"}, taken, visit(here, id=str(uuid7()))]
    answer = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": batch})
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert [each["outcome"] for each in outcomes] == [
        "accepted",
        "refused",
        "refused",
        "replayed",
        "accepted",
    ]
    assert outcomes[1]["problem"]["code"] == "unknown_household"
    assert {fault["pointer"] for fault in outcomes[2]["problem"]["errors"]} == {
        "/household_id",
        "/visited_at",
    }
    assert [outcomes[0]["first"], outcomes[4]["first"]] == [True, False]
    again = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": batch})
    assert (again.json()["accepted"], again.json()["replayed"]) == (0, 3)


async def test_a_batch_needs_no_statement_per_visit(scene: Scene) -> None:
    households = [household(number=f"{number:016}") for number in range(40)]
    await scene.add(*households)
    for size in (2, 38):
        chosen, households = households[:size], households[size:]
        batch = [visit(each, id=str(uuid7()), answers=[failed("A1-04")]) for each in chosen]
        async with scene.service.statements() as sent:
            answer = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": batch})
        assert answer.json()["accepted"] == size
        assert len(sent) <= 13, sent


async def test_the_same_visit_sent_to_another_campaign_is_not_taken_for_the_one_on_record(
    scene: Scene,
) -> None:
    home = household()
    await scene.add(home)
    sent = visit(home, id=str(uuid7()))
    other = f"/campaigns/{await open_campaign(scene.county)}"
    assert (await scene.village.post(f"{scene.path}/visits", json=sent)).status_code == 201
    answer = await scene.village.post(f"{other}/visits", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "visit_id_reused")
    batch = (await scene.village.post(f"{other}/visits/batch", json={"visits": [sent]})).json()
    assert (batch["replayed"], batch["refused"]) == (0, 1)
    waiting = (await scene.village.get(f"{other}/visits/refused")).json()["items"]
    assert [each["visit_id"] for each in waiting] == [sent["id"]], "what was seen at the door is kept"


async def test_a_refused_visit_that_is_sent_alone_as_it_should_be_waits_no_more(scene: Scene) -> None:
    home, another = household(), household()
    await scene.add(home, another)
    early = [visit(each, id=str(uuid7()), visited_at="2021-06-01T09:00:00+08:00") for each in (home, another)]
    await scene.village.post(f"{scene.path}/visits/batch", json={"visits": early})
    refused = await scene.village.post(f"{scene.path}/visits", json=early[1])
    assert refused.status_code == 409, refused.text
    taken = await scene.village.post(f"{scene.path}/visits", json=visit(home, id=early[0]["id"]))
    assert taken.status_code == 201, taken.text
    waiting = (await scene.village.get(f"{scene.path}/visits/refused")).json()["items"]
    assert [each["visit_id"] for each in waiting] == [early[1]["id"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param(
            {"answers": [failed("A1-04", "停\0水")]}, "cannot_be_stored", id="a NUL in what was seen"
        ),
        pytest.param({"visited_at": "0001-01-01T00:00:00+08:00"}, "invalid", id="a clock that was never set"),
    ],
)
async def test_a_visit_that_cannot_be_stored_does_not_keep_the_others_from_being_taken(
    scene: Scene, changes: dict[str, Any], code: str
) -> None:
    home, another = household(), household()
    await scene.add(home, another)
    sent = [
        visit(home, id=str(uuid7())) | changes,
        visit(another, answers=[failed("A1-04", r"见\u0000说明")]),
    ]
    answer = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": sent})
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert [each["outcome"] for each in outcomes] == ["refused", "accepted"]
    assert outcomes[0]["problem"]["code"] == code
    (kept,) = (await scene.village.get(f"{scene.path}/visits/refused")).json()["items"]
    assert kept["visit"] == sent[0]
    alone = await scene.village.post(f"{scene.path}/visits", json=sent[0])
    assert (alone.status_code, alone.json()["code"]) == (422, code)


async def test_a_batch_delivered_twice_at_once_gives_each_visit_once(scene: Scene) -> None:
    homes = [household(number=f"{number:016}") for number in range(20)]
    await scene.add(*homes)
    batch = [visit(each, id=str(uuid7()), answers=[failed("A1-04")]) for each in homes]
    address = f"{scene.path}/visits/batch"
    answers = await asyncio.gather(
        *(scene.village.post(address, json={"visits": sent}) for sent in (batch, batch[::-1], batch))
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert sum(answer.json()["accepted"] for answer in answers) == 20
    assert sum(answer.json()["replayed"] for answer in answers) == 40
    raised = (await scene.village.get("/findings", params={"count": "exact"})).json()
    assert raised["total"] == 20


@pytest.mark.parametrize(
    "many", [400, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
async def test_offline_visits_sent_three_times_over_a_failing_line_give_each_visit_once(
    scene: Scene, many: int
) -> None:
    draw = random.Random(20210609)
    homes = [household(number=f"{number:016}") for number in range(many)]
    for start in range(0, many, 500):
        await scene.add(*homes[start : start + 500])
    drafts = [_draft(home, number) for number, home in enumerate(homes)]
    line = Line(scene, draw)
    async with scene.service.served("village_officer", VILLAGE) as (url, headers):
        line.url, line.headers = url, headers | {"Content-Type": "application/json"}
        await line.send(drafts)
        # The second and the third time at once: two devices of one officer.
        await asyncio.gather(line.send(drafts), line.send(drafts))
    print(f"\n{many:,} visits sent three times, connection cut {line.cuts} times: {dict(line.outcomes)}")  # noqa: T201
    # The answers that were lost had accepted theirs; whatever is answered is one or the other.
    assert line.outcomes.keys() <= {"accepted", "replayed"}
    assert line.outcomes.total() == 3 * many
    assert line.cuts > many // BATCH
    async with scene.service.database.reading(system("tests")) as db:
        counted = [
            await db.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - named here
            for table in ("visit", "coverage", "finding")
        ]
    assert counted == [many, many, many // 10]
    told = Counter(str(event["type"]) for event in await outbox_of(scene.service))
    assert told["inspection.household_visited.v1"] == many
    assert told["inspection.finding_raised.v1"] == many // 10


def _draft(home: Any, number: int) -> dict[str, Any]:
    answers = [failed("A1-04", "水压不足")] if number % 10 == 0 else [{"item": "A1-04", "ok": True}]
    return visit(home, id=str(uuid7()), answers=answers)


class Line:
    """A bad mobile line: it drops requests half-way, and answers on their way back."""

    def __init__(self, scene: Scene, draw: random.Random) -> None:
        self.path, self.draw = f"{scene.path}/visits/batch", draw
        self.url, self.headers = "", dict[str, str]()
        self.cuts, self.outcomes = 0, Counter[str]()

    async def send(self, drafts: list[dict[str, Any]]) -> None:
        """Send all visits in random order, in batches, each until it is answered."""
        drafts = self.draw.sample(drafts, len(drafts))
        async with httpx.AsyncClient(base_url=self.url, headers=self.headers, timeout=60) as client:
            for start in range(0, len(drafts), BATCH):
                body = orjson.dumps({"visits": drafts[start : start + BATCH]})
                while self.draw.random() < 0.5:
                    await self._cut(body)
                answer = await client.post(self.path, content=body)
                assert answer.status_code == 200, answer.text
                self.outcomes.update(each["outcome"] for each in answer.json()["outcomes"])

    async def _cut(self, body: bytes) -> None:
        """Send a request and hang up: in the middle of its body, or before its answer comes."""
        self.cuts += 1
        place = urlsplit(self.url)
        _reader, writer = await asyncio.open_connection(place.hostname, place.port)
        head = {**self.headers, "Host": place.netloc, "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"POST {self.path} HTTP/1.1\r\n{lines}\r\n".encode())
        writer.write(body[: len(body) // 2] if self.draw.random() < 0.5 else body)
        await writer.drain()
        await asyncio.sleep(self.draw.random() * 0.05)
        writer.close()
