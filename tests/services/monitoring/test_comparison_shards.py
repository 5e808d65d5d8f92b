"""A comparison on tables that lie in shards: a batch is asked of the one that it is in, a household of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.monitoring.app import SERVICE
from services.monitoring.comparisons import retention
from shared.identity.principal import system
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, household, morning, numbered
from tests.services.monitoring.spreading import SHARDS, SPREAD, Asked, asked, spread, tell_plans
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_corrections import CARD

WANG, LI, ZHAO = number(801), number(802), number(803)
OF_BATCHES = {table for table, column in SPREAD.items() if column == "comparison_id"}
OF_HOUSEHOLDS = {"household_replica", "person_replica"}
#: How the statement of a file of results, which names whom rows are about, begins.
FILE = "SELECT comparison_outcome.line, comparison_outcome.outcome"
_TRIGGERS = text("""
    SELECT DISTINCT relname AS table FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relname = ANY (CAST(:tables AS text[]))
""")


@pytest.fixture
async def service(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    database = await database_of("monitoring", spread)
    await tell_plans(database)
    async with under_test(SERVICE, database, tmp_path, moment=morning(2021, 6, 10)) as service:
        people = (
            numbered("王建国", WANG, disability_kind="4"),
            numbered("李秀英", LI),
            numbered("赵强", ZHAO),
        )
        await service.tell(*(household(members=(each,)) for each in people))
        yield service


@pytest.fixture
async def yibao(service: ServiceUnderTest) -> Department:
    return Department(service, await service.caller("department", COUNTY, subject="yibao"))


@pytest.fixture
async def canlian(service: ServiceUnderTest) -> Department:
    return Department(service, await service.caller("department", COUNTY, subject="canlian"), "disability")


def paid(**yuan: int) -> bytes:
    people = {"wang": ("王建国", WANG), "li": ("李秀英", LI), "stranger": ("周某", number(990))}
    # Some cannot be read, and are kept for whoever corrects them.
    return as_csv([[*people[who], str(much), "住院"] for who, much in yuan.items()] + [["", "12", "", ""]])


async def story(yibao: Department, canlian: Department) -> None:
    """Send, correct, read, download, withdraw and forget batches of all that a comparison may mean."""
    march = await yibao.send(paid(wang=9000, stranger=5), "2021-03")
    april = await yibao.send(paid(wang=7000, li=20), "2021-04")
    corrected = await yibao.send(paid(wang=7500), "2021-04")
    cards = await canlian.send(as_csv([["赵强", ZHAO, "视力", "一级", "2021-05-01"]], headers=CARD))
    assert [(await yibao.shown(batch))["alerts"] for batch in (march, april, corrected)] == [0, 0, 1]
    assert len(await yibao.listed(april, "results")) == 2
    assert len(await yibao.listed(march, "results", outcome="unmatched")) == 1
    assert len(await yibao.listed(march, "rejects")) > 0
    file = await yibao.client.get(f"/comparisons/{april['id']}/results", headers={"Accept": "text/csv"})
    assert file.text.count("住院") == 2
    county = await yibao.service.caller("county_officer", COUNTY, subject="county-1")
    proposals = (await county.get(f"/comparisons/{cards['id']}/corrections")).json()["items"]
    assert {each["field"] for each in proposals} == {"disability_kind", "disability_grade"}
    await withdrawn(yibao, march)
    assert (await yibao.shown(corrected))["alerts"] == 0
    yibao.service.clock.moment += timedelta(days=91)
    await retention.run(yibao.service.runtime)


async def shards_of_batches(service: ServiceUnderTest) -> frozenset[int]:
    """Return the shards that batches lie in; of each all that there is lies in one."""
    lie = " UNION ALL ".join(
        f"SELECT comparison_id, tableoid::regclass::text AS place FROM {table}"  # noqa: S608 - names of tables
        for table in sorted(OF_BATCHES)
    )
    by_batch = f"SELECT comparison_id, array_agg(DISTINCT place) FROM ({lie}) told GROUP BY 1"  # noqa: S608
    async with service.database.reading(system("tests")) as db:
        rows = await db.rows(text(by_batch))
    shards = [{int(place.rpartition("_")[2]) for place in places} for _, places in rows]
    assert all(len(each) == 1 for each in shards), rows
    return frozenset[int]().union(*shards)


async def test_a_batch_is_asked_of_its_shard_and_a_household_of_its_own(
    service: ServiceUnderTest, yibao: Department, canlian: Department
) -> None:
    async with asked(service.database) as sent:
        await story(yibao, canlian)
    lies = await shards_of_batches(service)
    assert len(lies) < SHARDS / 2
    told = {table for each in sent for table in each.shards}
    assert told >= OF_BATCHES - {"comparison_page"} | OF_HOUSEHOLDS
    for each in sent:
        for table in OF_BATCHES & each.shards.keys():
            assert each.shards[table] <= lies, (table, each.sql)
        assert len({each.shards[table] for table in OF_HOUSEHOLDS & each.shards.keys()}) < 2, each.sql
    for crossing in _crossing(sent):
        assert "INSERT INTO comparison_correction" in crossing or crossing.startswith(FILE), crossing


def _crossing(sent: Sequence[Asked]) -> Iterator[str]:
    """Yield what brings rows of a batch together with households, which lie in other shards."""
    for each in sent:
        if each.shards.keys() & OF_BATCHES and each.shards.keys() & OF_HOUSEHOLDS:
            yield each.sql


async def test_what_is_spread_has_no_triggers_but_that_which_notes_changes(service: ServiceUnderTest) -> None:
    """Tables with a history stay on one machine: Citus refuses triggers on those that it spreads."""
    async with service.database.reading(system("tests")) as db:
        rows = await db.rows(_TRIGGERS, {"tables": list(SPREAD)})
    assert {row.table for row in rows} == {"person_replica"}
