"""A batch's parts on their way: checked, matched, stored. While one is stored, the next two are in hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from services.monitoring.batches.model import Comparison
from services.monitoring.datasets.catalog import Dataset
from services.monitoring.matching.counties import counties_of
from services.monitoring.matching.registry import Bytes, Registry, read_registry
from services.monitoring.matching.storing import Checked, Ready, check, make_ready
from shared.identity.principal import system
from shared.jobs import JobRun
from shared.sheets.parts import FilePart, Place, read_parts

T = TypeVar("T")

#: Rows from which on the whole county is read, of each person at a third of what it takes to look for a number; and
#: from which on one that is kept is brought up to date.
_MANY, _SOME = 250_000, 20_000


@dataclass
class Pipeline:
    """The way of a batch's parts, and whom they may be about."""

    run: JobRun
    comparison: Comparison
    dataset: Dataset
    today: date
    _county: asyncio.Future[Registry] | None = field(default=None, init=False)

    async def ready(self, begin: Place, number: int) -> AsyncGenerator[Ready]:
        """Yield the parts from a place on, the first one with that number."""
        try:
            async with aclosing(ahead(self._checked(begin, number))) as parts:
                async for part in parts:
                    registry = await (self._county or self._of_numbers(part.indexes))
                    yield await asyncio.to_thread(make_ready, part, self.comparison, self.dataset, registry)
        finally:
            if self._county:
                await asyncio.wait([self._county])

    async def _checked(self, begin: Place, number: int) -> AsyncGenerator[Checked]:
        payload = self.run.payload
        parts = read_parts(Path(payload["path"]), payload["kind"], self.dataset.form, begin)
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            # Read while the part is checked: nobody waits for it longer than that.
            if self._county is None and self._is_of_whole_county(part, begin):
                self._county = asyncio.ensure_future(self._whole_county())
            yield await asyncio.to_thread(
                check, part, number, self.dataset, self.run.runtime.keys, self.today
            )
            number += 1

    def _is_of_whole_county(self, part: FilePart, begin: Place) -> bool:
        """Tell whether to know the county is better than to ask for numbers, by how many rows will come."""
        share = (part.total - begin.at) / max(part.ends.at - begin.at, 1)
        is_kept = counties_of(self.run.database).knows(self.comparison.division_code)
        rows = part.table.height * share
        return self.dataset.matches_without_number or rows > (_SOME if is_kept else _MANY)

    async def _whole_county(self) -> Registry:
        async with self.run.database.reading(system("monitoring")) as db:
            return await counties_of(self.run.database).registry(db, self.comparison.division_code)

    async def _of_numbers(self, indexes: Bytes) -> Registry:
        async with self.run.database.reading(system("monitoring")) as db:
            return await read_registry(db, self.comparison.division_code, indexes)


async def ahead(items: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Yield items; the next one is made meanwhile."""
    coming = asyncio.ensure_future(anext(items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.ensure_future(anext(items, None))
            yield item
    finally:
        # Threads cannot be stopped, and must not go on behind our back.
        await asyncio.wait([coming])
        coming.exception()
        await items.aclose()
