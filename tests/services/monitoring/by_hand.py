"""What a clerk would find who compares one row after the other by hand: slow, obvious, and held against the sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.domain.days import parse_day
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.written import plain
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, VILLAGE

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
    "0.30000000000000004": "0.30",
    "1200.2999999999998": "1200.30",
    "1,200.50": "1200.50",
    "￥30元": "30",
    "0.03万元": "300",
    "-15": "-15",
    "１２３": "123",
    "0": "0",
    "壹仟贰佰元整": "1200",
    "人民币五十元五角": "50.50",
    "3万元人民币": "30000",
    "'45": "45",
}
NO_AMOUNTS = {
    "约一百": "not_an_amount",
    "一千二元": "not_an_amount",
    "12.3450000000000006": "not_an_amount",
    "1e3": "scientific_figure",
    "1.20E+04": "scientific_figure",
}
#: What stands where there is nothing.
NOTHING = ("-", "／", "无", "NULL", " — ")
#: What people type between the parts of a name.
DOTS = "·•．.・●ㆍ˙▪⸱"
#: Days in signs, and moments of elsewhere, which are of the day that it was in China.
DAYS = {
    "一九八〇年三月一日": date(1980, 3, 1),
    "二〇〇五年九月一日": date(2005, 9, 1),
    "1980-02-29T16:00:00Z": date(1980, 3, 1),
    "1980-02-29T15:59:59.000Z": date(1980, 2, 29),
    "1980/2/29 11:30:00-05:00": date(1980, 3, 1),
    "2005-09-01 15:59:00+00": date(2005, 9, 1),
}
#: Kinds of medical expense; of others than these it is known that there is one.
MEDICAL_KINDS = {
    "住院": "in_patient",
    "普通门诊": "out_patient",
    "门 特": "special_out_patient",
    "其他": "other",
}
OTHER_KINDS = ("自费", "／住院", "无床", "--住", "nothing")
MONTHS = ("1980-03", "2005年9月", "198003", "2005.11")


def nothing(cell: str) -> bool:
    return plain(cell) in {plain(each) for each in NOTHING}


def medical_kind(cell: str) -> str | None:
    return None if not plain(cell) or nothing(cell) else MEDICAL_KINDS.get(cell, "other")


def day_of(cell: str) -> date | None:
    return DAYS.get(cell) or (None if cell in MONTHS else parse_day(cell))


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


def _faults(cells: list[str]) -> Iterator[tuple[str, str]]:
    name, written, born, _, amount, *_ = cells
    if not _bare(name):
        yield HEADERS[0], "missing"
    fault = _fault_of(written)
    if fault:
        yield HEADERS[1], fault
    if _is_none(written) and _is_none(born):
        yield HEADERS[1], "tells_nobody"
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


def _bare(name: str) -> str:
    return "".join(sign for sign in name if sign not in DOTS and not sign.isspace())


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
        if _bare(person.name) != _bare(name):
            return "mismatched", by
        return "departed" if person.left else "matched", by
    where = PLACES.get(plain(place).removesuffix(".0"))
    if plain(place) and not nothing(place) and where is None:
        return "unmatched", "unknown_place"
    likely = [
        person
        for person in people
        if not person.left
        and _bare(person.name) == _bare(name)
        and person.born == day_of(born)
        and (where is None or where in (person.village, COUNTY))
    ]
    if len(likely) > 1:
        return "unmatched", "ambiguous_person"
    return ("probable", "birth") if likely else ("unmatched", None)
