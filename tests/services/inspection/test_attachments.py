"""Photos, signatures and documents: sent in, named by visits and findings, shown, swept."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from shared.contracts.household import HouseholdChanged
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    failed,
    household,
    visit,
)
from tests.services.inspection.test_checks import COUNTER, check, entered
from tests.services.inspection.test_findings import DONE, PLAN, move, raised
from tests.services.inspection.test_rehoming import rehomed

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00H\x00H\x00\x00" + b"\x00" * 50 + b"\xff\xd9"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 10
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"\x00" * 30


async def send(
    caller: httpx.AsyncClient, content: Any = PNG, headers: dict[str, str] | None = None, **said: Any
) -> httpx.Response:
    """Send in a photo of the village, if nothing else is said."""
    said = {"kind": "photo"} | said
    if "household_id" not in said:
        said.setdefault("division", VILLAGE)
    return await caller.post(f"/attachments?{urlencode(said)}", content=content, headers=headers or {})


async def listed(caller: httpx.AsyncClient, what: str = "", **filters: Any) -> list[dict[str, Any]]:
    answer = await caller.get(f"/attachments{what}", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def contents(scene: Scene) -> list[str]:
    """Return the digests in the store's folder."""
    folder = Path(scene.service.runtime.common.storage_url.removeprefix("file://"))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("content", "media_type", "where"),
    [
        (PNG, "image/png", "inline"),
        (JPEG, "image/jpeg", "inline"),
        (PDF, "application/pdf", "inline"),
        (HEIC, "image/heif", "attachment"),
    ],
)
async def test_what_is_sent_in_is_given_back_as_what_it_is(
    scene: Scene, content: bytes, media_type: str, where: str
) -> None:
    said = {"taken_at": "2021-06-09T09:00:00+08:00", "latitude": 33.9, "longitude": 116.7}
    name = {"X-Filename": quote("../厨房 漏水.html"), "Content-Type": "text/html"}
    sent = await send(scene.village, content, name, **said)
    assert sent.status_code == 201, sent.text
    kept = sent.json()
    assert (kept["media_type"], kept["size"], kept["name"]) == (media_type, len(content), "厨房 漏水.html")
    assert kept["taken_at"] == "2021-06-09T01:00:00Z"
    shown = await scene.village.get(f"{sent.headers['location']}/content")
    assert (shown.content, shown.headers["content-type"]) == (content, media_type)
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith(f"{where}; filename*=UTF-8''%E5%8E%A8")
    tag = {"If-None-Match": shown.headers["etag"]}
    assert (await scene.village.get(f"{sent.headers['location']}/content", headers=tag)).status_code == 304


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"MZ\x90\x00" + b"\x00" * 60,
        b"PK\x03\x04" + b"\x00" * 40,
        b"",
        b"GIF",
    ],
)
async def test_what_only_calls_itself_a_photo_is_refused(scene: Scene, content: bytes) -> None:
    answer = await send(scene.village, content, {"X-Filename": "a.jpg", "Content-Type": "image/jpeg"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_media")
    assert contents(scene) == []


async def test_what_is_too_large_is_refused_before_it_has_all_come(scene: Scene) -> None:
    scene.service.runtime.common.max_attachment_bytes = 300_000
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield PNG
        for _ in range(100):
            sent += 100_000
            yield b"\x00" * 100_000

    answer = await send(scene.village, endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert contents(scene) == []
    assert list(scene.service.runtime.spool.iterdir()) == []


async def test_what_a_line_garbled_is_refused(scene: Scene) -> None:
    told = b64encode(hashlib.sha256(PNG).digest()).decode()
    right = {"Content-Digest": f"sha-512=:YWJj:, sha-256=:{told}:"}
    assert (await send(scene.village, PNG, right)).status_code == 201
    for wrong in (f"sha-256=:{told}:", "sha-256=:no base64:"):
        answer = await send(scene.village, JPEG, {"Repr-Digest": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "digest_differs")
    assert len(contents(scene)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "video"},
        {"household_id": str(uuid7()), "division": VILLAGE},
        {"latitude": 33.9},
        {"latitude": 91, "longitude": 0},
        {"taken_at": "2021-06-09T09:00:00"},
    ],
    ids="+".join,
)
async def test_what_is_said_must_be_possible(scene: Scene, said: dict[str, Any]) -> None:
    assert (await send(scene.village, **said)).status_code == 422


async def test_sent_again_it_is_the_same_and_another_is_refused(scene: Scene) -> None:
    key = str(uuid7())
    first, again = await asyncio.gather(*(send(scene.village, id=key) for _ in range(2)))
    assert sorted([first.status_code, again.status_code]) == [200, 201]
    other = await send(scene.village, JPEG, id=key)
    assert (other.status_code, other.json()["code"]) == (409, "attachment_id_reused")
    assert (await send(scene.village)).json()["id"] != key
    assert len(contents(scene)) == 1, "the same content is stored once"


async def test_nobody_sends_or_sees_beyond_their_area(scene: Scene) -> None:
    elsewhere = household(OTHER_VILLAGE)
    await scene.add(elsewhere)
    assert (await send(scene.village, division=OTHER_VILLAGE)).json()["code"] == "outside_area"
    assert (await send(scene.village, household_id=elsewhere.id)).status_code == 404
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    sent = await send(there, household_id=elsewhere.id)
    assert sent.status_code == 201
    for path in ("", "/content"):
        assert (await scene.town.get(f"{sent.headers['location']}{path}")).status_code == 404
    assert await listed(scene.town) == []
    supervisor = await scene.service.caller("supervisor", TOWN)
    assert (await send(supervisor)).status_code == 403


async def test_a_visit_names_photos_that_arrive_later_and_its_failed_items_theirs(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    house, signature, crack = (str(uuid7()) for _ in range(3))
    answers = [failed("A1-04", attachments=[crack]), {"item": "A1-03", "ok": True}]
    draft = visit(known, id=str(uuid7()), answers=answers, attachments=[house, signature])
    recorded = await scene.village.post(f"{scene.path}/visits", json=draft)
    assert recorded.status_code == 201, recorded.text
    (finding,) = recorded.json()["finding_ids"]
    assert {each["attachment_id"] for each in await listed(scene.town, "/awaited", of=draft["id"])} == {
        house,
        signature,
        crack,
    }
    for key, kind in ((house, "photo"), (signature, "signature"), (crack, "photo")):
        sent = await send(scene.village, PNG + key.encode(), id=key, kind=kind, household_id=known.id)
        assert sent.status_code == 201
    assert await listed(scene.county, "/awaited") == []
    assert [each["id"] for each in await listed(scene.town, of=finding)] == [crack]
    assert {each["kind"] for each in await listed(scene.town, of=draft["id"])} == {"photo", "signature"}
    assert len(await listed(scene.town, household_id=str(known.id))) == 3
    again = await scene.village.post(f"{scene.path}/visits", json=draft)
    assert again.status_code == 200, "sent again with its photos it is the same visit"
    other = await scene.village.post(f"{scene.path}/visits", json=draft | {"attachments": []})
    assert other.json()["code"] == "visit_id_reused"


async def test_a_batch_is_linked_in_one_statement(scene: Scene) -> None:
    people = [household(number=f"340621100201{place:04}") for place in range(20)]
    await scene.add(*people)
    visits = [visit(each, attachments=[str(uuid7()), str(uuid7())]) for each in people]
    async with scene.service.statements() as sent:
        answer = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": visits})
    assert answer.json()["accepted"] == 20
    assert len([each for each in sent if "INSERT INTO attachment_link" in each]) == 1
    assert len((await scene.town.get("/attachments/awaited?limit=200")).json()["items"]) == 40


async def test_nothing_is_closed_before_its_evidence_has_arrived(scene: Scene) -> None:
    finding = await raised(scene)
    finding = (await move(scene.village, finding, "plan", PLAN)).json()
    photo = str(uuid7())
    done = await move(scene.village, finding, "rectification", DONE | {"attachments": [photo]})
    assert done.status_code == 200, done.text
    early = await move(scene.town, done.json(), "verification", {})
    assert (early.status_code, early.json()["code"]) == (409, "evidence_awaited")
    await send(scene.village, id=photo)
    closed = await move(scene.town, done.json(), "verification", {})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert [each["id"] for each in await listed(scene.town, of=finding["id"])] == [photo]


async def test_a_check_names_its_photos(scene: Scene) -> None:
    (counter,) = await entered(scene, COUNTER)
    photo, document = str(uuid7()), str(uuid7())
    draft = check(
        object_id=counter["id"], answers=[failed("A5-03", attachments=[photo])], attachments=[document]
    )
    recorded = await scene.town.post(f"{scene.path}/checks", json=draft)
    assert recorded.status_code == 201, recorded.text
    for key in (photo, document):
        await send(scene.town, PDF, id=key, kind="document", division=TOWN)
    assert len(await listed(scene.town, of=recorded.json()["id"])) == 2
    (finding,) = recorded.json()["finding_ids"]
    assert [each["id"] for each in await listed(scene.town, of=finding)] == [photo]


async def test_photos_go_along_when_a_household_belongs_to_another_village(scene: Scene) -> None:
    known, here, later = household(), str(uuid7()), str(uuid7())
    await scene.add(known)
    await scene.visit(known, attachments=[here, later])
    await send(scene.village, id=here, household_id=known.id)
    await scene.service.tell(
        HouseholdChanged(**known.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2})
    )
    await scene.service.tell(rehomed(known))
    there = await scene.service.caller("village_officer", OTHER_VILLAGE)
    assert [each["id"] for each in await listed(there)] == [here]
    assert [each["attachment_id"] for each in await listed(there, "/awaited")] == [later]
    assert await listed(scene.village) == []
    assert (await there.get(f"/attachments/{here}/content")).content == PNG
