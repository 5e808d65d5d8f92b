"""People without an identity number: newborns are taken by name and birth date, and nobody is guessed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.conftest import VILLAGE, number
from tests.services.household.test_import_merging import file_of
from tests.services.household.test_imports import Office

HEAD = {"户编号": "H1", "行政区划代码": VILLAGE, "姓名": "王建国", "身份证号": number(), "与户主关系": "户主"}
BABY = {"户编号": "H1", "行政区划代码": VILLAGE, "姓名": "王小宝", "身份证号": "", "与户主关系": "之子"}
BORN = {"出生日期": "2021-03-05", "性别": "男"}
BABYS_NUMBER = number("20210305", "135")


@pytest.fixture
def office(registry: ServiceUnderTest, county: httpx.AsyncClient) -> Office:
    return Office(registry, county)


async def _members(office: Office) -> list[dict[str, Any]]:
    (line,) = await office.households()
    return list((await office.client.get(f"/households/{line['id']}")).json()["members"])


@pytest.mark.parametrize(
    "day", ["2021-03-05", "2021/3/5", "20210305", "2021年3月5日", "44260", "2021-03-05 00:00:00"]
)
async def test_a_newborn_is_taken_and_known_again(office: Office, day: str) -> None:
    told = await office.send(file_of(*[HEAD, BABY | BORN]))
    assert told["by_code"] == {}
    baby = (await _members(office))[1]
    assert (baby["birth_date"], baby["sex"], baby["identity_number"]) == ("2021-03-05", "male", None)
    told = await office.send(file_of(*[HEAD, BABY | BORN | {"出生日期": day, "健康状况": "长期慢性病"}]))
    assert (told["registered"], told["changed"]) == (0, 1)
    (_, again) = await _members(office)
    assert (again["id"], again["health"]) == (baby["id"], ["chronic"])


async def test_a_number_comes_later(office: Office) -> None:
    await office.send(file_of(*[HEAD, BABY | BORN]))
    baby = (await _members(office))[1]
    told = await office.send(file_of(*[HEAD, BABY | {"身份证号": BABYS_NUMBER}]))
    assert (told["registered"], told["changed"], told["by_code"]) == (0, 1, {})
    (_, again) = await _members(office)
    assert (again["id"], again["identity_number"]) == (baby["id"], BABYS_NUMBER)
    found = await office.client.post("/households/search", json={"identity_number": BABYS_NUMBER})
    assert found.status_code == 200
    # Known by the number from now on, under whatever name.
    told = await office.send(file_of(*[HEAD, BABY | {"身份证号": BABYS_NUMBER, "姓名": "王晓宝"}]))
    assert (told["registered"], told["changed"]) == (0, 1)
    assert len(await _members(office)) == 2


async def test_of_two_alike_none_is_chosen(office: Office) -> None:
    twins = [number("20210305", order) for order in ("137", "139")]
    await office.send(file_of(*[HEAD, *(BABY | {"身份证号": each} for each in twins)]))
    told = await office.send(file_of(*[HEAD, BABY | BORN]))
    assert told["by_code"] == {"ambiguous_person": 1}
    assert len(await _members(office)) == 3


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({}, "missing"),
        ({"出生日期": "去年"}, "not_a_date"),
        ({"出生日期": "2021-02-30"}, "not_a_date"),
        ({"出生日期": "2021-12-01"}, "date_ahead"),
        ({"出生日期": "2021-03-06", "身份证号": BABYS_NUMBER}, "birth_date_contradicts"),
    ],
)
async def test_who_has_no_number_has_a_birth_date(office: Office, cells: dict[str, str], code: str) -> None:
    told = await office.send(file_of(*[HEAD, BABY | cells]))
    assert told["by_code"] == {code: 1}


async def test_one_newborn_twice_in_a_file_is_one(office: Office) -> None:
    told = await office.send(file_of(*[HEAD, BABY | BORN, BABY | BORN]))
    assert told["by_code"] == {"duplicate_person": 1}
    assert len(await _members(office)) == 2
