"""Why lines of a file are refused, in the words of whoever asks."""

from __future__ import annotations

from io import BytesIO

import httpx
import openpyxl
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY
from tests.services.household.test_import_merging import XLSX, file_of, spouse
from tests.services.household.test_imports import Office, line


async def test_why_a_line_is_refused_is_told_in_the_language_of_the_caller(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    office = Office(registry, county)
    taken = await office.take(file_of(line("H1", "101", 农户类型="富户"), spouse("H1")))
    await office.work(taken)
    path = f"/households/imports/{taken['id']}/rejects"
    told = {}
    for language in ("zh", "en"):
        asked = {"Accept-Language": language}
        listed = (await office.client.get(path, headers=asked)).json()["items"]
        form = await office.client.get(path, headers=asked | {"Accept": XLSX})
        _, *lines = openpyxl.load_workbook(BytesIO(form.content)).worksheets[0].iter_rows(values_only=True)
        assert [why for _, why, *_ in lines] == [f"{each['column']}：{each['message']}" for each in listed]
        told[language] = [each["message"] for each in listed]
    assert told == {
        "zh": ["不在可选范围内", "本户户主所在行有误，请一并更正后重报"],
        "en": [
            "none of the codes that may stand here",
            "the line of the household's head is refused: correct it and send both again",
        ],
    }


@pytest.mark.parametrize(
    ("written", "column", "zh", "en"),
    [
        ("3406211,村,village,", "code", "区划代码应为 12 位数字", "a division's code has 12 digits"),
        (
            "340621100009,,village,340621100000",
            "name",
            "必填项为空",
            "nothing stands where something must",
        ),
        (
            "340621100009,新村,town,340621100000",
            "level",
            "代码所在层级应为 村",
            "a code of this shape is of the level village",
        ),
        (
            "340621100009,新村,village,340621000000",
            "parent_code",
            "上级代码应为 340621100000",
            "the code of the division above should be 340621100000",
        ),
        (
            "350000000000,福建省,province,340000000000",
            "parent_code",
            "上级代码应为 空",
            "the code of the division above should be empty",
        ),
        (
            "340699100009,新村,village,340699100000",
            "parent_code",
            "上级区划不存在",
            "the division above does not exist",
        ),
    ],
    ids=["code", "name", "level", "above", "above a province", "unknown above"],
)
async def test_why_a_division_is_refused_is_told_in_the_language_of_the_caller(
    registry: ServiceUnderTest, written: str, column: str, zh: str, en: str
) -> None:
    caller = await registry.caller("county_officer", COUNTY)
    for language, words in (("zh", zh), ("en", en)):
        answer = await caller.post(
            "/divisions/imports",
            content=f"code,name,level,parent_code\n{written}\n".encode(),
            headers={"Accept-Language": language},
        )
        told = [(each["column"], each["message"]) for each in answer.json()["rejected"]]
        assert told == [(column, words)]
