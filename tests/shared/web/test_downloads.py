"""Downloads: made at one speed, taken at another, whole and in order."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from shared.database.csv_out import Sink
from shared.web import downloads
from shared.web.downloads import Download, Writing

PIECES = [bytes([number % 251]) * 999 for number in range(200)]
SCOPE = {"type": "http", "asgi": {"spec_version": "2.3"}}


def written(made: list[int], *, slowly: float = 0, breaks: bool = False) -> Writing:
    async def write(sink: Sink) -> None:
        try:
            for piece in PIECES:
                await asyncio.sleep(slowly)
                await sink(piece)
                made.append(1)
            if breaks:
                raise LookupError
        finally:
            made.append(0)

    return write


class Taker:
    """Somebody who takes an answer, one part in so many seconds; after so many bytes nothing more, and may leave."""

    def __init__(self, *, slowly: float = 0, most: int = 10**9, leaves: bool = False) -> None:
        self.taken = bytearray()
        self._slowly, self._most, self._leaves = slowly, most, leaves
        self._has_left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self._has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.taken += message.get("body", b"")
        await asyncio.sleep(self._slowly)
        if len(self.taken) > self._most:
            if self._leaves:
                self._has_left.set()
            await asyncio.Event().wait()

    async def take(self, write: Writing, spool: Path) -> bytes:
        download = Download(write, filename="all.csv", media_type="text/csv", spool=spool)
        await download(SCOPE, self.receive, self.send)
        return bytes(self.taken)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_IN_MEMORY", 5_000)
    monkeypatch.setattr(downloads, "_CHUNK", 3_000)


@pytest.mark.parametrize(
    ("makes", "takes"), [(0, 0), (0, 0.005), (0.005, 0)], ids=["both at once", "taken later", "made later"]
)
async def test_all_of_it_comes_in_order(tmp_path: Path, makes: float, takes: float) -> None:
    taken = await Taker(slowly=takes).take(written([], slowly=makes), tmp_path / "new")
    assert taken == b"".join(PIECES)
    assert not list((tmp_path / "new").iterdir())


async def test_it_is_made_before_it_is_taken(tmp_path: Path) -> None:
    made, taker = list[int](), Taker(most=1)
    taking = asyncio.create_task(taker.take(written(made), tmp_path))
    async with asyncio.timeout(5):
        while made[-1:] != [0]:
            await asyncio.sleep(0.01)
    assert len(made) == len(PIECES) + 1
    assert len(taker.taken) < 10_000
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking


async def test_whoever_leaves_is_made_nothing_more(tmp_path: Path) -> None:
    made = list[int]()
    await Taker(most=10_000, leaves=True).take(written(made, slowly=0.01), tmp_path)
    assert made[-1] == 0
    assert len(made) < len(PIECES)


async def test_what_breaks_off_does_not_look_whole(tmp_path: Path) -> None:
    taker = Taker()
    with pytest.raises(LookupError):
        await taker.take(written([], breaks=True), tmp_path)
    assert bytes(taker.taken) == b"".join(PIECES)
