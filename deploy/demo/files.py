"""Files as towns send them: the API's own form, filled in, with the dirt that real files have."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from deploy.demo.form import Form, Row
from deploy.demo.people import Family, Person
from shared.domain.division import town_of

_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_BORN_BEFORE = 2000


@dataclass(frozen=True)
class TownFile:
    """A town's file, ready to be sent."""

    town: str
    name: str
    content: bytes
    rows: int


class Clerk:
    """Fills in forms, and makes the mistakes that clerks make."""

    def __init__(self, form: Form, seed: int) -> None:
        self._form = form
        self._random = Random(seed)

    def file_of(
        self, town: str, name: str, families: list[Family], strangers: list[Row], *, as_csv: bool
    ) -> TownFile:
        """Return a town's file; ``strangers`` are lines about people whom another town reports as well."""
        rows = [row for family in families for row in self._rows(family)]
        rows += self._repeated(rows) + strangers
        content = (self._form.as_csv if as_csv else self._form.filled_in)(rows, title=name)
        return TownFile(town, f"{name}.{'csv' if as_csv else 'xlsx'}", content, len(rows))

    def stranger(self, person: Person, host: Family) -> Row:
        """Return a line that reports somebody from elsewhere as a member of this family."""
        return self._row(host, person) | {"与户主关系": "其他"}

    def _rows(self, family: Family) -> list[Row]:
        return [self._row(family, person) | {"证件号码": self._written(person)} for person in family.people]

    def _repeated(self, rows: list[Row]) -> list[Row]:
        """Copy some lines that name no head, as happens when two officials fill in the same form."""
        others = [row for row in rows if row["与户主关系"] != "户主" and row["证件号码"].isascii()]
        return self._random.sample(others, k=min(2, len(others)))

    def _written(self, person: Person) -> str:
        number, kind = person.number, self._random.random()
        if kind < 0.02:
            return number.translate(_WIDE)
        if kind < 0.04:
            return f" {number[:6]} {number[6:14]} {number[14:]}"
        if kind < 0.06 and person.born < _BORN_BEFORE:
            return number[:6] + number[8:17]
        if kind < 0.07:
            return number.lower()
        if kind < 0.073:
            return number[:-1] + ("0" if number[-1] != "0" else "1")
        return f"{float(number[:17]) * 10:.5E}" if kind < 0.075 else number

    def _row(self, family: Family, person: Person) -> Row:
        kind, grade = person.disability or ("", "")
        return {
            "户编号": family.number,
            "行政区划代码": family.village,
            "村民组": family.group,
            "农户类型": family.kind,
            "脱贫年度": str(family.lifted_year or ""),
            "是否低保": "是" if family.minimum_living else "否",
            "是否特困": "是" if family.destitute else "否",
            "房屋等级": family.housing,
            "饮水是否安全": family.water,
            "姓名": person.name,
            "证件号码": person.number,
            "与户主关系": person.relationship,
            "民族": "汉族",
            "文化程度": person.education,
            "在校生状况": person.school,
            "健康状况": person.health,
            "残疾类别": kind,
            "残疾等级": grade,
            "劳动技能": person.labour,
            "务工所在地": person.work_place,
            "务工时间（月）": "10" if person.work_place else "",
            "是否参加基本医保": "是",
        }


def by_town(families: list[Family]) -> dict[str, list[Family]]:
    """Group families by town or park."""
    towns: dict[str, list[Family]] = {}
    for family in families:
        towns.setdefault(town_of(family.village), []).append(family)
    return dict(sorted(towns.items()))
