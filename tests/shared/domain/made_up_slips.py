"""The second record of a person, as offices come to write one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from stdnum.cn import ric

from shared.domain.matching import Facts

Slip = Callable[[Facts], Facts | None]

SIGNS = (
    "文武德明海洋春夏秋冬梅兰竹菊金银山川永福安康新晓小玉宝红光辉斌宇浩然子涵雨欣怡佳慧莹雪霞平贵才生利民忠"
)
_SOUND_ALIKE = "明铭 海害 文雯 玉育 国果 伟玮 芳方 英瑛 志智 兰岚 平萍 红宏 金今 建健"
_WRITTEN_TWICE = "国國 华華 兰蘭 红紅 伟偉 贵貴 军軍 升昇 强強"
_TOWNS, _VILLAGES = 13, 20


class Slips:
    """Makes second records; a slip that somebody's name or number does not allow of makes None."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def by_name(self) -> dict[str, Slip]:
        """Return the slips, and two at once.

        Another name is a second record only where the number is missing or wrong too: else the number refuses it.
        """
        return {
            "another writing": lambda one: without_number(self._renamed(one, _WRITTEN_TWICE)),
            "same sound": lambda one: without_number(self._renamed(one, _SOUND_ALIKE)),
            "one sign of the name": lambda one: without_number(self._sign(one)),
            "one digit of the number": self._digit,
            "two digits swapped": self._swapped,
            "wrong year": lambda one: self._digit(one, within=range(8, 10)),
            "wrong day": lambda one: self._digit(one, within=range(12, 14)),
            "no number": lambda one: without_number(self._elsewhere(one)),
            "two numbers": self._two_numbers,
            "lunar birthday, no number": self._lunar,
            "same sound and one digit": lambda one: self._then_digit(self._renamed(one, _SOUND_ALIKE)),
            "one sign and one digit": lambda one: self._then_digit(self._sign(one)),
        }

    def village(self) -> str:
        """Return a village of the county."""
        town, village = self._chance.randrange(_TOWNS), self._chance.randrange(_VILLAGES)
        return f"340621{100 + town}{200 + village}"

    def id(self) -> UUID:
        """Return a key that the seed makes."""
        return UUID(int=self._chance.getrandbits(128))

    def _elsewhere(self, one: Facts) -> Facts:
        """Place the second record: half of them in the village, a fifth in the town, the others farther off."""
        village, way = str(one.division_code), self._chance.random()
        if way >= 0.5:
            village = village[:9] + self.village()[9:] if way < 0.7 else self.village()
        phone = one.phone_index if self._chance.random() < 0.3 else self.id().bytes
        return replace(one, household=self.id(), division_code=village, phone_index=phone)

    def _renamed(self, one: Facts, pairs: str) -> Facts | None:
        others = {pair[0]: pair[1] for pair in pairs.split()}
        sign = next((sign for sign in one.name[1:] if sign in others), None)
        if sign is None:
            return None
        return self._elsewhere(replace(one, name=one.name[0] + one.name[1:].replace(sign, others[sign])))

    def _sign(self, one: Facts) -> Facts | None:
        if len(one.name) < len("王建国"):
            return None
        return self._elsewhere(replace(one, name=one.name[:-1] + self._chance.choice(SIGNS)))

    def _digit(self, one: Facts, within: range = range(17)) -> Facts | None:
        """Mistype a digit and make the check digit fit, as forms that demand one bring about."""
        number, at = str(one.number), self._chance.choice(within)
        digit = self._chance.choice([each for each in "0123456789" if each != number[at]])
        return self._numbered(one, number[:at] + digit + number[at + 1 : 17])

    def _then_digit(self, renamed: Facts | None) -> Facts | None:
        return renamed and self._digit(renamed)

    def _swapped(self, one: Facts) -> Facts | None:
        number, at = str(one.number), self._chance.randrange(6, 16)
        return self._numbered(one, number[:at] + number[at + 1] + number[at] + number[at + 2 : 17])

    def _two_numbers(self, one: Facts) -> Facts | None:
        order = self._chance.randrange(0, 998, 2) + (one.sex == "male")
        return self._numbered(one, f"341222{birth(one):%Y%m%d}{order:03d}")

    def _lunar(self, one: Facts) -> Facts:
        born = birth(one) - timedelta(days=self._chance.randint(20, 50))
        return self._elsewhere(replace(one, birth_date=born, number=None))

    def _numbered(self, one: Facts, seventeen: str) -> Facts | None:
        try:
            born = date(int(seventeen[6:10]), int(seventeen[10:12]), int(seventeen[12:14]))
        except ValueError:
            return None
        if seventeen == str(one.number)[:17] or not date(1900, 1, 1) <= born <= date(2021, 6, 1):
            return None
        sex = "male" if int(seventeen[16]) % 2 else "female"
        return self._elsewhere(replace(one, number=checked(seventeen), birth_date=born, sex=sex))


def without_number(one: Facts | None) -> Facts | None:
    """Return the record without its number."""
    return one and replace(one, number=None)


def birth(one: Facts) -> date:
    """Return the date of birth, which everybody made up has."""
    assert one.birth_date
    return one.birth_date


def checked(seventeen: str) -> str:
    """Return the whole number."""
    return seventeen + str(ric.calc_check_digit(f"{seventeen}?"))
