"""Files over a registry that knows something already: what is kept, cleared, matched, and refused as a guess."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy.exc import IntegrityError

from services.household.imports import job
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    a_household,
    number,
    registered,
)
from tests.services.household.test_imports import Office, line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPOUSE = number("19660203", "124")


@pytest.fixture
def office(registry: ServiceUnderTest, county: httpx.AsyncClient) -> Office:
    return Office(registry, county)


def file_of(*rows: dict[str, str]) -> bytes:
    """A file with whatever columns its rows speak of."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    file = StringIO()
    writer = csv.DictWriter(file, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def spouse(household: str, **changes: str) -> dict[str, str]:
    return line(household, "124", "配偶", **{"姓名": "李秀英", "身份证号": SPOUSE} | changes)


async def detail(office: Office, order: int = 0) -> dict[str, Any]:
    (household, *_) = (await office.households())[order:]
    return dict((await office.client.get(f"/households/{household['id']}")).json())


async def test_a_town_that_counts_like_its_neighbour_changes_none_of_its_households(
    registry: ServiceUnderTest, office: Office
) -> None:
    await office.send(file_of(line("001", "101")))
    neighbour = Office(registry, await registry.caller("town_officer", OTHER_TOWN))
    mine = line("001", "201", 行政区划代码=OTHER_VILLAGE)
    figures = await neighbour.send(file_of(mine), division=OTHER_TOWN)
    assert (figures["registered"], figures["changed"]) == (1, 0)
    assert [
        (each["number"], each["member_count"], each["version"]) for each in await office.households()
    ] == [
        ("001", 1, 1),
        ("001", 1, 1),
    ]


async def test_one_number_in_two_villages_is_two_households_if_each_has_a_head(office: Office) -> None:
    elsewhere = {"行政区划代码": OTHER_VILLAGE}
    both = file_of(line("1", "101"), line("1", "102", **elsewhere))
    assert (await office.send(both))["registered"] == 2
    lost = file_of(line("2", "103"), line("2", "104", "配偶", **elsewhere))
    assert await office.rejects(lost) == [(3, "two_villages")]


async def test_an_empty_cell_keeps_and_a_dash_clears(office: Office) -> None:
    said = {
        "是否低保": "是",
        "家庭住址": "老街",
        "联系电话": "138-0000-1234",
        "健康状况": "残疾",
        "残疾类别": "肢体残疾",
    }
    await office.send(file_of(line("H1", "101", **said)))
    silent = dict.fromkeys(said, "") | {"农户类型": ""}
    assert (await office.send(file_of(line("H1", "101", **silent))))["changed"] == 0
    kept = await detail(office)
    assert (kept["kind"], kept["minimum_living"], kept["address"]) == ("lifted", True, "老街")
    cleared = file_of(line("H1", "101", **dict.fromkeys(said, "-") | {"农户类型": "—"}))
    assert (await office.send(cleared))["changed"] == 1
    empty = await detail(office)
    assert (empty["kind"], empty["minimum_living"], empty["address"], empty["phone"]) == (
        "general",
        False,
        None,
        None,
    )
    assert (empty["members"][0]["health"], empty["members"][0]["disability_kind"]) == ([], None)


async def test_a_phone_is_replaced_only_by_another_one(office: Office) -> None:
    for phone, changed in (("13800001234", 0), ("138-0000-1234", 0), ("13900005678", 1)):
        figures = await office.send(file_of(line("H1", "101", 联系电话=phone)))
        assert figures["changed"] == changed, phone
    assert (await detail(office))["phone"] == "13900005678"


async def test_a_household_that_got_another_number_is_known_by_its_head(office: Office) -> None:
    await office.send(file_of(line("old-1", "101"), spouse("old-1")))
    figures = await office.send(file_of(line("new-7", "101"), spouse("new-7", 姓名="李秀芳")))
    assert (figures["registered"], figures["changed"], figures["rejected"]) == (0, 1, 0)
    (household,) = await office.households()
    assert (household["number"], household["member_count"], household["version"]) == ("old-1", 2, 2)


async def test_two_heads_of_two_households_lead_to_neither(office: Office) -> None:
    await office.send(file_of(line("H1", "101"), line("H2", "105")))
    before = await office.households()
    again = [line("H9", "101", 农户类型="一般农户"), line("H9", "105")]
    assert await office.rejects(file_of(*again)) == [(2, "person_registered"), (3, "person_registered")]
    assert await office.households() == before


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [spouse("H2", 与户主关系="户主")],
            [(2, "person_registered")],
            id="somebody splits off: that is an operation",
        ),
        pytest.param(
            [line("H2", "101", 行政区划代码=OTHER_VILLAGE)],
            [(2, "person_registered")],
            id="a head from another village",
        ),
        pytest.param([line("H1", "105")], [(2, "two_heads")], id="a second head beside the registered one"),
        pytest.param([line("H1", "101", "父亲")], [(2, "head_missing")], id="the only head is head no more"),
        pytest.param(
            [line("H1", "101", 姓名=""), spouse("H1")],
            [(2, "missing"), (3, "head_rejected")],
            id="a registered household, whose head's line is wrong",
        ),
        pytest.param(
            [line("H1", "101"), line("H1", "101")], [(3, "duplicate_person")], id="a line pasted twice"
        ),
    ],
)
async def test_what_the_registry_contradicts_is_refused(
    office: Office, rows: list[dict[str, str]], expected: list[tuple[int, str]]
) -> None:
    await office.send(file_of(line("H1", "101"), spouse("H1")))
    assert await office.rejects(file_of(*rows)) == expected


