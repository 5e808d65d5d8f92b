"""Idempotency-Key: sent twice, done once."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.shared.conftest import COUNTY, a_note

KEY = {"Idempotency-Key": "k-1"}


async def test_the_same_request_is_done_once_and_answered_alike(writer: httpx.AsyncClient) -> None:
    first, again = [await writer.post("/notes", json=a_note(), headers=KEY) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again.headers["location"], again.headers["etag"]) == (first.headers["location"], '"1"')
    assert again.headers["idempotency-replayed"] == "true"
    assert await _written(writer) == 1


async def test_a_key_is_not_for_two_requests(writer: httpx.AsyncClient) -> None:
    await writer.post("/notes", json=a_note(), headers=KEY)
    answer = await writer.post("/notes", json=a_note("用电"), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await _written(writer) == 1


@pytest.mark.parametrize("sent", ["content", "form"])
async def test_a_key_is_not_for_two_files(
    notes: ServiceUnderTest, writer: httpx.AsyncClient, sent: str
) -> None:
    one, other = (f"姓名\n{name}\n".encode() for name in ("王建国", "李秀英"))

    async def send(content: bytes) -> httpx.Response:
        # Whoever sends a form again draws another boundary.
        body: dict[str, Any] = (
            {"content": content} if sent == "content" else {"files": {"file": ("a", content)}}
        )
        return await writer.post("/notes/files", headers=KEY, **body)

    first, again, another = await send(one), await send(one), await send(other)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (first.status_code, "true")
    assert again.json() == first.json()
    assert (another.status_code, another.json()["code"]) == (422, "idempotency_key_reused")
    spooled = [path for path in notes.runtime.spool.rglob("*") if path.is_file()]
    assert not spooled, "what was read to be compared is not kept"


async def test_what_is_kept_of_a_request_gives_nothing_of_it_away(
    notes: ServiceUnderTest, writer: httpx.AsyncClient
) -> None:
    sent = orjson.dumps(a_note())
    await writer.post("/notes", content=sent, headers=KEY | {"Content-Type": "application/json"})
    async with notes.database.reading(system("notes")) as db:
        kept = bytes(await db.scalar(text("SELECT request FROM answer")))
    assert kept != hashlib.sha256(b"POST /notes?\n" + sent).digest()


async def test_two_callers_may_choose_the_same_key(notes: ServiceUnderTest) -> None:
    for subject in ("officer-1", "officer-2"):
        client = await notes.caller("county_officer", COUNTY, subject=subject)
        assert (await client.post("/notes", json=a_note(), headers=KEY)).status_code == 201
    assert await _written(client) == 2


async def test_of_two_at_once_one_is_done_and_the_other_told_to_wait(writer: httpx.AsyncClient) -> None:
    slow = a_note(slowly=3)
    answers = await asyncio.gather(*(writer.post("/notes", json=slow, headers=KEY) for _ in range(2)))
    refused, done = sorted(answers, key=lambda answer: answer.status_code, reverse=True)
    assert (done.status_code, refused.status_code) == (201, 409)
    assert refused.json()["code"] == "request_in_flight"
    assert refused.headers["retry-after"] == "1"
    assert await _written(writer) == 1


async def test_a_refused_request_keeps_no_answer_and_may_be_sent_again(writer: httpx.AsyncClient) -> None:
    refused = await writer.post("/notes", json=a_note("unwelcome"), headers=KEY)
    assert refused.status_code == 409
    accepted = await writer.post("/notes", json=a_note("welcome"), headers=KEY)
    assert accepted.status_code == 201
    assert await _written(writer) == 1


async def test_a_key_is_short(writer: httpx.AsyncClient) -> None:
    for key in ("", "k" * 256):
        answer = await writer.post("/notes", json=a_note(), headers={"Idempotency-Key": key})
        assert answer.json()["code"] == "idempotency_key_bad"
    assert await _written(writer) == 0


async def _written(client: httpx.AsyncClient) -> int:
    return int((await client.get("/notes", params={"count": "exact"})).json()["total"])
