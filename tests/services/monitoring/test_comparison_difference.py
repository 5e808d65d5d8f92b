"""A corrected batch makes exactly the news of the difference, however large both are."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, VILLAGE, Scene, household, numbered

#: A household of one: its number, and what a file says of it.
Rows = dict[str, tuple[str, ...]]
#: Of whom, what: what is told, doubted or proposed.
News = set[tuple[str, str]]
_AT_ONCE = 500


@dataclass(frozen=True)
class List:
    """A dataset, how a row of it is written, and what its rows mean."""

    dataset: str
    period: str
    headers: list[str]
    quiet: Callable[[random.Random], tuple[str, ...]]
    telling: Callable[[random.Random], tuple[str, ...]]
    #: What a row says that is news, in the words of its rule.
    means: Callable[[str, tuple[str, ...]], Iterable[str]]


MEDICAL = List(
    "medical_expense",
    "2021-05",
    ["姓名", "身份证号", "自付金额"],
    lambda draw: (str(draw.randint(1, 15_000)),),
    lambda draw: (str(draw.randint(15_001, 40_000)),),
    lambda _who, row: ["illness"] if int(row[0]) > 15_000 else [],
)
CARS = List(
    "vehicle",
    "2021-Q1",
    ["姓名", "身份证号", "车辆价值", "车型", "登记日期"],
    lambda draw: (str(draw.randint(1000, 50_000)), "面包车", "2019-01-01"),
    lambda draw: (str(draw.randint(50_001, 90_000)), "轿车", "2020-01-01"),
    lambda _who, row: ["car"] if int(row[0]) > 50_000 else [],
)
#: Whoever is listed has no insurance, which the registry knows of all but a few.
UNINSURED = List(
    "medical_insurance",
    "2021-05",
    ["姓名", "身份证号", "未参保原因"],
    lambda _draw: ("外出",),
    lambda _draw: ("自愿放弃",),
    lambda who, _row: ["False"] if is_insured(who) else [],
)


def is_insured(written: str) -> bool:
    """Tell whether somebody is, as far as the registry knows."""
    return int(written[14:17]) % 25 == 0


def people(count: int) -> list[str]:
    """Return so many valid numbers."""
    days = [
        f"19{year}{month:02}{day:02}" for year in range(40, 90) for month in (1, 7) for day in range(1, 29)
    ]
    return [number(place % 900, days[place // 900]) for place in range(count)]


async def registered(scene: Scene, numbers: list[str]) -> dict[str, HouseholdRegistered]:
    homes = {}
    for place, written in enumerate(numbers):
        member = numbered("王建国", written, medical_insurance=is_insured(written))
        village = OTHER_VILLAGE if place % 3 else VILLAGE
        homes[written] = household(village, members=(member,))
    known = list(homes.values())
    for start in range(0, len(known), _AT_ONCE):
        await scene.service.tell(*known[start : start + _AT_ONCE])
    return homes


def first_file(draw: random.Random, of: List, numbers: list[str]) -> Rows:
    """Return rows of nearly everybody, of whom some mean something and some are misspelt."""
    rows = {}
    for written in numbers:
        if draw.random() < 0.98:
            telling = draw.random() < 0.04
            name = "某某" if draw.random() < 0.02 else "王建国"
            rows[written] = (name, *(of.telling if telling else of.quiet)(draw))
    return rows


def corrected(draw: random.Random, of: List, rows: Rows, numbers: list[str], changes: int) -> Rows:
    """Return them with so many rows gone, come, of another name, or of another value."""
    changed = dict(rows)
    for written in draw.sample(numbers, changes):
        known = changed.pop(written, ("王建国",))
        if draw.random() < 0.8 or written not in rows:
            name = draw.choice([known[0], "王建国", "王建国", "某某"])
            changed[written] = (name, *(of.telling if draw.random() < 0.5 else of.quiet)(draw))
    return changed


def means(of: List, rows: Rows) -> News:
    return {
        (who, what)
        for who, (name, *row) in rows.items()
        if name == "王建国"
        for what in of.means(who, tuple(row))
    }


def file_of(of: List, rows: Rows) -> bytes:
    return as_csv([[name, who, *row] for who, (name, *row) in rows.items()], headers=of.headers)


@dataclass
class Told:
    """What the service has told and keeps, by whose number."""

    scene: Scene
    owners: dict[str, str]

    async def clues(self, kind: str) -> list[tuple[str, str]]:
        told = await outbox_of(self.scene.service)
        return [
            (self.owners[each["data"]["household_id"]], each["data"]["risk_type"])
            for each in told
            if each["type"] == f"monitoring.clue_{kind}.v1"
        ]

    async def proposals(self, kind: str) -> list[tuple[str, str]]:
        told = await outbox_of(self.scene.service)
        proposed = {
            change["id"]: (self.owners[each["data"]["household_id"]], str(change["found"]))
            for each in told
            if each["type"] == "monitoring.corrections_proposed.v1"
            for change in each["data"]["corrections"]
        }
        if kind == "proposed":
            return list(proposed.values())
        back = [each["data"] for each in told if each["type"] == "monitoring.corrections_withdrawn.v1"]
        return [proposed[each] for data in back for each in data["corrections"]]

    async def doubts(self, state: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        query: dict[str, Any] = {"state": state, "limit": 200}
        while True:
            page = (await self.scene.county.get("/doubts", params=query)).json()
            found += [(self.owners[each["household_id"]], "car") for each in page["items"]]
            if not page["next"]:
                return found
            query["cursor"] = page["next"]


async def expect_the_difference(scene: Scene, persons: int, changes: int) -> None:
    draw = random.Random(persons)
    numbers = people(persons)
    homes = await registered(scene, numbers)
    told = Told(scene, {str(home.id): written for written, home in homes.items()})
    seen = {
        "medical_expense": (told.clues, "received", "settled"),
        "medical_insurance": (told.proposals, "proposed", "withdrawn"),
        "vehicle": (told.doubts, "open", "lapsed"),
    }
    for of in (MEDICAL, CARS, UNINSURED):
        client = await scene.service.caller("department", COUNTY, subject=of.dataset)
        office = Department(scene.service, client, of.dataset)
        rows = first_file(draw, of, numbers)
        again = corrected(draw, of, rows, numbers, changes)
        before, after = means(of, rows), means(of, again)
        await office.send(file_of(of, rows), of.period)
        ask, come, gone = seen[of.dataset]
        assert sorted(await ask(come)) == sorted(before)
        batch = await office.send(file_of(of, again), of.period)
        assert (before - after, after - before) != (set(), set())
        # What doubts show is what stands; clues and proposals are told once, and again only what is new.
        stands = sorted(after) if of is CARS else sorted([*before, *(after - before)])
        assert sorted(await ask(come)) == stands, of.dataset
        assert sorted(await ask(gone)) == sorted(before - after), of.dataset
        assert batch["rows"] == len(again)
        assert batch["alerts"] == (0 if of is UNINSURED else len(after))


async def test_a_corrected_batch_makes_the_news_of_the_difference(scene: Scene) -> None:
    await expect_the_difference(scene, persons=400, changes=60)


@pytest.mark.slow
async def test_of_a_hundred_thousand_rows_with_a_hundredth_changed_only_that_is_news(scene: Scene) -> None:
    await expect_the_difference(scene, persons=100_000, changes=1000)
