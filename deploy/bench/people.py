"""A county's people for comparisons: a registry of them, and files in which departments write about them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import asyncpg

from deploy.bench.families import FAMILY_NAMES, GIVEN_NAMES, identity_number
from shared.crypto import fields
from shared.domain.person_name import comparable
from shared.keys import uuid7

HEADER = ("姓名", "身份证号", "自付金额", "医疗类别")
_AT_HOME = 3
#: Shares of rows about strangers, under another name, with a number that cannot be read, and with a large sum.
_STRANGERS, _OTHER_NAMES, _UNREADABLE, _LARGE = 0.2, 0.01, 0.005, 0.0005
_FIRST = date(1935, 1, 1)
_DAYS = 30_000
_AT_ONCE = 50_000


@dataclass(frozen=True)
class People:
    """Persons by number; those after ``known`` are not in the registry."""

    persons: list[tuple[str, str]]
    known: int

    @classmethod
    def draw(cls, known: int) -> People:
        """Draw persons, and half as many strangers."""
        return cls([_person(order) for order in range(known + known // 2)], known)

    def write_registry(self, path: Path) -> None:
        """Write those who are known as a yardstick reads them."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("number", "name"))
            writer.writerows(self.persons[: self.known])

    def write_rows(self, path: Path, rows: int, seed: int) -> None:
        """Write a department's file."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(self._rows(rows, random.Random(seed)))

    def _rows(self, rows: int, draw: random.Random) -> Iterator[tuple[str, ...]]:
        for _ in range(rows):
            low, high = (self.known, len(self.persons)) if draw.random() < _STRANGERS else (0, self.known)
            number, name = self.persons[draw.randrange(low, high)]
            if (luck := draw.random()) < _OTHER_NAMES:
                name = f"{name[0]}某"
            elif luck < _OTHER_NAMES + _UNREADABLE:
                number = number[:-1]
            paid = draw.expovariate(1 / 400) + (20_000 if draw.random() < _LARGE else 0)
            yield name, number, f"{paid:.2f}", "住院" if luck > 0.5 else "门诊"  # noqa: PLR2004 - half of them


def _person(order: int) -> tuple[str, str]:
    # The families of the stage have the first orders of a day.
    number = identity_number(_FIRST + timedelta(days=order % _DAYS), 500 + order // _DAYS)
    family, given = FAMILY_NAMES[order % len(FAMILY_NAMES)], GIVEN_NAMES[order * 7 % len(GIVEN_NAMES)]
    return number, family + given


async def register(connection: asyncpg.Connection, people: People, villages: Sequence[str]) -> None:
    """Put those who are known into monitoring's replica, as the registry's events would have."""
    for start in range(0, people.known, _AT_ONCE):
        homes, persons = _replica(people.persons[start : min(start + _AT_ONCE, people.known)], villages)
        for table, rows in (("household_replica", homes), ("person_replica", persons)):
            columns = {
                "household_replica": "id division_code number kind minimum_living destitute member_count sequence",
                "person_replica": "household_id member_id division_code number_index name name_key relationship health",
            }[table].split()
            source = BytesIO(rows.getvalue().encode())
            await connection.copy_to_table(table, source=source, columns=columns, format="csv")
    await connection.execute("VACUUM ANALYZE household_replica, person_replica")


def _replica(persons: Sequence[tuple[str, str]], villages: Sequence[str]) -> tuple[StringIO, StringIO]:
    homes, members = StringIO(), StringIO()
    indexes = fields.ring().blind_index_many([number for number, _ in persons])
    write_home, write_member = csv.writer(homes).writerow, csv.writer(members).writerow
    for place, ((_, name), index) in enumerate(zip(persons, indexes, strict=True)):
        if place % _AT_HOME == 0:
            home, village = uuid7(), villages[place // _AT_HOME % len(villages)]
            write_home((home, village, str(home)[-12:], "general", "f", "f", _AT_HOME, 1))
        relationship = "other" if place % _AT_HOME else "head"
        write_member(
            (home, uuid7(), village, f"\\x{index.hex()}", name, comparable(name), relationship, "{healthy}")
        )
    return homes, members
