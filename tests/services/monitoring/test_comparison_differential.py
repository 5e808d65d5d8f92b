"""Files of every kind, as dirty as offices send them: sets and a reader of one row at a time agree on every row."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import orjson
import pytest
from sqlalchemy import text

from shared.identity.principal import system
from tests.services.monitoring.by_hand import (
    AMOUNTS,
    DAYS,
    DOTS,
    FIELDS,
    HEADERS,
    MEDICAL_KINDS,
    MONTHS,
    NO_AMOUNTS,
    NOTHING,
    OTHER_KINDS,
    Person,
    judged,
    medical_kind,
)
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    member,
    numbered,
)

_ROUNDS = int(os.environ.get("FANGFAN_TEST_ROUNDS", "24"))


def drawn(draw: random.Random, people: list[Person]) -> list[list[str]]:
    return [_row(draw, draw.choice(people)) for _ in range(draw.randint(1, 60))]


def _row(draw: random.Random, person: Person) -> list[str]:
    known = person.number or number(draw.randint(900, 999))
    written = draw.choice(
        [known] * 8
        + [""] * 4
        + [known.lower(), f" {known}", f"'{known}", known[:6] + known[8:17], known[:-1], f"{known}.0"]
        + [known[:-3] + "000", "3.40621E+17", number(draw.randint(900, 999)), known.translate(_WIDE), "12"]
        + [*NOTHING]
    )
    name = draw.choice(
        [person.name] * 8
        + [
            f" {person.name[0]} {person.name[1:]}",
            *(person.name.replace("·", dot) for dot in DOTS),
            "某某",
            "",
            "  ",
            '5"号',
            "a,b",
        ]
    )
    born = draw.choice(
        [str(person.born)] * 5
        + [f"{person.born:%Y年%m月%d日}", f"{person.born:%Y/%m/%d}", "", "去年", *NOTHING, *DAYS, *MONTHS]
    )
    place = draw.choice(
        ["八里村", "小湖村", "", VILLAGE, f"{VILLAGE}.0", "濉溪镇八里村", "濉溪县", "天上村", *NOTHING]
    )
    amount = draw.choice([*AMOUNTS, *AMOUNTS, *NO_AMOUNTS, *NOTHING, ""])
    stage = draw.choice(["", "高一", "小学", "小 学", "博士后", "senior_1", *NOTHING])
    note = draw.choice(["", "备注", 'a "quoted" one', "two\nlines", "a,b", number(901), "\u3000", "x" * 90])
    return [name, written, born, place, amount, stage, draw.choice(["", "濉溪一中"]), note]


_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def as_text(draw: random.Random, rows: list[list[str]]) -> tuple[bytes, list[tuple[int, list[str]]]]:
    """Return a CSV with its rows by record."""
    file, first = StringIO(), 1
    for _ in range(draw.randint(0, 2)):
        file.write(draw.choice(["2021年学杂费统计表\n", ",,\n", "\n"]))
        first += 1
    writer = csv.writer(
        file,
        delimiter=draw.choice(",,\t;"),
        lineterminator=draw.choice(["\n", "\r\n"]),
        quoting=draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    writer.writerow(HEADERS)
    numbered_rows = []
    for line, row in enumerate(rows, start=first + 1):
        writer.writerow(row)
        numbered_rows.append((line, row))
    encoding = draw.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    return file.getvalue().encode(encoding), numbered_rows


def as_lines(draw: random.Random, rows: list[list[str]]) -> tuple[bytes, list[tuple[int, list[str]]]]:
    """Return NDJSON, in which a key may be left out where nothing stands, and be another one in the next line."""
    spoken = draw.choice([[HEADERS], [FIELDS], [HEADERS, FIELDS]])
    lines = []
    for place, row in enumerate(rows):
        names = draw.choice(spoken)
        told = {
            name: cell
            for name, cell in zip(names, row, strict=True)
            if cell or place == 0 or draw.random() < 0.5
        }
        lines.append(orjson.dumps(told))
    return b"\n".join(lines) + b"\n", list(enumerate(rows, start=1))


def as_workbook(draw: random.Random, rows: list[list[str]]) -> tuple[bytes, list[tuple[int, list[str]]]]:
    """Return XLSX."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    titles = draw.randint(0, 1)
    for row in [["标题"]] * titles + [HEADERS, *rows]:
        sheet.append([cell or None for cell in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue(), list(enumerate(rows, start=titles + 2))


@pytest.mark.timeout(1800)
async def test_every_row_of_any_file_has_the_outcome_that_one_row_at_a_time_gives_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [
        Person("王建国", number(600), date(1980, 3, 1), VILLAGE),
        Person("买买提·艾力", number(601), date(1980, 3, 1), VILLAGE),
        Person("王小雨", None, date(2005, 9, 1), VILLAGE),
        Person("王小雨", None, date(2005, 9, 1), OTHER_VILLAGE),
        Person("李秀英", number(602), date(1980, 3, 1), OTHER_VILLAGE, left=True),
        Person("李秀英", number(602), date(1980, 3, 1), VILLAGE),
        Person("赵一", number(603), date(1980, 3, 1), VILLAGE, left=True),
    ]
    await scene.known(*(_home(person) for person in people))
    for seed in range(_ROUNDS):
        # Anew each time: an identity holds for two minutes.
        caller = await scene.service.caller("department", COUNTY, subject="jiaoyu")
        department = Department(scene.service, caller, dataset="schooling_cost")
        draw = random.Random(seed)
        # Several parts to a file, cut wherever it comes.
        monkeypatch.setattr("shared.sheets.parts.PART_BYTES", draw.choice([300, 2_000, 10**7]))
        rows = drawn(draw, people)
        content, lines = draw.choice([as_text, as_text, as_lines, as_workbook])(draw, rows)
        told = judged(lines, people)
        batch = await department.send(content, f"20{seed % 12 + 10}")
        results, rejects = await _stored(department, batch)
        assert results == told.outcomes, (seed, content)
        assert rejects == sorted(told.rejects), (seed, content)
        counted = Counter(outcome for _, outcome, _ in told.outcomes)
        figures = {
            name: batch[name] for name in ("matched", "mismatched", "probable", "departed", "unmatched")
        }
        assert figures == {name: counted[name] for name in figures}, seed
        assert batch["rows"] == told.rows == batch["invalid"] + sum(figures.values()), seed
        assert sum(Decimal(each[3] or 0) for each in await _rows(department, batch)) == told.paid, seed


async def test_a_kind_is_other_where_one_is_written_that_nobody_knows(scene: Scene) -> None:
    wang = number(600)
    await scene.known(_home(Person("王建国", wang, date(1980, 3, 1), VILLAGE)))
    department = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    cells = [*MEDICAL_KINDS, *OTHER_KINDS, *NOTHING, "", " "]
    batch = await department.send(as_csv([["王建国", wang, "1", cell] for cell in cells]))
    results = await department.listed(batch, "results")
    assert [each["kind"] for each in results] == [medical_kind(cell) for cell in cells]


def _home(person: Person) -> Any:
    left = {"left_on": "2021-01-01", "leave_reason": "marriage_out"} if person.left else {}
    if person.number:
        return household(person.village, members=(numbered(person.name, person.number, **left),))
    return household(person.village, members=(member(person.name, str(person.born), **left),))


async def _rows(department: Department, batch: dict[str, Any]) -> Any:
    statement = text(
        "SELECT line, outcome, match, amount FROM comparison_outcome WHERE comparison_id = :id ORDER BY line"
    )
    async with department.service.database.reading(system("tests")) as db:
        return await db.rows(statement, {"id": batch["id"]})


async def _stored(department: Department, batch: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    results = [(row.line, row.outcome, row.match) for row in await _rows(department, batch)]
    statement = text("SELECT line, header, code FROM comparison_reject WHERE comparison_id = :id")
    async with department.service.database.reading(system("tests")) as db:
        rejects = await db.rows(statement, {"id": batch["id"]})
    return results, sorted(tuple(row) for row in rejects)
