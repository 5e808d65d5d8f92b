"""A household's story: who did what, when, why, from which source, in sentences that people read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.household.imports.job import IMPORT
from tests.clients import ServiceUnderTest
from tests.services.household.changing import FAMILY, FATHER, MOTHER, House
from tests.services.household.conftest import COUNTY, OTHER_TOWN, OTHER_VILLAGE, VILLAGE, number, registered
from tests.services.household.duplicating import BORN, one_pair, worked
from tests.services.household.test_boundaries import carried_out, planned
from tests.services.household.test_merging_duplicates import decided

ENGLISH = {"Accept-Language": "en"}


async def story(client: httpx.AsyncClient, home: str, **headers: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/households/{home}/story", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


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
    assert told[2]["words"] == ["2021-06-11，人员减少（死亡）：李秀英离开本户。"]
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


async def test_a_statement_stated_anew_is_told_by_its_sums(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    lines = [{"kind": "wage_outside", "amount": "9000"}]
    for version, said in ((1, {"lines": lines}), (2, {"wage": "9000"}), (3, {"lines": lines})):
        tag = {"If-Match": f'"{version}"'}
        answer = await county.post(f"/households/{home}/incomes", json={"year": 2020} | said, headers=tag)
        assert answer.status_code == 200, answer.text
        registry.clock.moment += timedelta(days=1)
    told = [chapter["words"] for chapter in (await story(county, home))[2:]]
    assert told == [["2020 年家庭收入：收入明细已变更"]] * 2


async def test_a_natural_change_and_its_undoing_are_told_once(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    registry.clock.moment += timedelta(days=1)
    new_head = {
        "member_id": house.id_of("王强"),
        "relationships": {house.id_of("赵敏"): "spouse", house.id_of("王小宝"): "son"},
    }
    gone = {"reason": "death", "on": "2021-06-11", "new_head": new_head, "evidence": "死亡证明 7 号"}
    await house.do(f"/members/{house.id_of('王建国')}/departure", **gone)
    registry.clock.moment += timedelta(days=1)
    (change,) = await house.changes()
    baby = {"name": "王小妹", "relationship": "daughter", "birth_date": "2021-06-11", "sex": "female"}
    await house.do("/members", **baby, join_reason="birth")
    registry.clock.moment += timedelta(days=1)
    assert (await house.undo()).is_success
    registry.clock.moment += timedelta(days=1)
    assert (await (await house.look()).undo(0)).is_success
    home = house.view["id"]
    _, left, _, _, undone = await story(county, home)
    assert left["source_id"] == undone["source_id"] == change["id"]
    assert left["words"][0] == (
        "2021-06-11，人员减少（死亡）：王建国离开本户；王强任户主；李秀英、赵敏、王小宝与户主关系变更。"
        "依据：死亡证明 7 号。"
    )
    assert "王强：与户主关系由“之子”改为“户主”" in left["words"]
    assert not any("离户" in told for told in left["words"] + undone["words"])
    assert undone["words"][0] == f"{left['words'][0]}已撤销：录入有误。"
    _, left, _, _, undone = await story(county, home, **ENGLISH)
    assert left["words"][0].startswith(
        "2021-06-11, departure (death): 王建国 left; 王强 became head; 李秀英,"
    )
    assert undone["words"][0].endswith(" Undone: 录入有误.")
    (first, *_) = (await county.get(f"/households/{home}/changes", headers=ENGLISH)).json()["items"]
    assert first["story"] == undone["words"][0]


async def test_what_is_kept_by_its_id_is_told_by_its_name(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    one, other = await House.of(county, FATHER), await House.of(county, MOTHER | {"relationship": "head"})
    grid = {"division_code": VILLAGE, "number": "01", "name": "第一网格", "groups": ["东组"]}
    assert (await county.post("/grids", json=grid)).status_code == 201
    registry.clock.moment += timedelta(days=1)
    facts = {"group_name": "东组"}
    await county.patch(other.path, json=facts, headers={"If-Match": f'"{other.view["version"]}"'})
    registry.clock.moment += timedelta(days=1)
    signed = {"scopes": ["data_check"], "given_on": "2021-06-12", "evidence": "档案室"}
    for whose in ({}, {"member_id": other.id_of("李秀英")}):
        answer = await county.post(f"{other.path}/consents", json=signed | whose)
        assert answer.status_code == 201, answer.text
    registry.clock.moment += timedelta(days=1)
    form = {"into": one.view["id"], "merged": other.view["id"], "on": "2021-06-13"}
    await other.look()
    members = [{"member_id": other.id_of("李秀英"), "relationship": "spouse"}]
    await one.do("/../merge", **form, members=members)
    lines = (await county.get(f"{other.path}/history")).json()
    told = "".join(line["words"] for line in lines)
    assert "所属网格由“空”改为“第一网格”" in told
    assert f"并入的户由“空”改为“{one.view['number']}”" in told
    assert "本户 签署" in told
    assert "李秀英 签署" in told
    assert one.view["id"] not in told


async def test_a_long_story_is_told_page_by_page(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    for version in range(1, 5):
        facts = {"address": f"东街 {version} 号"}
        await county.patch(f"/households/{home}", json=facts, headers={"If-Match": f'"{version}"'})
        registry.clock.moment += timedelta(minutes=1)
    whole = await story(county, home)
    paged: list[dict[str, Any]] = []
    query = {"limit": "2"}
    while query:
        page = (await county.get(f"/households/{home}/story", params=query | {"count": "exact"})).json()
        assert page["total"] == len(whole) == 5
        paged += page["items"]
        query = {"limit": "2", "cursor": page["next"]} if page["next"] else {}
    assert paged == whole
    assert (await county.get(f"/households/{home}/story?cursor=x")).json()["code"] == "bad_cursor"


async def test_a_file_and_a_change_of_boundaries_are_told_as_such(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    line = f"H-0001,{VILLAGE},赵德海,户主,{number(order='303')},13800009999"
    file = f"户编号,行政区划代码,姓名,与户主关系,证件号码,电话\n{line}"
    answer = await county.post(
        "/households/imports", params={"division": COUNTY, "filename": "六月.csv"}, content=file.encode()
    )
    import_id = (await worked(registry, IMPORT, answer.headers["location"]))["import_id"]
    registry.clock.moment += timedelta(days=1)
    listed = (await county.get("/households")).json()["items"]
    house = await House(county, listed[0]).look()
    born = {"name": "赵小宝", "relationship": "son", "birth_date": "2021-06-01", "sex": "male"}
    await house.do("/members", **born, join_reason="birth")
    registry.clock.moment += timedelta(days=1)
    planned_id = (await planned(county))["id"]
    await carried_out(registry)
    first, birth, second = await story(county, house.view["id"])
    assert birth["source"] == "natural_change"
    assert (first["source"], first["source_id"]) == ("import", import_id)
    assert first["reason"].startswith("批量导入")
    assert (second["source"], second["source_id"]) == ("boundaries", planned_id)
    assert second["reason"] == "区划调整 濉政〔2021〕12号"
    (moved,) = second["words"]
    assert moved.startswith("农户信息：行政区划代码由“")
    assert not any(code in moved for code in (VILLAGE, OTHER_VILLAGE))


async def test_nobody_passes_an_edit_off_as_a_file(county: httpx.AsyncClient, home: str) -> None:
    said = {"If-Match": '"1"', "X-Reason": "%E6%89%B9%E9%87%8F%E5%AF%BC%E5%85%A5 x.csv"}
    await county.patch(f"/households/{home}", json={"water_safe": True}, headers=said)
    assert [chapter["source"] for chapter in await story(county, home)] == ["entry", "entry"]


async def test_a_merge_of_two_records_is_told_in_both_households(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN, education="primary")
    for how in ("merge", "unmerge"):
        registry.clock.moment += timedelta(days=1)
        assert (await decided(county, pair, how)).is_success
    for side in ("one", "other"):
        told = await story(county, pair[side]["household_id"])
        assert [chapter["source"] for chapter in told] == ["entry", "duplicates", "duplicates"]
        assert [chapter["source_id"] for chapter in told[1:]] == [pair["id"], pair["id"]]


async def test_history_is_told_where_the_household_is(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    lines = (await county.get(f"/households/{home}/history")).json()
    assert {(line["what"], line["source"]) for line in lines} == {("household", "entry"), ("member", "entry")}
    assert all(line["words"].startswith(f"2021-06-10 {line['by']}：") for line in lines)
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get(f"/households/{home}/story")).status_code == 404
