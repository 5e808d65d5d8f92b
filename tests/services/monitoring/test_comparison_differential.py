"""Files of every kind, as dirty as offices send them: sets and a reader of one row at a time agree on every row."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import orjson
import pytest
from sqlalchemy import text

from shared.domain.codes import code_lists
from shared.domain.days import parse_day
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.person_name import comparable
from shared.domain.written import plain
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, number
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
HEADERS = ["学生姓名", "身份证号", "出生日期", "户籍所在村", "自付金额", "学段", "学校名称", "备注"]
FIELDS = ["name", "identity_number", "birth_date", "division", "amount", "kind", "school", "note"]
PLACES = {
    "八里村": VILLAGE,
    "小湖村": OTHER_VILLAGE,
    VILLAGE: VILLAGE,
    "濉溪镇八里村": VILLAGE,
    "濉溪县": COUNTY,
}


#: What amounts are, as anybody reads them; of the others nobody knows.
AMOUNTS = {
    "120": "120",
    "99.995": "100",
    "1,200.50": "1200.50",
    "￥30元": "30",
    "0.03万元": "300",
    "-15": "-15",
    "１２３": "123",
    "0": "0",
    "壹仟贰佰元整": "1200",
    "人民币五十元五角": "50.50",
    "3万元人民币": "30000",
}
NO_AMOUNTS = {
    "约一百": "not_an_amount",
    "一千二元": "not_an_amount",
    "1e3": "scientific_figure",
    "1.20E+04": "scientific_figure",
}
#: What stands where there is nothing.
NOTHING = ("-", "／", "无", "NULL", " — ")
IN_SIGNS = {"一九八〇年三月一日": date(1980, 3, 1), "二〇〇五年九月一日": date(2005, 9, 1)}
MONTHS = ("1980-03", "2005年9月", "198003", "2005.11")


def nothing(cell: str) -> bool:
    return plain(cell) in {plain(each) for each in NOTHING}


def day_of(cell: str) -> date | None:
    return IN_SIGNS.get(cell) or (None if cell in MONTHS else parse_day(cell))


@dataclass
class Person:
    """Somebody whom the registry knows."""

    name: str
    number: str | None
    born: date
    village: str
    left: bool = False


@dataclass
class Told:
    """What the slow and obvious way finds."""

    outcomes: list[tuple[int, str, str | None]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    paid: Decimal = Decimal(0)
    rows: int = 0


def judged(rows: list[tuple[int, list[str]]], people: list[Person]) -> Told:
    told = Told()
    for line, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        told.rows += 1
        faults = list(_faults(cells))
        if faults:
            told.rejects += [(line, column, code) for column, code in faults]
            continue
        outcome, match = _matched(cells, people)
        told.outcomes.append((line, outcome, match))
        if outcome != "unmatched":
            told.paid += Decimal(AMOUNTS[cells[4]])
    return told


def _faults(cells: list[str]) -> Any:
    name, written, born, _, amount, stage, *_ = cells
    if not comparable(name):
        yield HEADERS[0], "missing"
    fault = _fault_of(written)
    if fault:
        yield HEADERS[1], fault
    if born and not nothing(born) and day_of(born) is None:
        # Who has a number is not looked for by it.
        if born not in MONTHS:
            yield HEADERS[2], "not_a_date"
        elif fault or _is_none(written):
            yield HEADERS[2], "month_only"
    if not amount or nothing(amount):
        yield HEADERS[4], "missing"
    elif amount in NO_AMOUNTS:
        yield HEADERS[4], NO_AMOUNTS[amount]
    if stage and not nothing(stage) and code_lists()["school_status"].code_of(stage) is None:
        yield HEADERS[5], "unknown_code"


def _fault_of(written: str) -> str | None:
    if _is_none(written):
        return None
    try:
        parse(written)
    except IdentityNumberFault as fault:
        return fault.fault
    return None


def _is_none(written: str) -> bool:
    return not plain(written) or nothing(written)


def _matched(cells: list[str], people: list[Person]) -> tuple[str, str | None]:
    name, written, born, place, *_ = cells
    if not _is_none(written):
        found = parse(written)
        by = "fifteen" if found.was_fifteen else "number"
        known = [person for person in people if person.number == found.number]
        if not known:
            return "unmatched", None
        person = next((each for each in known if not each.left), known[0])
        if comparable(person.name) != comparable(name):
            return "mismatched", by
        return "departed" if person.left else "matched", by
    where = PLACES.get(plain(place).removesuffix(".0"))
    if plain(place) and not nothing(place) and where is None:
        return "unmatched", None
    likely = [
        person
        for person in people
        if not person.left
        and comparable(person.name) == comparable(name)
        and person.born == day_of(born)
        and (where is None or where in (person.village, COUNTY))
    ]
    return ("probable", "birth") if len(likely) == 1 else ("unmatched", None)


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
            person.name.replace("·", "•"),
            "某某",
            "",
            "  ",
            '5"号',
            "a,b",
        ]
    )
    born = draw.choice(
        [str(person.born)] * 5
        + [f"{person.born:%Y年%m月%d日}", f"{person.born:%Y/%m/%d}", "", "去年", *NOTHING, *IN_SIGNS, *MONTHS]
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
    """Return NDJSON, in which a key may be left out where nothing stands."""
    names = draw.choice([HEADERS, FIELDS])
    lines = []
    for place, row in enumerate(rows):
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


def _home(person: Person) -> Any:
    left = {"left_on": "2021-01-01", "leave_reason": "marriage_out"} if person.left else {}
    if person.number:
        return household(person.village, members=(numbered(person.name, person.number, **left),))
    return household(person.village, members=(member(person.name, str(person.born), **left),))


async def _rows(department: Department, batch: dict[str, Any]) -> Any:
    statement = text(
        "SELECT line, outcome, match, amount FROM comparison_result WHERE comparison_id = :id ORDER BY line"
    )
    async with department.service.database.reading(system("tests")) as db:
        return await db.rows(statement, {"id": batch["id"]})


async def _stored(department: Department, batch: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    results = [(row.line, row.outcome, row.match) for row in await _rows(department, batch)]
    statement = text("SELECT line, header, code FROM comparison_reject WHERE comparison_id = :id")
    async with department.service.database.reading(system("tests")) as db:
        rejects = await db.rows(statement, {"id": batch["id"]})
    return results, sorted(tuple(row) for row in rejects)
