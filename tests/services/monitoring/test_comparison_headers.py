"""What a file's headers were taken for: a column that nobody knows is passed over, and said to be."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from services.monitoring.matching import storing
from shared.sheets import parts
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

WANG = number(901)
CREDITS = ["姓名", "身份证号", "贷款金额（万元）", "使用问提"]
TAKEN_FOR = {"姓名": "name", "身份证号": "identity_number", "贷款金额（万元）": "amount", "使用问提": None}
ROW = ["王建国", WANG, "5", "户贷企用"]


@pytest.fixture
async def bank(scene: Scene) -> Department:
    await scene.known(household(members=(numbered("王建国", WANG),)))
    client = await scene.service.caller("department", COUNTY, subject="bank")
    return Department(scene.service, client, "small_credit")


def as_workbook() -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    assert book.active is not None
    for row in (["小额信贷台账"], CREDITS, ROW):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


async def headers_of(bank: Department, batch: dict[str, Any]) -> dict[str, str | None]:
    reconciled = await bank.client.get(f"/comparisons/{batch['id']}/reconciliation")
    return dict(reconciled.json()["headers"])


@pytest.mark.parametrize("file", [as_csv([ROW], headers=CREDITS), as_workbook()], ids=["CSV", "XLSX"])
async def test_a_header_that_nobody_knows_is_said_to_be_passed_over(
    bank: Department, scene: Scene, file: bytes
) -> None:
    batch = await bank.send(file)
    assert await headers_of(bank, batch) == TAKEN_FOR
    of_batch = f"/comparisons/{batch['id']}/reconciliation"
    assert (await scene.county.get(of_batch)).json()["headers"] == TAKEN_FOR
    assert (await scene.town.get(of_batch)).json()["headers"] is None, "a file is of no town"


async def test_so_is_the_key_of_an_object_in_whichever_part_it_stands(
    bank: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100)
    monkeypatch.setattr(parts, "_FIRST_PART", 100)
    usual = f'{{"name": "王建国", "身份证号": "{WANG}", "amount": 50000}}\n'
    other = f'{{"name": "王建国", "身份证号": "{WANG}", "amount": 50000, "使用问提": "户贷企用"}}\n'
    batch = await bank.send((usual * 3 + other).encode())
    assert await headers_of(bank, batch) == {
        "name": "name",
        "身份证号": "identity_number",
        "amount": "amount",
        "使用问提": None,
    }


async def test_of_many_headers_as_many_are_kept_as_anybody_looks_at(bank: Department) -> None:
    many = [f"第{place}列" * 30 for place in range(300)]
    batch = await bank.send(as_csv([ROW[:3] + [""] * 300], headers=CREDITS[:3] + many))
    told = await headers_of(bank, batch)
    assert len(told) == storing._MOST_HEADERS
    assert max(map(len, told)) == storing._LONGEST_HEADER


async def test_no_number_of_a_person_is_kept_of_a_header(bank: Department) -> None:
    told = f'{{"name": "王建国", "身份证号": "{WANG}", "amount": 50000, "{number(999)}": "外地人"}}\n'
    batch = await bank.send(told.encode())
    assert await headers_of(bank, batch) == {
        "name": "name",
        "身份证号": "identity_number",
        "amount": "amount",
        "…": None,
    }
