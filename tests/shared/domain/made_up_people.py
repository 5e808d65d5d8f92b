"""A made-up registry: families, clans and common names, some people in it twice, and some who only look it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from shared.domain.matching import Facts
from tests.shared.domain.made_up_slips import SIGNS, Slips, birth, checked

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程魏"
_COMMON = [
    "伟",
    "芳",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "勇",
    "艳",
    "涛",
    "明",
    "秀英",
    "桂英",
    "秀兰",
    "玉兰",
    "建国",
    "建华",
    "国强",
    "志强",
    "桂兰",
    "秀珍",
    "伟",
    "芳",
    "秀英",
    "建国",
]
_OTHER_COUNTIES = ["341222", "320322", "341302", "340602"]


@dataclass
class Registry:
    """Records, and which pairs of them tell of one person, by the slip that tells them apart."""

    records: list[Facts] = field(default_factory=list)
    twice: dict[tuple[int, int], str] = field(default_factory=dict)
    #: Pairs that look like one person and are two, by what they are.
    alike: dict[tuple[int, int], str] = field(default_factory=dict)


class Maker:
    """Makes a registry from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._slips = Slips(self._chance)
        self._made = Registry()

    def registry(self, households: int, doubled: int) -> Registry:
        """Return a registry of so many households, and so many people who stand in it twice."""
        for _ in range(households):
            self._family()
        originals = list(enumerate(self._made.records))
        self._chance.shuffle(originals)
        slips = list(self._slips.by_name().items())
        for turn in range(doubled):
            name, slip = slips[turn % len(slips)]
            at, second = next((at, made) for at, one in iter(originals.pop, None) if (made := slip(one)))
            self._made.records.append(second)
            self._made.twice[at, len(self._made.records) - 1] = name
        return self._made

    def _family(self) -> None:
        chance, village = self._chance, self._slips.village()
        father = self._person(self._surname(), self._born(), "male", village)
        near = birth(father) + timedelta(days=chance.randint(-2000, 2000))
        mother = self._person(self._surname(), near, "female", village)
        children = [self._child(father) for _ in range(chance.choice([0, 1, 1, 2]))]
        first = len(self._made.records)
        home, phone = self._slips.id(), self._slips.id().bytes
        people = [father, mother, *children]
        self._made.records += [replace(each, household=home, phone_index=phone) for each in people]
        if children and chance.random() < 0.05:
            self._alike(first + 2, self._twin(self._made.records[first + 2]), "twins")
        if chance.random() < 0.02:
            self._alike(first, self._namesake(father), "father and son of one name")
        if chance.random() < 0.03:
            self._alike(first, self._born_alike(first), "two of a common name, born on one day")

    def _alike(self, at: int, other: Facts, what: str) -> None:
        self._made.records.append(other)
        self._made.alike[at, len(self._made.records) - 1] = what

    def _namesake(self, father: Facts) -> Facts:
        born = birth(father) + timedelta(days=self._chance.randint(7000, 11000))
        son = self._person("", born, "male", str(father.division_code))
        return replace(son, name=father.name, household=self._slips.id())

    def _born_alike(self, at: int) -> Facts:
        """Two of a common name and birthday in different places, as among seven hundred thousand there are many."""
        name = self._chance.choice(["王伟", "李伟", "张伟", "王芳", "刘洋", "李静", "王建国", "李秀英"])
        self._made.records[at] = replace(self._made.records[at], name=name)
        other = self._person("", birth(self._made.records[at]), "male", self._slips.village())
        return replace(other, name=name, household=self._slips.id())

    def _child(self, father: Facts) -> Facts:
        born = birth(father) + timedelta(days=self._chance.randint(7500, 13000))
        sex = self._chance.choice(["male", "female"])
        return self._person(father.name[0], min(born, date(2021, 5, 1)), sex, str(father.division_code))

    def _twin(self, child: Facts) -> Facts:
        """Born the same day, numbered next, named alike."""
        number = str(child.number)
        sign = self._chance.choice([sign for sign in SIGNS if sign != child.name[-1]])
        following = checked(f"{number[:14]}{(int(number[14:17]) + 2) % 1000:03d}")
        return replace(child, name=child.name[:-1] + sign, number=following)

    def _person(self, surname: str, born: date, sex: str, village: str) -> Facts:
        county = "340621" if self._chance.random() < 0.93 else self._chance.choice(_OTHER_COUNTIES)
        order = min(int(self._chance.expovariate(1 / 180)), 999) // 2 * 2 + (sex == "male")
        number = checked(f"{county}{born:%Y%m%d}{order:03d}")
        return Facts(surname + self._given(), born, sex, number, village)

    def _surname(self) -> str:
        return _SURNAMES[min(int(self._chance.expovariate(1 / 10)), len(_SURNAMES) - 1)]

    def _given(self) -> str:
        if self._chance.random() < 0.35:
            return self._chance.choice(_COMMON)
        return "".join(self._chance.choices(SIGNS, k=self._chance.choice([1, 2, 2, 2])))

    def _born(self) -> date:
        return date(1945, 1, 1) + timedelta(days=self._chance.randrange(40 * 365))


def sharing_a_key(keys: Iterable[list[str]], *, most: int) -> set[tuple[int, int]]:
    """Return the pairs that share a key, as the database finds them."""
    blocks: dict[str, list[int]] = {}
    for at, of_record in enumerate(keys):
        for key in of_record:
            blocks.setdefault(key, []).append(at)
    return {
        (one, other)
        for block in blocks.values()
        if len(block) <= most
        for place, one in enumerate(block)
        for other in block[place + 1 :]
    }
