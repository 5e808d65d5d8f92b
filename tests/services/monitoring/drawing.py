"""A small county, and what departments tell of it, of whatever dataset, as chance draws it: in full, in part, wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.monitoring.datasets.catalog import Dataset
from services.monitoring.datasets.columns import Column, ColumnType
from services.monitoring.datasets.periods import PeriodKind
from shared.contracts.household import HouseholdRegistered, MemberState
from shared.crypto import fields
from shared.domain.codes import code_lists
from tests.services.monitoring.comparing import as_csv, number
from tests.services.monitoring.conftest import OTHER_VILLAGE, VILLAGE, household, member

#: All over by the day on which the county is played, and around a new year.
PERIODS = {
    PeriodKind.MONTH: ("2026-09", "2026-12", "2027-01", "2027-02"),
    PeriodKind.QUARTER: ("2026-Q2", "2026-Q3", "2026-Q4"),
    PeriodKind.TERM: ("2025-autumn", "2026-spring", "2026-autumn"),
    PeriodKind.YEAR: ("2024", "2025", "2026"),
    PeriodKind.EVENT: ("2026-08-01", "2026-08-01-2", "2027-01-05"),
}
_BORN = ("1948-05-02", "1980-03-01", "2005-09-01", "2012-09-01")
_DAYS = ("2026-08-01", "2026年12月5日", "20270110", "2027-02-20", "1947-01-01")
#: Around what rules ask: of months, days, tons and square metres as well.
_YUAN = ("300", "1000.01", "4,900", "5200", "6000元", "10000.01", "60000", "100001")
_NUMBERS = ("1", "9.5", "12", "16", "31", "45")
_WORDS = ("甲", "乙")
_UNREADABLE = {
    ColumnType.YUAN: "约一百",
    ColumnType.NUMBER: "许多",
    ColumnType.INTEGER: "许多",
    ColumnType.DATE: "2026-13",
    ColumnType.YES_NO: "也许",
    ColumnType.CODE: "从未有过",
}
_RISKS = ("illness", "illness", "education_guarantee", "other", "water", "housing")
_PLACES = {VILLAGE: "八里村", OTHER_VILLAGE: "小湖村"}
Row = dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody of the county, as departments write them."""

    name: str
    number: str
    born: str
    village: str


@dataclass
class County:
    """Its households, and who of them may be told of."""

    homes: list[HouseholdRegistered] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    #: Households, and the risk that they are watched for, or that a measure of their head is against.
    watched: list[tuple[HouseholdRegistered, str]] = field(default_factory=list)
    helped: list[tuple[HouseholdRegistered, str]] = field(default_factory=list)


def county_of(draw: random.Random, homes: int = 3) -> County:
    """Return households of all classes in two towns: with people of whom no number is known, and some who have left."""
    county = County()
    kinds: list[dict[str, Any]] = [
        {"destitute": True},
        {"minimum_living": True},
        *[{"kind": "lifted"}] * 3,
        {},
    ]
    for _ in range(homes):
        village = draw.choice([VILLAGE, OTHER_VILLAGE])
        members = [_member(draw, county, village, place) for place in range(draw.randint(1, 3))]
        more = draw.choice(kinds) | {"housing_grade": draw.choice([None, "A", "D"])}
        county.homes.append(household(village, head_name=members[0].name, members=tuple(members), **more))
        if draw.random() < 0.3:
            county.watched.append((county.homes[-1], draw.choice(_RISKS)))
        if draw.random() < 0.3:
            county.helped.append((county.homes[-1], draw.choice(_RISKS)))
    return county


def _member(draw: random.Random, county: County, village: str, place: int) -> MemberState:
    born = draw.choice(_BORN)
    name = draw.choice("王李赵") + draw.choice(["建国", "秀英", "小雨"])
    person = Person(name, number(300 + len(county.people), born.replace("-", "")), born, village)
    county.people.append(person)
    facts: dict[str, Any] = {"relationship": "other" if place else "head"}
    if draw.random() < 0.75:
        facts["number_index"] = fields.ring().blind_index(person.number).hex()
    if place and draw.random() < 0.25:
        left_on = draw.choice([date(2026, 2, 1), date(2026, 12, 20)])
        facts |= {"left_on": left_on, "leave_reason": draw.choice(["death", "death", "moved_out"])}
    said = {"school_status": "primary", "medical_insurance": True, "work_place": "county"}
    facts |= said if draw.random() < 0.5 else {}
    return member(name, born, **facts)


