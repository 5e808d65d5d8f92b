"""The import in sets does what line after line would do: the same refusals, the same registry, file after file."""

from __future__ import annotations

import csv
import os
import random
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import text

from services.household.imports.columns import file_form
from services.household.imports.model import HouseholdImport
from services.household.imports.parsing import parse
from services.household.imports.staging import Staging, discard
from services.household.imports.writing import judge, write_batch
from shared.identity.principal import system
from shared.keys import uuid7
from shared.sheets.reading import read_table
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, NOW, OTHER_VILLAGE, VILLAGE, number
from tests.services.household.naive import Naive, Reject, Row

SYSTEM = system("household")
TODAY = date(2021, 6, 10)
#: Files of one registry; then it begins anew, so that files meet empty registries and full ones.
_FILES = 12
_ROUNDS = int(os.environ.get("FANGFAN_TEST_ROUNDS", "16"))
_NUMBERS = [number(f"19{60 + place}0101", f"{101 + place}") for place in range(9)]
_NAMES = ["王建国", "王 建国", "李秀英", "张伟", "张伟", "买买提·吐尔逊", ""]
_DIRTY = [
    *_NUMBERS,
    *_NUMBERS,
    *_NUMBERS,
    "",
    "",
    _NUMBERS[0][:-1] + "0",
    "3.40621E+17",
    f" {_NUMBERS[1]}　",
    "12345",
]
_POOLS = {
    "户编号": ["H1", "H2", "H3", "H1", "H2", " H4 ", ""],
    "行政区划代码": [VILLAGE] * 6 + [OTHER_VILLAGE] * 3 + ["340621999999", "3406", f"{VILLAGE}.0"],
    "姓名": _NAMES,
    "身份证号": _DIRTY,
    "出生日期": ["", "", "", "", "2021-03-05", "2020-01-01", "去年"],
    "与户主关系": ["户主", "户主", "配偶", "之子", "之女", "邻居", ""],
    "农户类型": ["", "一般农户", "脱贫户", "-", "富农"],
    "健康状况": ["", "健康", "残疾、慢性病", "大病、", "-", "还行"],
    "联系电话": ["", "13800001234", "138-0000-1234", "-", "无"],
    "是否低保": ["", "是", "否", "-", "也许"],
}
#: How often a cell is drawn from its whole pool; otherwise from its first, harmless part.
_WILD = 0.12


def _file(dice: random.Random) -> list[Row]:
    return [{name: _cell(dice, pool) for name, pool in _POOLS.items()} for _ in range(dice.randint(1, 12))]


def _cell(dice: random.Random, pool: list[str]) -> str:
    return dice.choice(pool if dice.random() < _WILD else pool[: max(3, len(pool) // 2)])


async def _imported(registry: ServiceUnderTest, rows: list[Row], path: Path) -> set[Reject]:
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8")
    parsed = parse(read_table(path, "csv", file_form({})), today=TODAY)
    async with registry.database.writing(SYSTEM) as db:
        taken = HouseholdImport(
            id=uuid7(),
            owner="tests",
            digest=str(uuid7()),
            filename="",
            mode="commit",
            division_code=COUNTY,
            requested_at=NOW,
        )
        db.add(taken)
        await db.flush()
        await Staging(db, taken, registry.runtime.keys).add(parsed)
        await judge(db, taken.id, division_code=COUNTY)
        while await write_batch(db, taken.id):
            pass
        rejects = await db.rows(
            text("SELECT line, code FROM import_reject WHERE import_id = :id"), {"id": taken.id}
        )
        await discard(db, taken)
    return {(line, code) for line, code in rejects}


async def _registry(registry: ServiceUnderTest) -> list[tuple[object, ...]]:
    client = await registry.caller("county_officer", COUNTY)
    lines = (await client.get("/households", params={"limit": 200})).json()["items"]
    shown = [(await client.get(f"/households/{line['id']}")).json() for line in lines]
    return sorted(
        (
            view["division_code"],
            view["number"],
            view["kind"],
            view["phone"],
            view["minimum_living"],
            tuple(
                sorted(
                    (
                        member["name"],
                        member["identity_number"] or "",
                        date.fromisoformat(member["birth_date"]),
                        member["relationship"],
                        tuple(member["health"]),
                    )
                    for member in view["members"]
                )
            ),
        )
        for view in shown
    )


async def _emptied(registry: ServiceUnderTest) -> None:
    async with registry.database.writing(SYSTEM) as db:
        for table in ("member", "household", "household_number", "person_number", "outbox"):
            await db.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - ours


@pytest.mark.timeout(1200)
async def test_sets_do_what_line_by_line_would_do(registry: ServiceUnderTest, tmp_path: Path) -> None:
    for seed in range(_ROUNDS):
        dice = random.Random(seed)
        naive = Naive({VILLAGE, OTHER_VILLAGE}, TODAY)
        for _ in range(_FILES):
            rows = _file(dice)
            expected = naive.import_file(rows)
            assert await _imported(registry, rows, tmp_path / "file.csv") == expected, (seed, rows)
        families = sorted(family.seen for family in naive.families.values())
        assert await _registry(registry) == families, seed
        await _emptied(registry)
