"""People of a county that does not exist, in villages that do: drawn from a seed, so that every run has the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from random import Random

from stdnum.cn import ric

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_MEN = "建国|志强|德华|永胜|长顺|庆林|家宝|学文|光明|金山|新民|少华|立军|保成|玉柱|大勇|海涛|文斌|俊杰|浩然|子轩|宇航"
_WOMEN = "秀英|桂兰|玉梅|凤霞|春花|美玲|翠平|金凤|丽娟|红梅|素珍|淑芬|慧敏|雅婷|欣怡|雨涵|梦瑶|思琪|诗涵|佳慧"
_THIS_YEAR = 2021
#: From the age of seven.
_GRADES = [*["小学"] * 6, "七年级", "八年级", "九年级"]


@dataclass
class Person:
    """Somebody, with a valid number of his or her own."""

    name: str
    sex: str
    born: int
    number: str
    relationship: str
    health: str = "健康"
    labour: str = ""
    education: str = ""
    school: str = ""
    disability: tuple[str, str] | None = None
    work_place: str = ""

    @property
    def age(self) -> int:
        """In the year of the campaign."""
        return _THIS_YEAR - self.born


@dataclass
class Family:
    """A household before it is registered."""

    number: str
    village: str
    kind: str
    group: str
    lifted_year: int | None = None
    minimum_living: bool = False
    destitute: bool = False
    housing: str = "A级"
    water: str = "是"
    people: list[Person] = field(default_factory=list)

    @property
    def head(self) -> Person:
        """Its head."""
        return self.people[0]


class County:
    """Draws families for villages."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._orders = count()

    def families(self, villages: list[str], how_many: int) -> list[Family]:
        """Return families, spread over the villages."""
        serial = dict.fromkeys(villages, 0)
        families = []
        for _ in range(how_many):
            village = self._random.choice(villages)
            serial[village] += 1
            families.append(self._family(village, serial[village]))
        return families

    def _family(self, village: str, serial: int) -> Family:
        lifted = self._random.random() < 0.22
        family = Family(
            number=f"{village}{serial:04d}",
            village=village,
            kind="脱贫户" if lifted else "一般农户",
            group=f"{'一二三四五六'[self._random.randrange(6)]}组",
            lifted_year=self._random.randint(2014, 2020) if lifted else None,
            minimum_living=self._random.random() < (0.2 if lifted else 0.02),
            destitute=lifted and self._random.random() < 0.05,
            housing=self._random.choices(["A级", "B级", "C级"], [80, 18, 2])[0],
            water=self._random.choices(["是", "否"], [99, 1])[0],
        )
        family.people = list(self._people())
        return family

    def _people(self) -> list[Person]:
        draw = self._random
        head_born = draw.randint(1938, 1990)
        family_name = draw.choice(_FAMILY)
        people = [self._person(family_name, draw.choices(["男", "女"], [85, 15])[0], head_born, "户主")]
        if draw.random() < 0.8:
            other = "女" if people[0].sex == "男" else "男"
            people.append(self._person(draw.choice(_FAMILY), other, head_born + draw.randint(-4, 4), "配偶"))
        for _ in range(draw.choices([0, 1, 2, 3], [25, 40, 28, 7])[0]):
            sex = draw.choice("男女")
            born = min(head_born + draw.randint(21, 34), _THIS_YEAR - 1)
            people.append(self._person(family_name, sex, born, "之子" if sex == "男" else "之女"))
        if head_born > 1960 and draw.random() < 0.35:
            people.append(self._person(draw.choice(_FAMILY), "女", head_born - draw.randint(20, 28), "之母"))
        return people

    def _person(self, family_name: str, sex: str, born: int, relationship: str) -> Person:
        given = self._random.choice((_MEN if sex == "男" else _WOMEN).split("|"))
        person = Person(family_name + given, sex, born, self._number(sex, born), relationship)
        self._give_life(person)
        return person

    def _number(self, sex: str, born: int) -> str:
        # Days and orders are counted, not drawn, so that no two people share a number.
        order = next(self._orders)
        day, rest = order % 336, order // 336
        serial = (rest * 2 + (sex == "男")) % 1000
        seventeen = f"340621{born}{day // 28 + 1:02d}{day % 28 + 1:02d}{serial:03d}"
        return str(seventeen + ric.calc_check_digit(f"{seventeen}?"))

    def _give_life(self, person: Person) -> None:
        draw, age = self._random, person.age
        if age < 7:
            person.school = "学龄前儿童"
        elif age < 16:
            person.school = _GRADES[age - 7]
        else:
            person.education = draw.choices(["小学", "初中", "高中", "大专"], [35, 45, 15, 5])[0]
        person.labour = self._labour(age)
        if age > 55 and draw.random() < 0.2:
            person.health = "长期慢性病"
        elif draw.random() < 0.015:
            person.health = "患有大病"
        elif draw.random() < 0.02:
            person.health = "残疾"
            person.disability = (
                draw.choice(["视力残疾", "肢体残疾", "智力残疾"]),
                draw.choice(["一级", "二级", "三级"]),
            )
        if person.labour == "普通劳动力" and draw.random() < 0.4:
            person.work_place = draw.choice(["县外省内", "省外", "乡外县内"])

    def _labour(self, age: int) -> str:
        if age < 16 or age >= 75:
            return "无劳动力"
        return "普通劳动力" if age < 60 else "弱劳动力或半劳动力"
