"""An export is the import form, filled in: sent back, it changes nothing."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import openpyxl
import orjson
import pytest

from services.household.exports import queries
from services.household.households.schemas import HouseholdFacts, MemberFacts
from services.household.imports.columns import form
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, number, registered
from tests.services.household.test_collection_form import everything
from tests.services.household.test_imports import Office

FORMATS = ["xlsx", "csv", "ndjson"]


async def exported(client: httpx.AsyncClient, form: str, **query: Any) -> httpx.Response:
    answer = await client.get("/households/export", params={"division": COUNTY, "format": form, **query})
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of an export, by header or by field."""
    kind = answer.headers["content-type"]
    if "ndjson" in kind:
        return [orjson.loads(line) for line in answer.content.splitlines()]
    if "csv" in kind:
        return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    return [{str(name): cell for name, cell in zip(header, row, strict=True)} for row in rows]


@pytest.fixture
async def filled(
    registry: ServiceUnderTest, county: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """Households with every field filled and with none, more than a chunk of them."""
    monkeypatch.setattr(queries, "CHUNK", 3)
    head = {"name": "王建国", "relationship": "head", "identity_number": number()} | everything(MemberFacts)
    await registered(county, members=[head], **everything(HouseholdFacts))
    for place in range(4):
        await registered(county, order=str(200 + 10 * place), village=[VILLAGE, OTHER_VILLAGE][place % 2])
    return Office(registry, county)


@pytest.mark.parametrize("form_", FORMATS)
async def test_sent_back_it_changes_nothing(filled: Office, form_: str) -> None:
    before = await filled.households()
    told = await filled.send((await exported(filled.client, form_)).content)
    assert told["by_code"] == {}
    assert [told[name] for name in ("accepted", "registered", "changed")] == [9, 0, 0]
    assert await filled.households() == before


@pytest.mark.parametrize("form_", FORMATS)
async def test_it_has_the_forms_columns_and_everybody(filled: Office, form_: str) -> None:
    rows = rows_of(await exported(filled.client, form_))
    names = [column.field if form_ == "ndjson" else column.header for column in form()]
    assert list(rows[0]) == names
    assert len(rows) == 9
    relationships = [row["relationship" if form_ == "ndjson" else "与户主关系"] for row in rows]
    assert relationships.count("head" if form_ == "ndjson" else "户主") == 5


async def test_of_nobody_a_workbook_has_the_header_alone(county: httpx.AsyncClient) -> None:
    sheet = openpyxl.load_workbook(BytesIO((await exported(county, "xlsx")).content)).active
    assert sheet is not None
    assert list(sheet.values) == [tuple(column.header for column in form())]


@pytest.mark.parametrize("form_", FORMATS)
async def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(
    registry: ServiceUnderTest, county: httpx.AsyncClient, form_: str
) -> None:
    await registered(county, address="=HYPERLINK(1)", group_name="@1组")
    office = Office(registry, county)
    answer = await exported(county, form_)
    cells = [cell for row in rows_of(answer) for cell in row.values() if "HYPERLINK" in str(cell)]
    assert set(cells) == {"'=HYPERLINK(1)" if form_ == "csv" else "=HYPERLINK(1)"}
    if form_ == "xlsx":
        sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    told = await office.send(answer.content)
    assert (told["by_code"], told["changed"]) == ({}, 0)


async def test_it_holds_the_callers_area_and_what_was_asked_for(
    registry: ServiceUnderTest, filled: Office
) -> None:
    town = await registry.caller("town_officer", TOWN)
    assert len(rows_of(await exported(town, "csv"))) == 5
    assert len(rows_of(await exported(filled.client, "csv", division=OTHER_VILLAGE))) == 4
    assert len(rows_of(await exported(filled.client, "csv", kind=everything(HouseholdFacts)["kind"]))) == 1


async def test_numbers_are_masked_for_who_may_not_take_them_away(
    registry: ServiceUnderTest, filled: Office
) -> None:
    town = await registry.caller("town_officer", TOWN)
    for form_ in FORMATS:
        answer = await exported(town, form_)
        assert number() not in answer.text
        assert "13900005678" not in answer.text
    told = await filled.send(answer.content)
    assert told["accepted"] == 0
    assert set(told["by_code"]) >= {"bad_characters", "bad_phone"}


async def test_who_left_is_not_there(filled: Office) -> None:
    (first, *_) = await filled.households()
    path = f"/households/{first['id']}"
    shown = await filled.client.get(path)
    member = next(each for each in shown.json()["members"])
    await filled.client.post(
        f"{path}/members/{member['id']}/departure",
        json={"reason": "moved_out", "on": "2021-06-01"},
        headers={"If-Match": shown.headers["etag"]},
    )
    assert len(rows_of(await exported(filled.client, "csv"))) == 9 - 1


async def test_who_may_not_export_is_refused(registry: ServiceUnderTest) -> None:
    village = await registry.caller("village_officer", VILLAGE)
    answer = await village.get("/households/export", params={"division": VILLAGE})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/json, text/csv;q=0.5", "text/csv; charset=utf-8"),
        ("*/*", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
async def test_the_header_chooses_the_format(county: httpx.AsyncClient, accept: str, kind: str) -> None:
    await registered(county)
    answer = await county.get("/households/export", params={"division": COUNTY}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


async def test_a_format_that_there_is_not_is_refused(county: httpx.AsyncClient) -> None:
    wanted = {"Accept": "application/pdf"}
    answer = await county.get("/households/export", params={"division": COUNTY}, headers=wanted)
    assert (answer.status_code, answer.json()["code"]) == (406, "no_such_format")


#: What holds of the second of two households, and not of the first.
FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"kind": "lifted", "lifted_year": 2018}, {"kind": ["lifted"]}),
    ({"kind": "lifted", "lifted_year": 2018}, {"lifted_year": [2017, 2018]}),
    ({"number": "H-00077"}, {"number": "H-00077"}),
    ({"group_name": "东庄组"}, {"group": ["东庄组", "西庄组"]}),
    ({"minimum_living": True}, {"minimum_living": True}),
    ({"destitute": True}, {"destitute": True}),
    ({"relocated": True}, {"relocated": True}),
    ({"main_cause": "illness"}, {"main_cause": ["illness"]}),
    ({"housing_grade": "D"}, {"housing_grade": ["C", "D"]}),
    ({"water_safe": False}, {"water_safe": False}),
    ({"village": OTHER_VILLAGE}, {"division": OTHER_VILLAGE}),
]


@pytest.mark.parametrize(("facts", "asked"), FILTERS, ids="-".join)
async def test_lists_and_exports_hold_the_same(
    county: httpx.AsyncClient, facts: dict[str, Any], asked: dict[str, Any]
) -> None:
    await registered(county, housing_grade="A")
    wanted = (await registered(county, order="301", **facts)).json()
    listed = (await county.get("/households", params=asked | {"people": True})).json()["items"]
    assert [each["id"] for each in listed] == [wanted["id"]]
    answer = await county.get("/households/export", params={"division": COUNTY, "format": "ndjson"} | asked)
    assert {row["household_number"] for row in rows_of(answer)} == {wanted["number"]}
    assert (await county.get("/households", params=asked | {"people": False})).json()["items"] == []
