"""A county that a process keeps is at any time what it would read anew, whoever changed it and however late."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from hypothesis import given, strategies as st
from sqlalchemy import text

from services.monitoring.comparisons import retention
from services.monitoring.matching import counties
from services.monitoring.matching.counties import Counties, counties_of
from services.monitoring.matching.registry import NOBODY, Numbers, Persons, Registry, read_registry
from shared.contracts.household import HouseholdRegistered, MemberState
from shared.crypto import fields
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, VILLAGE, Scene, household, numbered

_SYSTEM = system("tests")
ELSEWHERE = "340604100201"


def lines(registry: Registry) -> list[tuple[Any, ...]]:
    """Return everything that is known, in an order of its own."""
    persons = registry.persons
    columns = (persons.household, persons.member, persons.division, persons.index)
    as_bytes = ([row.tobytes() for row in column] for column in columns)
    return sorted(zip(*as_bytes, persons.known.rows(), strict=True), key=repr)


async def fresh(scene: Scene) -> Registry:
    async with scene.service.database.reading(_SYSTEM) as db:
        return await read_registry(db, COUNTY)


async def kept(scene: Scene, known: Counties) -> Registry:
    async with scene.service.database.reading(_SYSTEM) as db:
        return await known.registry(db, COUNTY)


def told_of(draw: random.Random, order: int) -> Iterator[HouseholdRegistered]:
    """Yield a household as the registry tells of it again and again."""
    home = household(id=UUID(int=order + 1), number=f"34062110020{order:05}", members=())
    for version in range(1, 5):
        people = list(home.members)
        if not people or draw.random() < 0.6:
            people.append(numbered("王建国", number(draw.randrange(30))))
        if draw.random() < 0.3:
            people.pop(draw.randrange(len(people)))
        if people and draw.random() < 0.4:
            people[0] = changed(draw, people[0])
        place = draw.choice([VILLAGE, VILLAGE, ELSEWHERE])
        home = home.model_copy(update={"members": tuple(people), "version": version, "division_code": place})
        yield home


def changed(draw: random.Random, person: MemberState) -> MemberState:
    left: dict[str, Any] = {"left_on": date(2021, draw.randrange(1, 12), 1), "leave_reason": "moved"}
    renumbered = {"number_index": fields.ring().blind_index(number(draw.randrange(30))).hex()}
    return person.model_copy(
        update=draw.choice([left, renumbered, {"name": "王建业"}, {"number_index": None}])
    )


@pytest.mark.parametrize("seed", range(4))
async def test_a_kept_county_is_what_would_be_read_anew(scene: Scene, seed: int) -> None:
    draw, known = random.Random(seed), Counties()
    stories = [told_of(draw, order) for order in range(8)]
    for _ in range(24):
        if news := next(draw.choice(stories), None):
            await scene.service.tell(news)
        if draw.random() < 0.15:
            async with scene.service.database.writing(_SYSTEM) as db:
                await db.execute(text("DELETE FROM person_replica WHERE name = '王建业'"))
        if draw.random() < 0.6:
            now, anew = await kept(scene, known), await fresh(scene)
            assert lines(now) == lines(anew)
            assert whose(now, range(30)) == whose(anew, range(30))


def whose(registry: Registry, orders: range) -> list[tuple[bool, Any]]:
    """Return of each number whether anybody has it, and since when they have left."""
    indexes = b"".join(fields.ring().blind_index(number(order)) for order in orders)
    persons = registry.numbers.find(np.frombuffer(indexes, np.uint8).reshape(-1, 32))
    left_on = registry.persons.known["left_on"]
    return [(person != NOBODY, left_on[int(person)] if person != NOBODY else None) for person in persons]


async def test_what_is_committed_late_is_seen_next_time(scene: Scene) -> None:
    await scene.known(household(members=(numbered(),)))
    known, database = Counties(), scene.service.database
    async with database.writing(_SYSTEM) as early:
        await early.execute(text("UPDATE person_replica SET name_key = '早'"))
        # Another household's change begins later and is there sooner.
        await scene.service.tell(household(number="3406211002010002", members=(numbered("李四", number(5)),)))
        assert sorted((await kept(scene, known)).persons.known["name"]) == ["李四", "王建国"]
    assert sorted((await kept(scene, known)).persons.known["name"]) == ["早", "李四"]


async def test_what_has_not_changed_is_not_read_again(scene: Scene) -> None:
    await scene.known(household(members=(numbered(),)))
    known = Counties()
    before, after = await kept(scene, known), await kept(scene, known)
    assert after.persons is before.persons
    assert after.numbers is before.numbers


@pytest.mark.parametrize(("limit", "value"), [("_FEW", 0), ("_LONGEST", timedelta(0))])
async def test_after_many_changes_or_a_long_time_it_is_read_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, limit: str, value: object
) -> None:
    await scene.known(household(members=(numbered(),)))
    known = Counties()
    before = await kept(scene, known)
    read_at = known._kept[COUNTY].read_at
    await scene.known(household(number="3406211002010002", members=(numbered("李四", number(5)),)))
    monkeypatch.setattr(counties, limit, value)
    after = await kept(scene, known)
    assert lines(after) == lines(await fresh(scene)) != lines(before)
    assert known._kept[COUNTY].read_at > read_at


async def test_a_department_meets_the_registry_of_today_not_that_of_its_last_file(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.monitoring.matching.pipeline._MANY", 0)
    monkeypatch.setattr("services.monitoring.matching.pipeline._SOME", 0)
    home = await scene.known(household(members=(numbered("王建国", number(701)),)))
    department = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    rows = as_csv([["王建国", number(701), "5", "住院"], ["李四", number(702), "5", "住院"]])
    assert (await department.send(rows))["matched"] == 1
    assert counties_of(scene.service.database).knows(COUNTY)
    joined = home.model_copy(update={"members": (*home.members, numbered("李四", number(702))), "version": 2})
    await scene.service.tell(joined)
    assert (await department.send(rows, "2021-04"))["matched"] == 2


async def test_changes_are_forgotten_after_a_day(scene: Scene) -> None:
    await scene.known(household(members=(numbered(),)))
    await scene.known(household(number="3406211002010002", members=(numbered("李四", number(5)),)))
    database = scene.service.database
    async with database.writing(_SYSTEM) as db:
        await db.execute(
            text(
                "UPDATE person_change SET noted_at = now() - interval '25 hours'"
                " WHERE made_by = (SELECT min(made_by) FROM person_change)"
            )
        )
    await retention.run(scene.service.runtime)
    async with database.reading(_SYSTEM) as db:
        assert await db.scalar(text("SELECT count(*) FROM person_change")) == 1


#: Halves of few values, so that numbers agree in one of them.
halves = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(
    st.lists(st.tuples(halves, st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 5))), max_size=12),
    st.lists(halves, max_size=8),
)
def test_of_one_number_whoever_is_present_is_found_else_who_left_last(
    known: list[tuple[tuple[int, int], date | None]], asked: list[tuple[int, int]]
) -> None:
    index = as_bytes([number for number, _ in known], 16)
    nothing = np.zeros((len(known), 0), np.uint8)
    left_on = pl.Series("left_on", [left for _, left in known], pl.Date)
    numbers = Numbers.of(Persons(nothing, nothing, nothing, index, pl.DataFrame([left_on])))
    for wanted, person in zip(asked, numbers.find(as_bytes(asked, 32)), strict=True):
        candidates = [left or date.max for number, left in known if number == wanted != (0, 0)]
        assert (person == NOBODY) == (not candidates)
        if candidates:
            assert known[person][0] == wanted
            assert (known[person][1] or date.max) == max(candidates)


def as_bytes(numbers: list[tuple[int, int]], width: int) -> np.ndarray[Any, Any]:
    joined = b"".join(np.array(pair, np.uint64).tobytes().ljust(width, b"\7") for pair in numbers)
    return np.frombuffer(joined, np.uint8).reshape(-1, width)
