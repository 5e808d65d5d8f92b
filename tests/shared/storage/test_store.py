"""One behaviour over two stores: a folder, and an S3-compatible server."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shared.storage import Storage, StorageUnreachable
from tests.infrastructure.objects import ObjectServer


@pytest.fixture(params=["folder", "server"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store."""
    if request.param == "folder":
        return (tmp_path / "照片 store").as_uri()
    server: ObjectServer = request.getfixturevalue("object_server")
    return server.bucket()


def file_of(folder: Path, content: bytes) -> tuple[str, Path]:
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{digest}.upload"
    path.write_bytes(content)
    return digest, path


async def content_of(storage: Storage, digest: str) -> bytes:
    return b"".join([chunk async for chunk in await storage.open(digest)])


@pytest.mark.parametrize("size", [0, 1, 300_000, 12_000_000])
async def test_what_is_put_is_given_back(url: str, tmp_path: Path, size: int) -> None:
    storage = Storage(url, "inspection")
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    digest, path = file_of(tmp_path, content)
    assert not await storage.has(digest, size)
    await storage.put(digest, path)
    assert await storage.has(digest, size)
    assert not await storage.has(digest, size + 1), "not whole"
    assert await content_of(storage, digest) == content
    assert path.exists(), "whoever sent it in deletes it"


async def test_the_same_content_is_there_once_and_can_be_deleted_twice(url: str, tmp_path: Path) -> None:
    storage = Storage(url, "inspection")
    one, other = file_of(tmp_path, b"one"), file_of(tmp_path, b"other")
    for digest, path in (one, one, other):
        await storage.put(digest, path)
    assert sorted([d async for part in storage.digests() for d in part]) == sorted([one[0], other[0]])
    await storage.delete(one[0])
    await storage.delete(one[0])
    assert [d async for part in storage.digests() for d in part] == [other[0]]


async def test_another_process_finds_it(url: str, tmp_path: Path) -> None:
    digest, path = file_of(tmp_path, b"photo")
    await Storage(url, "inspection").put(digest, path)
    assert await content_of(Storage(url, "inspection"), digest) == b"photo"


async def test_what_was_lost_from_the_store_is_said_before_the_first_byte(url: str) -> None:
    with pytest.raises(StorageUnreachable):
        await Storage(url, "inspection").open("ab" * 32)


async def test_a_server_that_is_down_is_refused_in_time(object_server: ObjectServer, tmp_path: Path) -> None:
    storage, (digest, path) = Storage(object_server.bucket(), "inspection"), file_of(tmp_path, b"photo")
    object_server.stop()
    for attempt in (storage.put(digest, path), storage.has(digest, 1), storage.open(digest)):
        with pytest.raises(StorageUnreachable):
            await attempt


async def test_a_server_that_does_not_know_us_is_refused(
    object_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = object_server.bucket()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    digest, path = file_of(tmp_path, b"photo")
    with pytest.raises(StorageUnreachable):
        await Storage(url, "inspection").put(digest, path)


@pytest.mark.check
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/var/lib/fangfan", "a store is file:///folder or s3://"),
        # Its first folder would be a host, and what is kept go to ``/fangfan``.
        ("file://var/fangfan", "a store is file:///folder or s3://"),
        ("s3:///prefix", "a store is file:///folder or s3://"),
        ("s3://bucket?endpont=http://127.0.0.1", "no option endpont"),
    ],
)
def test_a_store_is_a_folder_or_s3(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Storage(url, "inspection")
