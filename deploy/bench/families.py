"""Households by the hundred thousand, as CSV files of the import form: drawn fast, each number valid and used once."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from itertools import count, cycle

_HEADERS = (
    "户编号",
    "行政区划代码",
    "村民组",
    "联系电话",
    "农户类型",
    "是否低保",
    "房屋等级",
    "饮水是否安全",
    "姓名",
    "证件号码",
    "与户主关系",
    "民族",
    "文化程度",
    "健康状况",
    "劳动技能",
    "是否参加基本医保",
)
FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN_NAMES = tuple(
    first + second
    for first in "建志德永长庆玉秀桂凤美淑文海春"
    for second in "国强华胜顺林英兰梅霞玲芬明平军"
)
#: Relationship and earliest birth; a household has two to five of them, three and a half on average as in the county.
_ROLES = (
    ("户主", date(1950, 1, 1)),
    ("配偶", date(1951, 1, 1)),
    ("之子", date(1980, 1, 1)),
    ("之女", date(1981, 1, 1)),
    ("之母", date(1925, 1, 1)),
)
_SIZES = (2, 3, 4, 5)
_DAYS = 8000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
#: Orders of one day: the last digit but one tells the sex.
_ORDERS = 1000


@dataclass(frozen=True)
class Drawn:
    """A file, and what it holds."""

    content: bytes
    #: Of its households.
    numbers: tuple[str, ...]
    people: int


class Families:
    """Draws files one after another; no household and no person comes twice."""

    def __init__(self, villages: Sequence[str]) -> None:
        self._villages = cycle(villages)
        self._households = count(1)
        self._people = count()

    def draw(self, households: int) -> Drawn:
        """Return a file of so many households."""
        rows = [row for _ in range(households) for row in self._household()]
        file = StringIO()
        writer = csv.writer(file)
        writer.writerow(_HEADERS)
        writer.writerows(rows)
        return Drawn(file.getvalue().encode(), tuple(dict.fromkeys(row[0] for row in rows)), len(rows))

    def _household(self) -> Iterator[tuple[str, ...]]:
        serial, village = next(self._households), next(self._villages)
        facts = (f"{village}{serial:08d}", village, f"{serial % 9 + 1}组", f"138{serial % 10**8:08d}")
        kind = ("脱贫户" if serial % 5 == 0 else "一般农户", "是" if serial % 20 == 0 else "否", "A级", "是")
        surname = FAMILY_NAMES[serial % len(FAMILY_NAMES)]
        for role, (relationship, earliest) in enumerate(_ROLES[: _SIZES[serial % len(_SIZES)]]):
            person = next(self._people)
            name = surname + GIVEN_NAMES[person % len(GIVEN_NAMES)]
            born = earliest + timedelta(days=person % _DAYS)
            # The roles' years overlap: each has orders of its own.
            number = identity_number(born, person // _DAYS * len(_ROLES) + role)
            yield (*facts, *kind, name, number, relationship, "汉族", "初中", "健康", "普通劳动力", "是")


def identity_number(born: date, order: int) -> str:
    """Return a valid number: the ``order``-th of somebody born that day."""
    # Each thousand of a day's orders has a county of issue of its own: people are counted by the million here.
    county, rest = divmod(order, _ORDERS)
    digits = f"{340621 + county}{born:%Y%m%d}{rest:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return digits + _CHECK[total % 11]
