"""A snapshot: as of one moment, read by its owner alone, and worth nothing if it is not whole."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest

from services.household.snapshot import SNAPSHOT
from shared.contracts.household import DivisionChanged, HouseholdChanged
from shared.database import Reader
from shared.replicas.snapshot import BadSnapshot, Told, write_snapshot
from tests.deploy.conftest import (
    HOUSEHOLDS,
    NUMBER,
    House,
    household_of,
    kept,
    rebuilt,
)


async def test_a_snapshot_is_as_of_one_moment(house: House) -> None:
    await house.settle()

    async def later(db: Reader) -> AsyncIterator[Told]:
        await house.settle()
        async for states in SNAPSHOT[HouseholdChanged](db):
            yield states

    path = house.folder / "slow.snapshot"
    told = await write_snapshot(house.registry.database, {**SNAPSHOT, HouseholdChanged: later}, path)
    assert told == {"household.division_changed.v1": 260, "household.grid_changed.v1": 1, HOUSEHOLDS: 3}


async def test_only_its_owner_reads_the_file_and_no_number_stands_in_it(house: House) -> None:
    await house.settle()
    path = await house.snapshot()
    assert path.stat().st_mode & 0o777 == 0o600
    whole = gzip.decompress(path.read_bytes()).decode()
    assert "王建国" in whole
    assert house.registry.runtime.keys.blind_index(NUMBER).hex() in whole
    assert NUMBER not in whole
    assert [each.name for each in house.folder.iterdir() if "snapshot" in each.name] == [path.name]


async def test_a_snapshot_that_fails_leaves_no_file(house: House) -> None:
    async def failing(_db: Reader) -> AsyncIterator[Told]:
        raise RuntimeError
        yield []

    with pytest.raises(RuntimeError):
        await write_snapshot(
            house.registry.database, {DivisionChanged: failing}, house.folder / "bad.snapshot"
        )
    assert not list(house.folder.glob("*snapshot*"))


def _lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


Lines = list[bytes]
SPOILT: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "cut off between lines": (lambda lines: lines[:-2], "not whole"),
    "without a line": (lambda lines: [*lines[:5], *lines[6:]], "not whole"),
    "in another order": (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "not in order"),
    "with a line twice": (lambda lines: [*lines[:2], *lines[1:]], "not in order"),
    "of another installation": (
        lambda lines: [lines[0].replace(orjson.loads(lines[0])["keys"].encode(), b"00"), *lines[1:]],
        "another key ring",
    ),
    "no snapshot": (lambda _: [b'{"name": "x"}\n'], "no snapshot"),
    "empty": (lambda _: [], "no snapshot"),
    "no JSON": (lambda lines: [*lines[:4], b"{\n", *lines[4:]], "cannot be read"),
    "with an event that is none": (
        lambda lines: [*lines[:2], lines[2].replace(b'"code"', b'"kode"'), *lines[3:]],
        "Field required",
    ),
}


async def test_a_file_that_is_not_whole_is_refused_and_changes_nothing(house: House) -> None:
    await house.settle()
    await house.hear()
    await house.monitoring.tell(household_of(number="superfluous"))
    path = await house.snapshot()
    lines, before = _lines(path), await kept(house.monitoring)
    for spoiling, reason in SPOILT.values():
        path.write_bytes(gzip.compress(b"".join(spoiling(lines))))
        with pytest.raises(BadSnapshot, match=reason):
            await rebuilt(house.monitoring, path)
        assert await kept(house.monitoring) == before


async def test_a_file_that_is_cut_off_or_not_compressed_is_refused(house: House) -> None:
    await house.settle()
    path = await house.snapshot()
    whole = path.read_bytes()
    for spoilt in (whole[: len(whole) // 2], b"household_id,name\n"):
        path.write_bytes(spoilt)
        with pytest.raises(BadSnapshot, match="cannot be read"):
            await rebuilt(house.monitoring, path)
