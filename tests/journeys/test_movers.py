"""People move in the registry, and their households are themselves again: what is said of them follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.household.app import SERVICE as HOUSEHOLD
from services.monitoring.app import SERVICE as MONITORING
from services.monitoring.comparisons.people import run_asking
from shared.contracts.envelope import parse_event
from tests.clients import ServiceUnderTest, outbox_of, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.journeys.test_corrections import carry, clerk_of, of
from tests.services.household.changing import FAMILY, FATHER, SON, House
from tests.services.household.conftest import COUNTY, OTHER_TOWN, OTHER_VILLAGE, TOWN
from tests.services.household.duplicating import pairs, told as told_itself
from tests.services.household.test_merging_duplicates import decided
from tests.services.household.test_regrouping import UNCLE, merge, split
from tests.services.monitoring.comparing import Department, as_csv
from tests.services.monitoring.doubting import doubts
from tests.services.monitoring.test_comparison_batches import withdrawn

DECEMBER = datetime(2021, 12, 1, 1, tzinfo=UTC)


@dataclass
class County:
    """The registry and monitoring, which hears each of its events once."""

    registry: ServiceUnderTest
    monitoring: ServiceUnderTest
    clerk: httpx.AsyncClient
    office: httpx.AsyncClient
    heard: int = 0

    async def hear(self) -> None:
        """Bring monitoring what the registry has told since."""
        told = await outbox_of(self.registry)
        events = [parse_event(raw) for raw in told[self.heard :]]
        types = self.monitoring.runtime.service.reactions.types
        self.heard = len(told)
        await self.monitoring.tell(*(event.data for event in events if event and event.type in types))

    async def ask(self) -> None:
        """Bring the registry all that monitoring ever told, and back what it says: what came before comes again."""
        await carry(self.monitoring, self.registry)
        await self.hear()

    async def pay(self, who: dict[str, Any], yuan: int, period: str) -> dict[str, Any]:
        """Let the insurance office tell what somebody paid."""
        return await Department(self.monitoring, self.office).send(
            as_csv([of(who, str(yuan), "住院")]), period
        )

    async def own(self, who: dict[str, Any]) -> None:
        """Let the police tell of somebody's car."""
        rows = as_csv([of(who, "80000")], headers=["姓名", "身份证号", "车辆价值"])
        await Department(self.monitoring, self.office, "vehicle").send(rows, "2021-Q1")

    async def ask_of_people(self) -> None:
        """Let rules be asked of whoever was two records, or is again."""
        office = Department(self.monitoring, self.office)
        await run_asking(await office.run_named("monitoring.comparison_people"))

    async def clues(self, town: str) -> dict[str, list[str]]:
        """Return what the open clues that a town sees rest on, by household."""
        officer = await self.monitoring.caller("town_officer", town, subject=town)
        listed = (await officer.get("/clues", params={"status": "received"})).json()["items"]
        return {each["household_id"]: [told["source"] for told in each["evidence"]] for each in listed}

    async def doubted(self, town: str) -> list[str]:
        """Return the households of the doubts that a town sees."""
        officer = await self.monitoring.caller("town_officer", town, subject=town)
        return [each["household_id"] for each in await doubts(officer)]