@dataclass(frozen=True)
class File:
    """What a department sends of a period."""

    dataset: Dataset
    sender: str
    period: str
    #: By field; what no row fills has no column.
    rows: tuple[Row, ...]

    @property
    def content(self) -> bytes:
        """What is sent: without rows, that there is nobody to tell of."""
        columns = [
            column
            for column in self.dataset.columns
            if column.required or not self.rows or any(row.get(column.field) for row in self.rows)
        ]
        cells = [[row.get(column.field, "") for column in columns] for row in self.rows]
        return as_csv(cells, headers=[column.header for column in columns])


def file_of(draw: random.Random, county: County, dataset: Dataset, sender: str, period: str) -> File:
    """Return a file of some people, some told of twice: in full, in part, or by nothing but what is required."""
    filled = draw.choice([1.0, 0.6, 0.0])
    if draw.random() < 0.07:
        return File(dataset, sender, period, ())
    rows = [row for _ in range(draw.randint(1, 5)) for row in _rows(draw, county, dataset, filled)]
    return File(dataset, sender, period, tuple(rows))


def corrected(draw: random.Random, county: County, file: File) -> File:
    """Return it with one row gone, new, other or twice, as most corrections are, and now and then another file."""
    rows = list(file.rows)
    place = draw.randrange(len(rows)) if rows else None
    what = draw.choice(["gone", "gone", "new", "other", "other", "twice", "moved", "redrawn"])
    fresh = file_of(draw, county, file.dataset, file.sender, file.period).rows
    if place is None or what == "redrawn":
        rows = list(fresh)
    elif what == "gone":
        del rows[place]
    elif what == "new":
        rows += fresh[:1]
    elif what == "other":
        rows[place] = rows[place] | _another(draw, file.dataset)
    elif what == "twice":
        rows.append(rows[place])
    else:
        draw.shuffle(rows)
    return File(file.dataset, file.sender, file.period, tuple(rows))


def _rows(draw: random.Random, county: County, dataset: Dataset, filled: float) -> Iterator[Row]:
    # Of some often, so that one file says something of another.
    person = draw.choice(county.people[:3] if draw.random() < 0.6 else county.people)
    row = _keys(draw, dataset, person) | _values(draw, dataset, filled)
    yield row
    if draw.random() < 0.15:
        yield row
    if draw.random() < 0.15:
        yield _keys(draw, dataset, person) | _values(draw, dataset, filled)
    if draw.random() < 0.15:
        column = draw.choice([each for each in dataset.columns if each.required or each.type in _UNREADABLE])
        yield {**row, column.field: _UNREADABLE.get(column.type, "")}


def _keys(draw: random.Random, dataset: Dataset, person: Person) -> Row:
    """Return whom a row is about, now and then a stranger, or somebody under another's name."""
    known = {column.field: column for column in dataset.columns}
    written = draw.choice([person.number] * 8 + [person.number[:6] + person.number[8:17], number(990)])
    if "identity_number" in known and known["identity_number"].cards and draw.random() < 0.3:
        written = f"{person.number}43"
    if dataset.matches_without_number and draw.random() < 0.5:
        written = ""
    name = draw.choice([person.name] * 8 + [f"{person.name[0]} {person.name[1:]}", "某某"])
    place = draw.choice([_PLACES[person.village]] * 4 + [person.village, "天上村"])
    born = person.born if not written or draw.random() < 0.5 else ""
    cells = {"name": name, "identity_number": written, "birth_date": born, "division": place}
    return {name: cell for name, cell in cells.items() if name in known}


def _values(draw: random.Random, dataset: Dataset, filled: float) -> Row:
    keys = {"name", "identity_number", "birth_date", "division"}
    return {
        column.field: _cell(draw, column) if column.required or draw.random() < filled else ""
        for column in dataset.columns
        if column.field not in keys
    }


def _another(draw: random.Random, dataset: Dataset) -> Row:
    """Return one value, or all, as they may be instead."""
    values = _values(draw, dataset, draw.choice([1.0, 0.0]))
    name = draw.choice(sorted(values))
    return draw.choice([values, {name: values[name]}])


def _cell(draw: random.Random, column: Column) -> str:
    if column.codes:
        return draw.choice([each.zh for each in code_lists()[column.codes].codes])
    cells: dict[ColumnType, Sequence[str]] = {
        ColumnType.YUAN: ("0.5", "1.2") if column.unit == "万元" else _YUAN,
        ColumnType.NUMBER: ("12%", "35%", "60%") if column.unit == "%" else _NUMBERS,
        ColumnType.INTEGER: ("1", "9", "16", "31"),
        ColumnType.DATE: _DAYS,
        ColumnType.YES_NO: ("是", "否"),
    }
    return draw.choice(cells.get(column.type, _WORDS))
