"""Replicas rebuilt from a snapshot: equal to the registry, whatever was wrong and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import timedelta

import pytest

from shared.keys import uuid7
from shared.replicas.rebuilding import Figures
from tests.deploy.conftest import (
    HOUSEHOLDS,
    OTHER_VILLAGE,
    VILLAGE,
    House,
    household_of,
    kept,
    rebuilt,
    spoil,
)

#: More than two sets of a snapshot.
MANY = 1100
OLD = "UPDATE household_replica SET heard_at = now() - interval '1 h'"


async def test_from_nothing_a_snapshot_makes_what_events_had_made(house: House) -> None:
    await house.change(await house.settle(), kind="lifted")
    await house.hear()
    path = await house.snapshot()
    for service in (house.monitoring, house.inspection):
        by_events = await kept(service)
        await spoil(service, *(f"DELETE FROM {table}" for table in by_events))  # noqa: S608
        figures = await rebuilt(service, path)
        assert await kept(service) == by_events
        assert {kind: (each.told, each.missing) for kind, each in figures.items()} == {
            kind: (len(by_events[table]), len(by_events[table]))
            for kind, table in zip(figures, [each for each in by_events if each[0] != "p"], strict=True)
        }
        assert all(each.equal for each in (await rebuilt(service, path, check=True)).values())


#: What is wrong with the second household, and how it is called.
WRONG = {
    "missing": "DELETE FROM {table} WHERE number = '0001'",
    "older": "UPDATE {table} SET head_name = '旧', sequence = 0 WHERE number = '0001'",
    "different": "UPDATE {table} SET head_name = '错' WHERE number = '0001'",
    "different, and claims to be newer": "UPDATE {table} SET kind = 'x', sequence = 9 WHERE number = '0001'",
    "superfluous": "INSERT INTO {table} SELECT (jsonb_populate_record(t, "
    '\'{{"id": "{id}", "number": "9"}}\')).* FROM {table} t WHERE number = \'0001\'',
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_counted_then_mended(house: House, wrong: str) -> None:
    await house.settle()
    await house.hear()
    tables = {house.monitoring: "household_replica", house.inspection: "household"}
    truths = {service: await kept(service) for service in tables}
    for service, table in tables.items():
        # Before all others, between them, after them.
        for made_at in ("00000000-0000-7000-8000-000000000000", str(uuid7())):
            await spoil(service, WRONG[wrong].format(table=table, id=made_at))
            if wrong != "superfluous":
                break
    path = await house.snapshot()
    name = wrong.partition(",")[0]
    wanted = Figures(told=3) if wrong == "superfluous" else Figures(told=3, **{name: 1})
    wanted.superfluous = 2 if wrong == "superfluous" else 0
    for service, truth in truths.items():
        spoilt = await kept(service)
        assert spoilt != truth
        assert (await rebuilt(service, path, check=True))[HOUSEHOLDS] == wanted
        assert await kept(service) == spoilt
        assert (await rebuilt(service, path))[HOUSEHOLDS] == wanted
        assert await kept(service) == truth
        assert (await rebuilt(service, path))[HOUSEHOLDS].equal


async def test_a_person_who_is_wrong_is_mended_and_one_too_many_is_removed(house: House) -> None:
    await house.settle()
    await house.hear()
    truth = await kept(house.monitoring)
    await spoil(
        house.monitoring,
        "UPDATE person_replica SET name = '错' WHERE household_id = "
        "(SELECT id FROM household_replica WHERE number = '0000') AND relationship = 'head'",
        "DELETE FROM person_replica WHERE household_id = "
        "(SELECT id FROM household_replica WHERE number = '0001') AND relationship = 'head'",
        "INSERT INTO person_replica SELECT (jsonb_populate_record(t, "
        "jsonb_build_object('member_id', gen_random_uuid()))).* FROM person_replica t WHERE household_id = "
        "(SELECT id FROM household_replica WHERE number = '0002') AND relationship = 'head'",
    )
    figures = await rebuilt(house.monitoring, await house.snapshot())
    assert figures[HOUSEHOLDS] == Figures(told=3, different=3)
    assert await kept(house.monitoring) == truth


async def test_events_that_arrive_meanwhile_win_and_nobody_registered_since_is_lost(house: House) -> None:
    ids = await house.settle(MANY)
    await house.hear()
    path = await house.snapshot()
    before = len(await house.told())
    # Wrong, and wanting to be mended while everything moves; the last has been forgotten by the registry.
    await spoil(
        house.monitoring, "UPDATE household_replica SET head_name = '错', heard_at = now() - interval '1 h'"
    )
    await house.monitoring.tell(household_of(number="lost"))
    await spoil(house.monitoring, f"{OLD} WHERE number = 'lost'")
    for turn in range(6):
        await house.settle(20)
        await house.change(ids[turn::7], group_name=f"第{turn}组")
    news = await house.told(since=before)
    # Each comes twice, and the old ones once more.
    waiting = [*news, *(await house.told())[:before:3], *news]

    async def arrive() -> None:
        for start in range(0, len(waiting), 60):
            await house.monitoring.tell(*waiting[start : start + 60])
            await asyncio.sleep(0)

    figures, _ = await asyncio.gather(rebuilt(house.monitoring, path), arrive())
    assert figures[HOUSEHOLDS].told == MANY
    assert figures[HOUSEHOLDS].superfluous == 1
    by_meanwhile = await kept(house.monitoring)
    await spoil(house.monitoring, "DELETE FROM household_replica", "DELETE FROM person_replica")
    await house.monitoring.tell(*await house.told())
    assert by_meanwhile == await kept(house.monitoring)
    assert len(by_meanwhile["household_replica"]) == MANY + 120


async def test_what_was_told_just_before_the_snapshot_counts_as_told_since(house: House) -> None:
    await house.settle()
    await house.hear()
    registered_elsewhere = household_of(number="other")
    await house.monitoring.tell(registered_elsewhere)
    path = await house.snapshot()
    truth = await kept(house.monitoring)
    await spoil(house.monitoring, "UPDATE household_replica SET head_name = '错' WHERE number = '0001'")
    spoilt = await kept(house.monitoring)
    figures = await rebuilt(house.monitoring, path, clocks_differ=timedelta(minutes=1))
    assert figures[HOUSEHOLDS] == Figures(told=3, since=1)
    assert await kept(house.monitoring) == spoilt != truth


async def test_what_is_kept_of_a_household_follows_where_the_snapshot_finds_it(house: House) -> None:
    (home, *_) = await house.settle()
    await house.hear()
    village = await house.monitoring.caller("village_officer", VILLAGE)
    draft = {"household_id": str(home), "risk_type": "illness", "source": "inspection", "facts": "住院"}
    assert (await village.post("/clues", json=draft)).status_code == 201
    await house.change([home], division_code=OTHER_VILLAGE)
    await rebuilt(house.monitoring, await house.snapshot())
    there = await house.monitoring.caller("village_officer", OTHER_VILLAGE)
    assert len((await there.get("/clues")).json()["items"]) == 1
    assert (await village.get("/clues")).json()["items"] == []


def test_figures_say_whether_all_was_equal() -> None:
    assert Figures(told=3, since=2).equal
    for name in asdict(Figures()).keys() - {"told", "since"}:
        assert not Figures(**{name: 1}).equal