async def test_a_new_head_is_imported_with_the_old_one_in_another_place(office: Office) -> None:
    await office.send(file_of(line("H1", "101"), spouse("H1")))
    figures = await office.send(file_of(line("H1", "101", "父亲"), spouse("H1", 与户主关系="户主")))
    assert (figures["rejected"], figures["changed"]) == (0, 1)
    assert (await office.households())[0]["head_name"] == "李秀英"


async def test_neither_the_dead_nor_the_absent_are_imported_but_those_who_moved_out(office: Office) -> None:
    sons = [line("H1", order, "之子") for order in ("105", "107")]
    await office.send(file_of(line("H1", "101"), spouse("H1"), *sons))
    household = await detail(office)
    path = f"/households/{household['id']}"
    for place, (reason, version) in enumerate((("death", 1), ("moved_out", 2), ("army", 3)), start=1):
        member = household["members"][place]["id"]
        departure = {"reason": reason, "on": "2021-06-01"}
        tag = {"If-Match": f'"{version}"'}
        gone = await office.client.post(f"{path}/members/{member}/departure", json=departure, headers=tag)
        assert gone.status_code == 200
    # Not the very same file: that would be the import that it was.
    again = file_of(line("H1", "101"), spouse("H1", 姓名="李秀芳"), *sons)
    assert (await office.send(again))["by_code"] == {"person_deceased": 1, "person_away": 1}
    after = await detail(office)
    assert (after["member_count"], len(after["members"])) == (2, 5)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"性别": "女"}, "sex_contradicts", id="a man called a woman"),
        pytest.param({"身份证号": number("20210701", "135")}, "impossible_date", id="born tomorrow"),
        pytest.param({"务工时间": "13"}, "out_of_range", id="thirteen months of work"),
        pytest.param({"务工时间": "许久"}, "not_a_number", id="long"),
        pytest.param({"耕地面积": "三亩"}, "not_an_amount", id="an area in words"),
        pytest.param({"联系电话": "无"}, "bad_phone", id="no phone"),
        pytest.param({"家庭住址": "路" * 201}, "too_long", id="an endless address"),
        pytest.param({"户编号": "9" * 41}, "too_long", id="an endless number"),
    ],
)
async def test_values_are_checked(office: Office, changes: dict[str, str], code: str) -> None:
    content = file_of(line("H1", "101") | changes, line("H2", "105"))
    assert await office.rejects(content) == [(2, code)]


async def test_keys_are_read_however_written(office: Office) -> None:
    wide = {
        "行政区划代码": "３４０６２１１００００１.0",
        "户编号": " Ｈ １ ",
        "务工时间": "１０",
        "耕地面积": "3.5",
    }
    assert (await office.send(file_of(line("H1", "101") | wide)))["rejected"] == 0
    household = await detail(office)
    assert (household["number"], household["arable_mu"], household["members"][0]["work_months"]) == (
        "H1",
        "3.50",
        10,
    )