@pytest.fixture
async def county(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[County]:
    first, second = await database_of("monitoring"), await database_of("household")
    async with under_test(MONITORING, first, tmp_path, moment=DECEMBER) as monitoring:
        keys = monitoring.runtime.keys
        async with under_test(HOUSEHOLD, second, tmp_path, moment=DECEMBER, keys=keys) as registry:
            office = await monitoring.caller("department", COUNTY, subject="office")
            yield County(registry, monitoring, await clerk_of(registry), office)


async def test_money_of_before_and_after_a_split_warns_and_is_looked_into_where_its_undoing_leaves_people(
    county: County,
) -> None:
    old = await House.of(county.clerk, *FAMILY)
    await county.hear()
    await county.pay(SON, 9000, "2021-05")
    new = await split(old)
    await county.hear()
    june = await county.pay(SON, 7000, "2021-06")
    assert (june["alerts"], await county.clues(TOWN)) == (1, {new.view["id"]: ["department"]})
    assert (await old.undo()).is_success
    await county.hear()
    assert (await county.clues(TOWN))[old.view["id"]] == ["follow_up"]
    assert (await county.pay(SON, 1, "2021-07"))["alerts"] == 0


async def test_a_transfer_and_its_undoing_take_clue_and_doubt_to_the_other_town_and_back(
    county: County,
) -> None:
    old = await House.of(county.clerk, *FAMILY)
    new = await House.of(county.clerk, UNCLE, village=OTHER_VILLAGE)
    here, there = old.view["id"], new.view["id"]
    await county.hear()
    await county.pay(SON, 16000, "2021-05")
    await county.own(SON)
    son = old.id_of("王强")
    await old.do(f"/members/{son}/transfer", on="2021-06-01", household_id=there, relationship="other")
    await county.hear()
    assert (await county.doubted(TOWN), await county.doubted(OTHER_TOWN)) == ([], [there])
    assert await county.clues(OTHER_TOWN) == {there: ["follow_up"]}
    assert (await old.undo()).is_success
    await county.hear()
    assert (await county.doubted(TOWN), await county.doubted(OTHER_TOWN)) == ([here], [])
    assert (await county.clues(TOWN), await county.clues(OTHER_TOWN)) == ({here: ["department"]}, {})


async def test_a_merger_that_is_undone_leaves_nobody_passed_over(county: County) -> None:
    into = await House.of(county.clerk, FATHER)
    merged = await House.of(county.clerk, UNCLE, village=OTHER_VILLAGE)
    await county.hear()
    await county.pay(UNCLE, 9000, "2021-05")
    assert (await merge(into, merged, 王大山="other")).is_success
    await county.hear()
    await county.pay(UNCLE, 7000, "2021-06")
    assert (await county.clues(TOWN), await county.clues(OTHER_TOWN)) == (
        {into.view["id"]: ["department"]},
        {},
    )
    assert (await (await into.look()).undo()).is_success
    await county.hear()
    assert await county.clues(OTHER_TOWN) == {merged.view["id"]: ["follow_up"]}


async def waiting(county: County) -> list[tuple[str, str]]:
    """Bring the registry what batches say otherwise; return what waits there, with the household."""
    await county.ask()
    listed = (await county.clerk.get("/corrections", params={"status": "waiting"})).json()["items"]
    return [(each["household_id"], each["found"]) for each in listed]


@pytest.mark.parametrize("how", ["told again", "told by one less"])
async def test_a_death_waits_once_for_the_registry_however_its_person_moves(county: County, how: str) -> None:
    old = await House.of(county.clerk, *FAMILY)
    new = await House.of(county.clerk, UNCLE, village=OTHER_VILLAGE)
    here, there = old.view["id"], new.view["id"]
    await county.hear()
    deaths = Department(county.monitoring, county.office, "death")
    rows = as_csv([of(SON, "2021-05-20")], headers=["姓名", "身份证号", "死亡日期"])
    may = await deaths.send(rows)
    if how == "told by one less":
        await deaths.send(rows, "2021-06")
    assert await waiting(county) == [(here, "death")]
    son = old.id_of("王强")
    await old.do(f"/members/{son}/transfer", on="2021-05-01", household_id=there, relationship="other")
    await county.hear()
    if how == "told by one less":
        await withdrawn(deaths, may)
        assert await waiting(county) == [(there, "death")]
    else:
        await deaths.send(rows, "2021-06")
        assert await waiting(county) == [(here, "death")]


async def test_whoever_was_registered_twice_is_one_person_to_those_who_tell_of_them(county: County) -> None:
    twice = {key: SON[key] for key in ("name", "relationship")} | {"birth_date": "1975-04-05", "sex": "male"}
    old = await House.of(county.clerk, *FAMILY)
    new = await House.of(county.clerk, UNCLE, twice | {"relationship": "other"})
    here, there = old.view["id"], new.view["id"]
    await county.hear()
    await county.pay(SON, 9000, "2021-05")
    await county.own(SON)
    await told_itself(county.registry)
    (pair,) = await pairs(county.clerk)
    # The record without a number is the right one; it takes the number.
    assert (await decided(county.clerk, pair, "merge", keep=new.id_of("王强"))).is_success
    await county.hear()
    await county.ask_of_people()
    assert await county.doubted(TOWN) == [there]
    assert (await county.pay(SON, 7000, "2021-06"))["alerts"] == 1
    assert await county.clues(TOWN) == {there: ["department"]}
    # They were two, after all: each has what was told by their own record.
    assert (await decided(county.clerk, pair, "unmerge")).is_success
    await county.hear()
    await county.ask_of_people()
    assert (await county.clues(TOWN), await county.doubted(TOWN)) == ({}, [here])
    assert (await county.pay(SON, 6000, "2021-07"))["alerts"] == 0
    assert (await county.pay(SON, 1, "2021-08"))["alerts"] == 1
    assert await county.clues(TOWN) == {here: ["department"]}
