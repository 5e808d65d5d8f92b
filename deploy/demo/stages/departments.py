"""What others know: four departments post their data, the province warns, people apply by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric

from deploy.demo.actors import DEPARTMENTS
from deploy.demo.checks import OUTCOMES
from deploy.demo.form import Form, Row
from deploy.demo.people import Person
from deploy.demo.stage import Story, rehearse
from deploy.standins.province import ProvincialPlatform

#: People of another county, whom hospitals and schools report as well.
_STRANGERS = 40
#: These fill in the API's own form; the others export CSV from their old systems.
_BY_FORM = ("dropout", "employment")


async def compare(story: Story) -> None:
    """Let the four departments post what they know of May and June."""
    rehearse(date(2021, 6, 16), 10)
    people = [(person, family) for family in story.families.values() for person in family.people]
    sick = [person for person, _ in people if person.health in ("患有大病", "长期慢性病")]
    draw = story.random
    for period in ("2021-05", "2021-06"):
        seen = story.drawn(sick, len(sick) // 2)
        await post_expenses(story, period, [(each, round(draw.paretovariate(1.1) * 600)) for each in seen])
    pupils = [person for person, _ in people if 7 <= person.age < 16]
    disabled = [person for person, _ in people if person.disability]
    workers = [person for person, _ in people if person.work_place]
    absent, lost = ("31", "连续缺课 30 天以上"), ("失业", "2021-06-02", "合同到期未续签")
    certified = [(each, (*(each.disability or ()), "2021-06-03")) for each in story.drawn(disabled, 12)]
    await _post(story, "jiaoyu", "2021-06", [(each, absent) for each in story.drawn(pupils, 4)])
    await _post(story, "canlian", "2021-06", certified)
    await _post(story, "renshe", "2021-06", [(each, lost) for each in story.drawn(workers, 15)])


async def post_expenses(story: Story, period: str, expenses: Sequence[tuple[Person, int]]) -> None:
    """Post medical expenses: ``(person, yuan)``."""
    await _post(story, "yibao", period, [(person, (f"{yuan:.2f}",)) for person, yuan in expenses])


async def _post(
    story: Story, client_id: str, period: str, values: Sequence[tuple[Person, tuple[str, ...]]]
) -> None:
    department, dataset = story.actors.departments[client_id], DEPARTMENTS[client_id][2]
    form = Form((await department.send("GET", f"/datasets/{dataset}/template.xlsx")).content)
    rows = _rows(story, form.headers, values)
    answer = await department.send(
        "POST",
        f"/comparisons/{dataset}",
        params={"period": period},
        content=form.filled_in(rows) if dataset in _BY_FORM else form.as_csv(rows),
    )
    result = await department.job(answer.headers["location"])
    known = story.comparisons.setdefault(dataset, {})
    for name in ("rows", *OUTCOMES, "alerts"):
        known[name] = known.get(name, 0) + result[name]


def _rows(story: Story, headers: list[str], values: Sequence[tuple[Person, tuple[str, ...]]]) -> list[Row]:
    """Write rows as an office would: misspelt names, strangers, numbers typed carelessly or cut short.

    What stands behind a person's name and number is in the order of the form.
    """
    lines: list[tuple[str, ...]] = []
    for place, (person, value) in enumerate(values):
        name, number = person.name, person.number
        if place % 25 == 7:
            name = name[0] + "某"
        if place % 40 == 11:
            number = number[:-1]
        elif place % 10 == 3:
            number = f"{number[:6]} {number[6:14]} {number[14:].lower()}"
        lines.append((name, number, *value))
    for _ in range(_STRANGERS if len(values) > _STRANGERS else 1):
        seventeen = f"110101{story.random.randint(1950, 1999)}0101{story.random.randint(100, 999)}"
        lines.append(("外地人", seventeen + ric.calc_check_digit(f"{seventeen}?"), *values[0][1]))
    return [dict(zip(headers, line, strict=False)) for line in lines]


@dataclass
class Province:
    """The provincial platform in the story."""

    story: Story
    platform: ProvincialPlatform

    async def warn(self) -> None:
        """Warn of some people, and let some households apply by themselves."""
        story = self.story
        rehearse(date(2021, 6, 16), 14)
        families = story.drawn(list(story.families.values()), 16)
        registered = [family for family in families if family.number in story.households]
        for number, family in enumerate(registered[:6]):
            facts = "一码申报：家庭发生变故，生活困难"
            await self.platform.warn(family.head.number.lower(), "accident", facts, f"AH-2021-{number:04d}")
        for family in registered[6:10]:
            household = story.households[family.number]
            application = {
                "household_id": household["id"],
                "risk_type": "illness",
                "source": "self_application",
                "facts": "本户自主申报：家人住院，费用较大",
            }
            await story.actors.village_of(household["division_code"]).post("/clues", application)


@asynccontextmanager
async def province(story: Story) -> AsyncIterator[Province]:
    """Let the provincial platform's stand-in listen while the story goes on."""
    platform = ProvincialPlatform(story.actors.province)
    async with platform.running():
        yield Province(story, platform)
