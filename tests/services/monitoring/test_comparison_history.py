"""What departments' data lead to is told by the files that count and by the registry, whatever else was sent before.

What is history by decision is not drawn here: verdicts and decided doubts, which stand, and people who move, leave or
come into another class meanwhile (ADR 0033, 0040): see ``test_comparison_year``. Of several batches of a period any one
has the warning, several doubts about one thing stay apart, and what waited for the registry before a later period said
otherwise waits on: so these are held together by period, by subject, and by what must be proposed.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.monitoring.app import SERVICE
from services.monitoring.assistance.model import Measure
from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.datasets.periods import parse_period
from services.monitoring.monitored.episodes import Risk
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.rulebook.documents import shipped_rules
from shared.crypto import fields
from shared.crypto.keyring import KeyRing
from shared.identity.principal import system
from shared.keys import uuid7
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, morning, tell_divisions
from tests.services.monitoring.drawing import PERIODS, County, File, corrected, county_of, file_of
from tests.services.monitoring.worlds import SENDERS, World, different

NOW = date(2027, 3, 10)


def together() -> list[tuple[str, ...]]:
    """Return all datasets, those together of which one rule is told."""
    told = [rule.told_by for rule in shipped_rules().values() if len(rule.told_by) > 1]
    alone = set(datasets()) - set().union(*told)
    return sorted([*(tuple(sorted(each)) for each in told), *((code,) for code in alone)])


@pytest.fixture
async def worlds(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[Worlds]:
    async with AsyncExitStack() as stack:
        yield Worlds(database_of, tmp_path, stack)


class Worlds:
    """Where worlds come from: each with a database of its own, and all with the same keys."""

    def __init__(self, database_of: DatabaseOf, folder: Path, stack: AsyncExitStack) -> None:
        self._database_of, self._folder, self._stack = database_of, folder, stack
        self.keys = KeyRing.generate()
        fields.use(self.keys)

    async def another(self, county: County) -> World:
        """Return a world to which the registry, and who is watched and helped, have been told, and nothing else."""
        database = await self._database_of("monitoring")
        moment = morning(NOW.year, NOW.month, NOW.day)
        started = under_test(SERVICE, database, self._folder / database.name, moment=moment, keys=self.keys)
        service = await self._stack.enter_async_context(started)
        await tell_divisions(service)
        await service.tell(*county.homes)
        await _watch(service, county)
        departments = {
            name: Department(service, await service.caller("department", area, subject=name))
            for name, area in SENDERS.items()
        }
        return World(service, await service.caller("county_officer", COUNTY), departments, county.homes)


async def _watch(service: ServiceUnderTest, county: County) -> None:
    """Put households under watch, and let measures be under way for people."""
    on = date(2026, 1, 1)
    async with service.database.writing(system("tests"), reason="样例") as db:
        for home, risk in county.watched:
            risks = [Risk(risk_type=risk, cause="样例", origin="tests")]
            thing, episodes = MonitoredObject.tagged(
                home.id, home.division_code, risks, category="marginal", on=on
            )
            db.add(thing)
            for each in episodes:
                db.add(each)
        for home, risk in county.helped:
            facts: dict[str, Any] = {
                "kind": "health",
                "planned_on": on,
                "description": "签约",
                "risk_type": risk,
            }
            where: dict[str, Any] = {"household_id": home.id, "division_code": home.division_code}
            db.add(Measure(id=uuid7(), member_id=home.members[0].id, **facts, **where))


async def play(draw: random.Random, county: County, world: World, codes: tuple[str, ...], moves: int) -> None:
    """Send, correct, withdraw and decide in whatever order."""
    drawn = [datasets()[code] for code in codes]
    before: list[File] = []
    # Few, so that one says something of another.
    periods = {code: draw.sample(PERIODS[datasets()[code].period], draw.choice([2, 3])) for code in codes}
    for _ in range(moves):
        files = [file for file, _ in world.counting.values()]
        what = draw.random()
        if files and what < 0.1:
            await world.withdraw(draw.choice(files))
            continue
        if files and what < 0.25:
            file = draw.choice(files)
            lines = {line: draw.random() < 0.6 for line in await world.probable(file) if draw.random() < 0.7}
            await world.decide(file, lines)
            continue
        dataset = draw.choice(drawn)
        sender = draw.choice([*SENDERS, "sender-1", "sender-1"])
        file = file_of(draw, county, dataset, sender, draw.choice(periods[dataset.code]))
        if files and what < 0.75:
            file = corrected(draw, county, draw.choice(files))
            if draw.random() < 0.2:
                # Another one says nearly the same, of the same period or another.
                file = replace(file, sender=sender, period=draw.choice(periods[file.dataset.code]))
        elif before and what < 0.8:
            # As it was once.
            file = draw.choice(before)
        await world.send(file, "validate" if draw.random() < 0.05 else "commit")
        before.append(file)


async def tell_afresh(world: World, fresh: World) -> None:
    """Send what counts in a world to another one, in the order of periods, and decide there as it was decided."""
    decisions = await world.decisions()

    def first_day(told: tuple[tuple[str, str, str], File]) -> date:
        period = parse_period(told[1].period)
        assert period is not None
        return period.first

    counting = [(key, file) for key, (file, _) in world.counting.items()]
    for key, file in sorted(counting, key=first_day):
        await fresh.send(file)
        await fresh.decide(file, decisions.get(key, {}))


async def expect_one_state(worlds: Worlds, codes: tuple[str, ...], seed: int, moves: int) -> None:
    draw = random.Random(f"{codes} {seed}")
    county = county_of(draw)
    played, fresh = await worlds.another(county), await worlds.another(county)
    await play(draw, county, played, codes, moves)
    await tell_afresh(played, fresh)
    drawn: list[Dataset] = [datasets()[code] for code in codes]
    found, expected = await played.state(drawn), await fresh.state(drawn)
    assert not list(different(found, expected))


@pytest.mark.parametrize(
    ("codes", "seed", "moves"),
    [
        *(pytest.param(codes, 4, 12, id="+".join(codes)) for codes in together()),
        # Few draws have a sum that another period's news moves.
        pytest.param(("medical_expense",), 0, 8, id="medical_expense, sums"),
        pytest.param(("medical_expense",), 1, 8, id="medical_expense, other sums"),
        pytest.param(("employment",), 0, 8, id="employment, another kind"),
        pytest.param(("employment",), 1, 8, id="employment, further kinds"),
    ],
)
async def test_what_was_sent_before_leaves_nothing(
    worlds: Worlds, codes: tuple[str, ...], seed: int, moves: int
) -> None:
    await expect_one_state(worlds, codes, seed, moves)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("codes", together(), ids="+".join)
async def test_so_it_does_of_more(worlds: Worlds, codes: tuple[str, ...], seed: int) -> None:
    await expect_one_state(worlds, codes, seed, moves=25)
