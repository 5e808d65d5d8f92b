"""Rows stand in blocks of columns: sums made of them are those of the rows, and a page is found among them."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import text

from services.monitoring.batches.matched import Movers, read_matched, read_movers, stand_in_blocks
from services.monitoring.batches.rows import OUTCOMES, SPAN
from services.monitoring.comparisons import queries
from services.monitoring.matching import blocks
from services.monitoring.rulebook import summing
from services.monitoring.rulebook.figures import Taken, taken_sql
from services.monitoring.rulebook.summing import Columns, Of, Sums, summed_sql
from shared.identity.principal import Principal, system
from shared.sheets import parts
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    numbered,
)

PEOPLE = [number(400 + order) for order in range(12)]
KINDS = ["住院", "门诊", ""]
FIGURES = [
    Taken("sum_amount"),
    Taken("max_amount"),
    Taken("rows"),
    Taken("sum_amount", ("inpatient",)),
    Taken("rows", ("outpatient",)),
    Taken("sum_quantity"),
]


@pytest.fixture
async def department(scene: Scene) -> Department:
    for pair in zip(PEOPLE[::2], PEOPLE[1::2], strict=True):
        await scene.known(household(members=tuple(numbered("王建国", each) for each in pair)))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def drawn(draw: random.Random, rows: int) -> bytes:
    """Return a file about some of the people, now and then under another name, unreadable, or without a figure."""
    return as_csv(
        [
            (
                draw.choice(["王建国"] * 9 + ["李四"]),
                draw.choice([*PEOPLE, "12", number(999)]),
                draw.choice([f"{draw.randrange(10**6) / 100:.2f}", "0", "90000000.01"]),
                draw.choice(KINDS),
            )
            for _ in range(rows)
        ]
    )


async def by_rows(
    department: Department, key: str, figures: dict[str, Of], telling: list[UUID], told: list[UUID]
) -> set[Any]:
    """Return what PostgreSQL makes of the rows themselves."""
    columns = ", ".join(
        taken_sql(of.taken, f"comparison_id = ANY('{{{','.join(map(str, of.batches))}}}')")
        for of in figures.values()
    )
    query = text(
        f"""
        SELECT {key}_id, CAST(max(CAST(comparison_id AS text)) FILTER (WHERE comparison_id = ANY(:telling)) AS uuid),
            {columns} FROM comparison_outcome WHERE outcome = 'matched' GROUP BY 1
        HAVING bool_or(comparison_id = ANY(:telling)) AND bool_or(comparison_id = ANY(:told))
        """  # noqa: S608 - ours
    )
    async with department.service.database.reading(system("tests")) as db:
        return {tuple(map(str, row)) for row in await db.rows(query, {"telling": telling, "told": told})}


async def by_columns(
    department: Department, key: Any, figures: dict[str, Of], telling: list[UUID], told: list[UUID]
) -> set[Any]:
    """Return what is added up of columns, as it is kept for the rules."""
    sums = Sums(Columns(Movers(key, None), None), figures, sorted(telling), told)
    columns = ", ".join(summed_sql(of.taken, name) for name, of in figures.items())
    async with department.service.database.writing(system("tests")) as db:
        await sums.keep(db, await sums.read(db))
        rows = await db.rows(text(f"SELECT about, batch, {columns} FROM summed"))  # noqa: S608 - ours
        return {tuple(map(str, row)) for row in rows}


@pytest.mark.parametrize("key", ["member", "household"])
@pytest.mark.parametrize("seed", range(4))
async def test_sums_of_columns_are_those_of_rows(
    department: Department, monkeypatch: pytest.MonkeyPatch, key: str, seed: int
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    monkeypatch.setattr(summing, "_AT_ONCE", 10)
    draw = random.Random(seed)
    batches = [
        UUID((await department.send(drawn(draw, draw.choice([1, 5, 60])), f"2021-{month:02}"))["id"])
        for month in range(1, 5)
    ]
    for _ in range(5):
        figures = {
            f"taken_{place}": Of(taken, frozenset(draw.sample(batches, draw.randint(1, 4))))
            for place, taken in enumerate(draw.sample(FIGURES, 3))
        }
        asked = draw.sample(batches, draw.randint(1, 3)), draw.sample(batches, draw.randint(1, 3))
        assert await by_columns(department, key, figures, *asked) == await by_rows(
            department, key, figures, *asked
        )


async def test_of_a_batch_of_long_ago_or_with_rows_to_decide_on_not_all_stands_in_blocks(
    department: Department,
) -> None:
    batch = UUID((await department.send(drawn(random.Random(1), 40)))["id"])
    strangers = UUID((await department.send(as_csv([("某", number(999), "5", "住院")]), "2021-06"))["id"])

    async def stands() -> bool:
        async with department.service.database.reading(system("tests")) as db:
            return await stand_in_blocks(db, [batch, strangers])

    async def changed(statement: str) -> None:
        async with department.service.database.writing(system("tests")) as db:
            await db.execute(text(statement))

    assert await stands()
    await changed(
        "UPDATE comparison_part SET probable = probable + 1, unmatched = unmatched - 1 WHERE unmatched > 0"
    )
    assert not await stands()
    await changed("UPDATE comparison_part SET probable = 0, unmatched = unmatched + probable")
    assert await stands()
    await changed("DELETE FROM comparison_block")
    assert not await stands()


@pytest.mark.parametrize(("area", "sees"), [(COUNTY, True), (TOWN, False), ("340622000000", False)])
async def test_blocks_are_behind_the_wall_of_their_county(
    department: Department, area: str, *, sees: bool
) -> None:
    batch = UUID((await department.send(drawn(random.Random(2), 40)))["id"])
    officer = Principal("officer", "officer", frozenset(), (area,), (), ())
    async with department.service.database.reading(officer) as db:
        movers = await read_movers(db, "member")
        assert bool([part async for part in read_matched(db, batch, movers)]) == sees


async def test_of_a_block_everybody_sees_the_rows_of_their_own_area(
    scene: Scene, department: Department
) -> None:
    elsewhere = number(500)
    await scene.known(household(OTHER_VILLAGE, members=(numbered("王建国", elsewhere),)))
    rows = [("王建国", each, "5", "住院") for each in (PEOPLE[0], elsewhere, PEOPLE[1], number(999))]
    batch = await department.send(as_csv(rows))
    seen = {}
    for area in (COUNTY, TOWN, OTHER_TOWN, VILLAGE):
        officer = Principal("officer", "officer", frozenset(), (area,), (), ())
        async with department.service.database.reading(officer) as db:
            found = await db.rows(OUTCOMES.select().order_by(OUTCOMES.c.line))
            seen[area] = [row.line for row in found]
    assert batch["matched"] == 3
    assert seen == {COUNTY: [2, 3, 4, 5], TOWN: [2, 4], OTHER_TOWN: [3], VILLAGE: [2, 4]}


async def test_words_and_values_that_are_not_there_stay_with_their_rows(department: Department) -> None:
    department.dataset = "relief"
    headers = ["姓名", "身份证号", "救助金额", "发放日期", "救助原因"]
    said = [
        ("5", "2021-05-03", "火灾\x1f后"),
        ("-0.01", "", ""),
        ("0", "1999-12-31", "病"),
        ("90000000.01", "", "…"),
    ]
    people = zip(PEOPLE, said, strict=False)
    batch = await department.send(as_csv([("王建国", who, *what) for who, what in people], headers=headers))
    shown = await department.listed(batch, "results")
    assert [(each["amount"], each["happened_on"], each["note"]) for each in shown] == [
        ("5.00", "2021-05-03", "火灾 后"),
        ("-0.01", None, None),
        ("0.00", "1999-12-31", "病"),
        ("90000000.01", None, "…"),
    ]


async def test_rows_of_long_ago_are_told_as_those_in_blocks_are(department: Department) -> None:
    batch = await department.send(drawn(random.Random(5), 60))
    before = await department.listed(batch, "results")
    own = "comparison_id, line, division_code, outcome, match, number_index, household_id, member_id, amount, quantity"
    columns = f"{own}, happened_on, kind, note, more"
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(
            text(f"INSERT INTO comparison_result ({columns}) SELECT {columns} FROM comparison_outcome")  # noqa: S608 - ours
        )
        await db.execute(text("DELETE FROM comparison_block"))
        assert not await stand_in_blocks(db, [UUID(batch["id"])])
    assert await department.listed(batch, "results") == before


def as_sheet(file: bytes) -> bytes:
    """Return the same as a workbook, with an empty row now and then."""
    book, content = openpyxl.Workbook(), BytesIO()
    for place, row in enumerate(csv.reader(StringIO(file.decode()))):
        book.worksheets[0].append(row)
        if place % 7 == 3:
            book.worksheets[0].append([None, None])
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("kind", "ends", "span"),
    [(bytes, True, SPAN), (bytes, True, 4), (as_sheet, True, 7), (as_sheet, False, SPAN)],
    ids=["text", "small blocks", "a sheet", "a sheet of long ago, whose parts do not tell where they end"],
)
async def test_pages_and_files_of_results_go_from_block_to_block(
    department: Department,
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[[bytes], bytes],
    span: int,
    *,
    ends: bool,
) -> None:
    for module in (blocks, queries):
        monkeypatch.setattr(module, "SPAN", span)
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    monkeypatch.setattr(parts, "PART_ROWS", 20)
    batch = await department.send(kind(drawn(random.Random(3), 90)))
    async with department.service.database.writing(system("tests")) as db:
        assert await db.scalar(text("SELECT count(*) FROM comparison_part")) > 3
        if not ends:
            await db.execute(text("UPDATE comparison_part SET ends_line = 0"))
    whole = await department.listed(batch, "results")
    lines = [each["line"] for each in whole]
    assert lines == sorted(lines)
    assert len(lines) == batch["rows"] - batch["invalid"] > 60
    for outcome in (None, "mismatched"):
        asked: dict[str, Any] = {"outcome": outcome} if outcome else {}
        wanted = [each for each in whole if outcome in {None, each["outcome"]}]
        paged: list[dict[str, Any]] = []
        while len(paged) < len(wanted):
            answer = await department.client.get(
                f"/comparisons/{batch['id']}/results", params={"limit": 7, "count": "exact", **asked}
            )
            assert answer.json()["total"] == len(wanted)
            paged += answer.json()["items"]
            asked["cursor"] = answer.json()["next"]
        assert paged == wanted
        assert asked["cursor"] is None
    file = await department.client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": "text/csv"})
    assert [int(line.split(",")[0]) for line in file.text.splitlines()[1:]] == lines
