"""A household's story: who did what, when, why, from which source, in sentences that people read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.household.imports.job import IMPORT
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, OTHER_TOWN, VILLAGE, number, registered
from tests.services.household.duplicating import worked
from tests.services.household.test_boundaries import carried_out, planned

ENGLISH = {"Accept-Language": "en"}


async def story(client: httpx.AsyncClient, home: str, **headers: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/households/{home}/story", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


@pytest.fixture
async def home(registry: ServiceUnderTest, county: httpx.AsyncClient) -> str:
    """A household with a day between whatever is done to it."""
    home = (await registered(county, kind="lifted", lifted_year=2018)).json()["id"]
    registry.clock.moment += timedelta(days=1)
    return str(home)


async def test_each_moment_is_a_chapter(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    path = f"/households/{home}"
    spouse = (await county.get(path)).json()["members"][1]["id"]
    reason = {"If-Match": '"1"', "X-Reason": "%E5%85%A5%E6%88%B7%E6%A0%B8%E5%AE%9E"}
    facts = {"housing_grade": "C", "water_safe": True, "phone": "13900001111"}
    await county.patch(path, json=facts, headers=reason)
    registry.clock.moment += timedelta(days=1)
    gone = {"reason": "death", "on": "2021-06-11"}
    await county.post(f"{path}/members/{spouse}/departure", json=gone, headers={"If-Match": '"2"'})
    registry.clock.moment += timedelta(days=1)
    await county.post(f"{path}/incomes", json={"year": 2020, "wage": "9000"}, headers={"If-Match": '"3"'})
    registry.clock.moment += timedelta(days=1)
    official = {"name": "赵敏", "unit": "县医保局", "phone": "13911112222"}
    await county.post(f"{path}/responsible-official", json=official, headers={"If-Match": '"4"'})
    told = await story(county, home)
    assert [chapter["at"][:10] for chapter in told] == [f"2021-06-{day}" for day in range(10, 15)]
    assert [chapter["source"] for chapter in told] == ["entry", "entry", "natural_change", "entry", "entry"]
    number_ = (await county.get(path)).json()["number"]
    assert told[0]["words"] == [
        f"登记农户，户编号 {number_}",
        "王建国（户主）登记为本户成员",
        "李秀英（配偶）登记为本户成员",
    ]
    assert told[1]["reason"] == "入户核实"
    (changed,) = told[1]["words"]
    assert set(changed.removeprefix("农户信息：").split("；")) == {
        "房屋等级由“空”改为“C级”",
        "饮水是否安全由“空”改为“是”",
        "联系电话已变更",
    }
    assert told[2]["words"] == ["李秀英 于 2021-06-11 离开本户（死亡）"]
    assert told[3]["words"] == ["录入 2020 年家庭收入，人均纯收入 9000.00 元"]
    assert "赵敏（县医保局）自 2021-06-14 起为帮扶责任人" in told[4]["words"]
    text = str(told)
    assert not any(private in text for private in (number(), "13900001111", "13911112222"))


async def test_it_is_told_in_english_too(county: httpx.AsyncClient, home: str) -> None:
    facts = {"housing_grade": "C"}
    await county.patch(f"/households/{home}", json=facts, headers={"If-Match": '"1"'})
    first, second = await story(county, home, **ENGLISH)
    assert first["words"][1] == "registered 王建国 (head of household) in the household"
    assert second["words"] == ["the household: housing grade from nothing to grade C"]


async def test_a_file_and_a_change_of_boundaries_are_told_as_such(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    line = f"H-0001,{VILLAGE},赵德海,户主,{number(order='303')},13800009999"
    file = f"户编号,行政区划代码,姓名,与户主关系,证件号码,电话\n{line}"
    answer = await county.post(
        "/households/imports", params={"division": COUNTY, "filename": "六月.csv"}, content=file.encode()
    )
    await worked(registry, IMPORT, answer.headers["location"])
    registry.clock.moment += timedelta(days=1)
    await planned(county)
    await carried_out(registry)
    listed = (await county.get("/households")).json()["items"]
    first, second = await story(county, listed[0]["id"])
    assert (first["source"], first["reason"].startswith("批量导入")) == ("import", True)
    assert (second["source"], second["reason"]) == ("boundaries", "区划调整 濉政〔2021〕12号")
    assert "行政区划代码" in str(second["words"])


async def test_history_is_told_where_the_household_is(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    lines = (await county.get(f"/households/{home}/history")).json()
    assert {(line["what"], line["source"]) for line in lines} == {("household", "entry"), ("member", "entry")}
    assert all(line["words"] for line in lines)
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get(f"/households/{home}/story")).status_code == 404
