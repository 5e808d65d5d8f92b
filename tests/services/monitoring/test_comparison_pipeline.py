"""One stage works on the next part while the one after it is at its own, and none goes on behind our back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from services.monitoring.matching.pipeline import ahead


class Stage:
    """Makes parts in threads, and notes what it has begun and ended."""

    def __init__(self, parts: int, *, fails_at: int | None = None) -> None:
        self.parts, self.fails_at = parts, fails_at
        self.begun = self.made = 0
        self.closed = False

    async def run(self) -> AsyncGenerator[int]:
        try:
            for part in range(1, self.parts + 1):
                self.begun = part
                await asyncio.to_thread(lambda: None)
                if part == self.fails_at:
                    raise ValueError(part)
                self.made = part
                yield part
        finally:
            self.closed = True


async def test_all_parts_come_in_their_order() -> None:
    async with aclosing(ahead(Stage(5).run())) as parts:
        assert [part async for part in parts] == [1, 2, 3, 4, 5]


async def test_the_next_part_is_made_while_one_is_worked_on() -> None:
    stage = Stage(3)
    async with aclosing(ahead(stage.run())) as parts:
        async for part in parts:
            while stage.made < min(part + 1, 3):
                await asyncio.sleep(0.001)
            assert stage.begun <= part + 1


async def test_whoever_stops_waits_for_the_part_that_is_being_made() -> None:
    stage = Stage(3)
    async with aclosing(ahead(stage.run())) as parts:
        await anext(parts)
        await asyncio.sleep(0)
    assert stage.begun == stage.made
    assert stage.closed


async def test_a_stage_that_fails_fails_the_next_one_after_what_it_had_made() -> None:
    stage = Stage(3, fails_at=3)
    async with aclosing(ahead(ahead(stage.run()))) as parts:
        assert [await anext(parts), await anext(parts)] == [1, 2]
        with pytest.raises(ValueError, match="3"):
            await anext(parts)
    assert stage.closed
