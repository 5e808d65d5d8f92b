"""What a sender may wish of an import: all or nothing, to be told before, with headers of the own."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from services.household.divisions.model import Division
from shared.identity.principal import system
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, TOWN, VILLAGE, number
from tests.services.household.test_imports import Office, as_csv, line

GOOD = [line("H1", "101"), line("H1", "103", "配偶"), line("H2", "105")]
BAD = line("H3", "107", 健康状况="还行")


@pytest.fixture
async def office(registry: ServiceUnderTest) -> Office:
    return Office(registry, await registry.caller("county_officer", COUNTY))


def _figures(told: dict[str, Any], *names: str) -> list[int]:
    return [told[name] for name in names]


async def _households(office: Office) -> int:
    return len((await office.client.get("/households")).json()["items"])


async def test_all_or_nothing_takes_nothing_where_one_line_is_refused(office: Office) -> None:
    told = await office.send(as_csv([*GOOD, BAD]), atomic="all")
    assert _figures(told, "rows", "accepted", "rejected", "withheld", "registered") == [4, 0, 1, 3, 0]
    assert await _households(office) == 0
    told = await office.send(as_csv([*GOOD, BAD]))
    assert _figures(told, "rows", "accepted", "rejected", "withheld", "registered") == [4, 3, 1, 0, 2]
    assert await _households(office) == 2


async def test_all_or_nothing_takes_all_where_every_line_holds(office: Office) -> None:
    told = await office.send(as_csv(GOOD), atomic="all")
    assert _figures(told, "accepted", "rejected", "withheld", "registered") == [3, 0, 0, 2]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([*GOOD, BAD], id="some are new"),
        pytest.param(
            [line("H1", "101", 农户类型="一般农户"), line("H1", "103", "配偶")], id="a household changed"
        ),
        pytest.param(
            [line("H1", "101"), line("H1", "103", "配偶", 健康状况="患有大病")], id="a member changed"
        ),
        pytest.param([line("H1", "101"), line("H1", "109", "之子")], id="a member is new"),
        pytest.param(
            [line("H1", "101", 健康状况="-"), line("H2", "105", 农户类型="-")], id="some are cleared"
        ),
        pytest.param(GOOD, id="nothing is new"),
    ],
)
async def test_what_is_foretold_is_what_is_done(office: Office, rows: list[dict[str, str]]) -> None:
    if rows != [*GOOD, BAD]:
        await office.send(as_csv(GOOD))
    before = await _households(office)
    foretold = await office.send(as_csv([*rows, BAD]), mode="validate")
    assert await _households(office) == before
    assert await office.send(as_csv([*rows, BAD])) == foretold


async def test_the_same_file_with_another_wish_is_another_import(office: Office) -> None:
    taken = [
        await office.take(as_csv(GOOD), **wish) for wish in ({}, {"atomic": "all"}, {"mode": "validate"}, {})
    ]
    assert len({each["id"] for each in taken}) == 3
    assert taken[0]["id"] == taken[-1]["id"]


async def test_the_same_file_for_another_place_is_another_import(office: Office) -> None:
    taken = [await office.take(as_csv(GOOD), division=place) for place in (VILLAGE, COUNTY, VILLAGE)]
    assert len({each["id"] for each in taken}) == 2


async def test_what_each_header_was_taken_for_is_told(office: Office) -> None:
    content = (
        as_csv(GOOD).decode().replace("健康状况", "身体情况（见证件）").replace("姓名", " 姓 名 ").encode()
    )
    taken = await office.take(content)
    await office.work(taken)
    told = (await office.client.get(f"/households/imports/{taken['id']}")).json()["headers"]
    assert told["身体情况（见证件）"] is None
    assert (told["姓 名"], told["身份证号"]) == ("name", "identity_number")


async def test_a_sender_names_columns_of_the_own(office: Office) -> None:
    content = as_csv(GOOD).decode().replace("健康状况", "身体情况（见证件）").encode()
    await office.send(content, column="身体情况（见证件）=health")
    (first, *_) = (await office.client.get("/households")).json()["items"]
    shown = (await office.client.get(f"/households/{first['id']}")).json()
    assert shown["members"][0]["health"] == ["healthy"]
    unknown = await office.client.post(
        "/households/imports", params={"division": COUNTY, "column": "身体=shape"}, content=content
    )
    assert (unknown.status_code, unknown.json()["code"]) == (422, "no_such_field")


async def test_a_program_sends_the_fields_own_names(office: Office) -> None:
    row = {
        "household_number": "H9",
        "division_code": VILLAGE,
        "name": "王建国",
        "identity_number": number(order="111"),
        "relationship": "head",
        "health": "healthy、",
        "arable_mu": 2.5,
    }
    told = await office.send(orjson.dumps(row))
    assert _figures(told, "accepted", "registered") == [1, 1]


async def test_what_was_refused_or_foretold_is_tried_again_when_the_file_is_sent_again(
    office: Office,
) -> None:
    village = "340621100099"
    content = as_csv([line("H1", "101"), line("H2", "102", 行政区划代码=village)])

    async def sent(**wishes: str) -> dict[str, Any]:
        figures = await office.send(content, **wishes)
        async with office.registry.database.writing(system("tests")) as db:
            await db.execute(text("UPDATE job SET state = 'succeeded'"))
        return figures

    wishes: tuple[dict[str, str], ...] = ({"mode": "validate"}, {})
    assert [(await sent(**wish))["by_code"] for wish in wishes] == [{"unknown_village": 1}] * 2
    async with office.registry.database.writing(system("tests")) as db:
        division = Division(
            code=village, name="新村", level="village", parent_code=TOWN, pinyin="", initials=""
        )
        db.add(division)
    foretold, done = [await sent(**wish) for wish in wishes]
    assert foretold == done
    assert (done["registered"], done["rejected"]) == (1, 0)
    before = len(await outbox_of(office.registry))
    assert (await office.take(content))["figures"] == done, "all lines were taken: nothing is left to do"
    assert len(await outbox_of(office.registry)) == before
