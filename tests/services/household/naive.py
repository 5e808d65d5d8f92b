"""The import as one would write it without a database: line by line, in dictionaries; slow, plain, a yardstick."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from shared.domain import person_name
from shared.domain.codes import code_lists
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.written import plain

Row = dict[str, str]
Reject = tuple[int, str]
_YES_NO = {"是": True, "否": False}


@dataclass
class Person:
    """Somebody of a household."""

    name: str
    number: str | None
    birth_date: date
    relationship: str
    health: list[str]


@dataclass
class Family:
    """A household."""

    village: str
    number: str
    kind: str = "general"
    phone: str | None = None
    minimum_living: bool = False
    people: list[Person] = field(default_factory=list)

    @property
    def seen(self) -> tuple[Any, ...]:
        """All that is compared."""
        people = sorted(
            (p.name, p.number or "", p.birth_date, p.relationship, tuple(p.health)) for p in self.people
        )
        return self.village, self.number, self.kind, self.phone, self.minimum_living, tuple(people)


@dataclass
class Line:
    """A line that holds so far; ``said`` are its values, None where nothing was said, ``...`` where it clears."""

    at: int
    said: dict[str, Any]
    family: int = 0
    person: Person | None = None

    @property
    def heads(self) -> bool:
        return bool(self.said["relationship"] == "head")


class Naive:
    """A registry, and what a file does to it."""

    def __init__(self, villages: set[str], today: date) -> None:
        self.villages = villages
        self.today = today
        self.families: dict[int, Family] = {}
        self._ids = count(1)

    def import_file(self, rows: list[Row]) -> set[Reject]:
        """Take what holds; return what was refused."""
        self.rejects: set[Reject] = set()
        self.headless: set[str] = set()
        lines = list(self._read(rows))
        lines = self._keep(lines, "unknown_village", lambda line: line.said["village"] in self.villages)
        lines = self._without_repetitions(lines)
        self._find_families(lines)
        self._find_people(lines)
        lines = self._keep(lines, "ambiguous_person", lambda line: not self._is_ambiguous(line))
        lines = self._keep(lines, "person_registered", lambda line: not self._is_elsewhere(line))
        lines = self._judge_families(lines)
        for line in lines:
            self._write(line)
        return self.rejects

    def _read(self, rows: list[Row]) -> Iterator[Line]:
        for at, row in enumerate(rows, start=2):
            said, faults = self._said(row)
            if faults:
                self.rejects |= {(at, fault) for fault in faults}
                if code_lists()["relationship"].code_of(row["与户主关系"]) == "head":
                    self.headless.add(plain(row["户编号"]))
            else:
                yield Line(at, said)

    def _said(self, row: Row) -> tuple[dict[str, Any], set[str]]:
        faults = set[str]()
        said: dict[str, Any] = {
            "household": plain(row["户编号"]),
            "village": _code_of_figure(row["行政区划代码"]),
        }
        for name in ("户编号", "行政区划代码", "姓名", "与户主关系"):
            if not row[name].strip():
                faults.add("missing")
        if said["village"] and not re.fullmatch(r"[1-9]\d{11}", said["village"]):
            faults.add("bad_division")
        said["name"] = person_name.normalise(row["姓名"].strip())
        self._number(row, said, faults)
        self._code(row["与户主关系"], "relationship", said, faults, required=True)
        self._code(row["农户类型"], "kind", said, faults, codes="household_kind")
        parts = [part for part in re.split("[、,]", row["健康状况"].strip()) if part]
        health = [code_lists()["health"].code_of(part) for part in parts]
        said["health"] = ... if row["健康状况"].strip() == "-" else list(dict.fromkeys(health)) or None
        if None in health and said["health"] is not ...:
            faults.add("unknown_code")
        phone = plain(row["联系电话"])
        said["phone"] = ... if phone == "-" else phone or None
        if phone not in ("", "-") and not re.fullmatch(r"\+?[\d-]{5,20}", phone):
            faults.add("bad_phone")
        minimum = row["是否低保"].strip()
        said["minimum_living"] = ... if minimum == "-" else _YES_NO.get(minimum)
        if minimum not in ("", "-", *_YES_NO):
            faults.add("not_yes_no")
        return said, faults

    def _number(self, row: Row, said: dict[str, Any], faults: set[str]) -> None:
        said["number"], stated = None, None
        if row["出生日期"]:
            try:
                stated = date.fromisoformat(row["出生日期"])
            except ValueError:
                faults.add("not_a_date")
        if row["身份证号"].strip():
            try:
                number = parse(row["身份证号"])
            except IdentityNumberFault as fault:
                faults.add(fault.fault)
            else:
                said["number"], born = number.number, number.birth_date
                if stated and stated != born:
                    faults.add("birth_date_contradicts")
                stated = born
        elif not row["出生日期"]:
            faults.add("missing")
        said["birth_date"] = stated

    def _code(
        self,
        cell: str,
        name: str,
        said: dict[str, Any],
        faults: set[str],
        *,
        codes: str = "",
        required: bool = False,
    ) -> None:
        clears = cell.strip() == "-" and not required
        said[name] = ... if clears else code_lists()[codes or name].code_of(cell)
        if cell.strip() and said[name] is None:
            faults.add("unknown_code")

    def _keep(self, lines: list[Line], code: str, holds: Any) -> list[Line]:
        judged = [(line, holds(line)) for line in lines]
        for line, held in judged:
            if not held:
                self._refuse(line, code)
        return [line for line, held in judged if held]

    def _refuse(self, line: Line, code: str) -> None:
        self.rejects.add((line.at, code))
        if line.heads:
            self.headless.add(line.said["household"])

    def _without_repetitions(self, lines: list[Line]) -> list[Line]:
        seen = set[Any]()
        kept = []
        for line in lines:
            said = line.said
            key = said["number"] or (said["village"], said["household"], said["name"], said["birth_date"])
            if key in seen:
                self._refuse(line, "duplicate_person")
            else:
                seen.add(key)
                kept.append(line)
        return kept

    def _find_families(self, lines: list[Line]) -> None:
        known = {(family.village, family.number): key for key, family in self.families.items()}
        new: dict[tuple[str, str], int] = {}
        for line in lines:
            place = (line.said["village"], line.said["household"])
            line.family = known.get(place) or new.setdefault(place, next(self._ids))
        named = {line.family for line in lines}
        moves: dict[int, list[int]] = {}
        for line in lines:
            if line.heads and line.family not in self.families and line.said["number"]:
                for key, family in self.families.items():
                    heads = family.village == line.said["village"] and any(
                        p.relationship == "head" and p.number == line.said["number"] for p in family.people
                    )
                    if heads and key not in named:
                        moves.setdefault(line.family, []).append(key)
        for line in lines:
            found = moves.get(line.family, [])
            line.family = found[0] if len(found) == 1 else line.family

    def _find_people(self, lines: list[Line]) -> None:
        for line in lines:
            people = self._people(line)
            line.person = next((p for p in people if p.number and p.number == line.said["number"]), None)
        taken = [line.person for line in lines if line.person]
        for line in lines:
            alike = [p for p in self._people(line) if self._is_alike(p, line)]
            if line.person is None and len(alike) == 1 and not any(alike[0] is each for each in taken):
                (person,) = alike
                if line.said["number"] is None or person.number is None:
                    line.person = person

    def _people(self, line: Line) -> list[Person]:
        return self.families[line.family].people if line.family in self.families else []

    @staticmethod
    def _is_alike(person: Person, line: Line) -> bool:
        return (person.name, person.birth_date) == (line.said["name"], line.said["birth_date"])

    def _is_ambiguous(self, line: Line) -> bool:
        alike = [p for p in self._people(line) if self._is_alike(p, line)]
        return line.said["number"] is None and len(alike) > 1

    def _is_elsewhere(self, line: Line) -> bool:
        number = line.said["number"]
        return bool(number) and any(
            p.number == number
            for key, family in self.families.items()
            if key != line.family
            for p in family.people
        )

    def _judge_families(self, lines: list[Line]) -> list[Line]:
        villages = Counter(number for _, number in {(line.family, line.said["household"]) for line in lines})
        refused: dict[int, str] = {}
        for key in {line.family for line in lines}:
            own = [line for line in lines if line.family == key]
            heads = sum(line.heads for line in own)
            kept = sum(
                p.relationship == "head" and not any(p is line.person for line in own)
                for p in self._people(own[0])
            )
            number = own[0].said["household"]
            if heads + kept > 1:
                refused[key] = "two_heads"
            elif heads == 0 and number in self.headless:
                refused[key] = "head_rejected"
            elif heads + kept == 0:
                refused[key] = "two_villages" if villages[number] > 1 else "head_missing"
        return self._keep_families(lines, refused)

    def _keep_families(self, lines: list[Line], refused: dict[int, str]) -> list[Line]:
        for line in lines:
            if line.family in refused:
                self.rejects.add((line.at, refused[line.family]))
        return [line for line in lines if line.family not in refused]

    def _write(self, line: Line) -> None:
        said = line.said
        family = self.families.setdefault(line.family, Family(said["village"], said["household"]))
        if line.heads:
            family.kind = _merged(family.kind, said["kind"], "general")
            family.phone = _merged(family.phone, said["phone"], None, same=_same_phone)
            family.minimum_living = _merged(family.minimum_living, said["minimum_living"], cleared=False)
        if line.person is None:
            health = said["health"] if isinstance(said["health"], list) else []
            new = Person(said["name"], said["number"], said["birth_date"], said["relationship"], health)
            family.people.append(new)
            return
        line.person.name, line.person.relationship = said["name"], said["relationship"]
        line.person.health = _merged(line.person.health, said["health"], [])
        line.person.number = line.person.number or said["number"]


def _merged(known: Any, said: Any, cleared: Any, *, same: Any = None) -> Any:
    if said is ...:
        return cleared
    return known if said is None or (same and known and same(known, said)) else said


def _code_of_figure(cell: str) -> str:
    """A spreadsheet shows a code that it took for a number with decimals."""
    return re.sub(r"^(\d{12})\.0+$", r"\1", plain(cell))


def _same_phone(one: str, other: str) -> bool:
    return one.replace("-", "") == other.replace("-", "")