async def test_a_number_in_the_wrong_column_is_not_shown(office: Office) -> None:
    content = file_of(line("H1", "101", number(order="777")))
    taken = await office.take(content)
    await office.work(taken)
    answer = await office.client.get(f"/households/imports/{taken['id']}/rejects")
    assert [each["code"] for each in answer.json()["items"]] == ["unknown_code"]
    assert number(order="777")[:-1] not in answer.text


async def test_refused_lines_come_back_as_a_form_and_can_be_sent_again(office: Office) -> None:
    taken = await office.take(file_of(line("H1", "101", 姓名="=1+1", 农户类型="富户"), spouse("H1")))
    result = await office.work(taken)
    assert result["errors_url"] == f"/households/imports/{taken['id']}/rejects"
    answer = await office.client.get(result["errors_url"], headers={"Accept": XLSX})
    book = openpyxl.load_workbook(BytesIO(answer.content))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    assert headers[:2] == ["原行号", "退回原因"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["2", "3"]
    name = sheet.cell(2, headers.index("姓名") + 1)
    assert (name.value, name.data_type) == ("=1+1", "s")
    name.value, sheet.cell(2, headers.index("农户类型") + 1).value = "王建国", "脱贫户"
    corrected = BytesIO()
    book.save(corrected)
    assert (await office.send(corrected.getvalue()))["accepted"] == 2


async def test_an_import_is_written_by_its_sender(office: Office, county: httpx.AsyncClient) -> None:
    await office.send(file_of(line("H1", "101")))
    await office.send(file_of(line("H1", "101", 姓名="王建军")))
    story = (await county.get(f"/households/{(await detail(office))['id']}/history")).json()
    assert {each["by"] for each in story} == {"county_officer"}
    assert all(each["reason"].startswith("批量导入") for each in story)


async def test_somebody_registered_after_the_lines_were_judged_is_a_reject_of_the_next_attempt(
    office: Office, county: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await office.take(file_of(line("H1", "123"), line("H2", "105")))

    judge = job._judge

    async def judge_in_time(*args: Any) -> None:
        await judge(*args)
        await registered(county, village=OTHER_VILLAGE)

    with monkeypatch.context() as patch:
        patch.setattr(job, "_judge", judge_in_time)
        with pytest.raises(IntegrityError):
            await office.work(taken)
    result = await office.work(taken)
    assert result["by_code"] == {"person_registered": 1}


async def test_a_list_of_another_area_shows_nothing_of_an_import(
    registry: ServiceUnderTest, office: Office
) -> None:
    taken = await office.take(file_of(line("H1", "101", 姓名="")), division=TOWN)
    await office.work(taken)
    neighbour = await registry.caller("town_officer", OTHER_TOWN)
    for path in (f"/households/imports/{taken['id']}", f"/households/imports/{taken['id']}/rejects"):
        assert (await neighbour.get(path, headers={"Accept": XLSX})).status_code == 404


async def test_a_division_file_may_be_a_spreadsheet_in_chinese(registry: ServiceUnderTest) -> None:
    caller = await registry.caller("county_officer", COUNTY)
    text = "濉溪县行政区划\n区划代码,名称,级别,上级代码\n340621100001,新名社区,village,340621100000\n"
    for content in (text.encode("gb18030"), text.encode("utf-8-sig")):
        assert (await caller.post("/divisions/imports", content=content)).json()["accepted"] == 1
    assert (await caller.get("/divisions/340621100001")).json()["name"] == "新名社区"
    overlong = text + "340621100002,新,名社区,village,340621100000\n"
    (refused,) = (await caller.post("/divisions/imports", content=overlong.encode())).json()["rejected"]
    assert (refused["line"], refused["code"]) == (4, "too_many_cells")
    unread = await caller.post("/divisions/imports", content=b"a,b\n1,2\n")
    assert (unread.status_code, unread.json()["code"]) == (422, "header_missing")
    assert (await caller.post("/households", json=a_household())).status_code == 201
