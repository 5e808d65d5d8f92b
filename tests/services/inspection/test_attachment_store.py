"""Photos and their store: what is swept, a cut connection, a store that is down."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from shared.attachments.commands import name_attachments
from shared.attachments.job import KEPT, sweep
from shared.attachments.schemas import Naming
from shared.identity.principal import system
from shared.keys import uuid7
from shared.storage import Storage
from tests.infrastructure.objects import ObjectServer
from tests.services.inspection.conftest import VILLAGE, Scene, household
from tests.services.inspection.test_attachments import JPEG, PDF, PNG, contents, listed, send


async def test_what_nobody_names_is_swept_and_what_is_named_stays(scene: Scene) -> None:
    known, named = household(), str(uuid7())
    await scene.add(known)
    await scene.visit(known, attachments=[named])
    await send(scene.village, PNG, id=named, household_id=known.id)
    await send(scene.village, PNG)
    await send(scene.village, JPEG)
    await sweep(scene.service.runtime)
    assert len(contents(scene)) == 2, "an officer may be without a network for weeks"
    scene.service.clock.moment += KEPT + timedelta(days=1)
    await sweep(scene.service.runtime)
    assert [each["id"] for each in await listed(scene.county)] == [named]
    assert contents(scene) == [hashlib.sha256(PNG).hexdigest()], "another attachment has the same content"
    assert (await scene.village.get(f"/attachments/{named}/content")).content == PNG


async def test_what_is_named_in_the_moment_of_the_sweep_stays(scene: Scene) -> None:
    known, photo = household(), uuid7()
    await scene.add(known)
    await send(scene.village, PNG, id=str(photo), household_id=known.id)
    scene.service.clock.moment += KEPT + timedelta(days=1)
    runtime = scene.service.runtime
    async with runtime.database.writing(system("inspection")) as db:
        naming = Naming(uuid7(), VILLAGE, known.id, [photo])
        await name_attachments(db, runtime.attachments, [naming])
        await sweep(runtime)
    await sweep(runtime)
    assert (await scene.village.get(f"/attachments/{photo}/content")).content == PNG


async def test_content_of_a_request_that_never_ended_is_swept(scene: Scene, tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.write_bytes(PDF)
    await scene.service.runtime.storage.put(hashlib.sha256(PDF).hexdigest(), left)
    await send(scene.village)
    await sweep(scene.service.runtime)
    assert contents(scene) == [hashlib.sha256(PNG).hexdigest()]


async def test_what_another_service_keeps_in_the_store_is_its_own(scene: Scene, tmp_path: Path) -> None:
    paper, url = tmp_path / "paper", scene.service.runtime.common.storage_url
    paper.write_bytes(PDF)
    await Storage(url, "monitoring").put(hashlib.sha256(PDF).hexdigest(), paper)
    await sweep(scene.service.runtime)
    assert await Storage(url, "monitoring").has(hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert not await scene.service.runtime.storage.has(hashlib.sha256(PDF).hexdigest(), len(PDF))


@pytest.mark.parametrize("left", [None, PNG[:10]], ids=["nothing", "a part"])
async def test_what_the_store_has_lost_is_mended_by_sending_it_again(
    scene: Scene, left: bytes | None
) -> None:
    photo = str(uuid7())
    sent = await send(scene.village, PNG, id=photo)
    [kept] = Path(urlsplit(scene.service.runtime.common.storage_url).path).rglob(
        hashlib.sha256(PNG).hexdigest()
    )
    kept.unlink()
    if left:
        kept.write_bytes(left)
    assert (await send(scene.village, PNG, id=photo)).status_code == 200
    assert (await scene.village.get(f"{sent.headers['location']}/content")).content == PNG


async def test_a_cut_connection_leaves_nothing(scene: Scene) -> None:
    async with scene.service.served("village_officer", VILLAGE) as (address, headers):
        _, _, port = address.rpartition(":")
        _reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        path = f"/attachments?kind=photo&division={VILLAGE}&id={uuid7()}"
        head = [f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 1000000"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*head, "", ""]).encode() + PNG + b"\x00" * 500_000)
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.transport.abort()
        await asyncio.sleep(0.3)
    assert (await listed(scene.village), contents(scene)) == ([], [])
    assert list(scene.service.runtime.spool.iterdir()) == []


async def test_with_a_store_that_is_down_all_else_works(scene: Scene, object_server: ObjectServer) -> None:
    scene.service.runtime.common.storage_url = object_server.bucket()
    known, photo = household(), uuid7()
    await scene.add(known)
    sent = await send(scene.village, id=photo, household_id=known.id)
    assert sent.status_code == 201
    address = f"{sent.headers['location']}/content"
    assert (await scene.village.get(address)).content == PNG
    object_server.stop()
    later = UUID(int=photo.int + 1)
    for answer in (await scene.village.get(address), await send(scene.village, JPEG, id=later)):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unreachable")
    assert (await scene.visit(known, attachments=[str(photo), str(later)])).status_code == 201
    assert [each["id"] for each in await listed(scene.village)] == [str(photo)], "no row without content"
