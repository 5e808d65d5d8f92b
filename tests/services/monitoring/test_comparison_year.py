"""A year of batches, late, corrected and withdrawn ones among them: whoever must be warned of is, each clue once."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from sqlalchemy import text

from services.monitoring.comparisons import alerts
from services.monitoring.datasets.periods import parse_period
from services.monitoring.rulebook import gathering
from shared.contracts.household import (
    HouseholdChanged,
    HouseholdRegistered,
    HouseholdSplit,
    MemberState,
    MemberTransferred,
)
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, TOWN, Scene, household, numbered
from tests.services.monitoring.moving import tell_move
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.year_moves import MONTHS, SENDERS, batch_of, corrected, people
from tests.services.monitoring.years import FIGURES, Batch, Person, Year

_ALERTS = text(
    """
    SELECT rule, "window", subject_id, period, inputs, comparison.id, outcome
    FROM comparison_alert JOIN comparison ON comparison.id = comparison_id
    """
)


@dataclass
class Played:
    """The year as it is reckoned, and as it is sent."""

    scene: Scene
    draw: random.Random
    year: Year
    departments: dict[str, Department]
    homes: dict[str, HouseholdRegistered]
    #: Whose id is whose number, those of households left among them.
    members: dict[UUID, str]
    sent: list[tuple[Batch, dict[str, Any]]] = field(default_factory=list)

    async def send(self, batch: Batch) -> None:
        department = self.departments[batch.sender]
        department.dataset = batch.dataset
        told = await department.send(batch.file, batch.period)
        # The same file once more is the batch that it was.
        if all(told["id"] != known["id"] for _, known in self.sent):
            self.sent.append((batch, told))
            self.year.take(batch)

    async def withdraw(self, batch: Batch) -> None:
        told = next(told for sent, told in self.sent if sent is batch)
        await withdrawn(self.departments[batch.sender], told)
        self.year.withdraw(batch)

    async def change(self, person: Person, **change: Any) -> None:
        """Let the registry know something else of somebody."""
        home = self.homes[person.number]
        members = [
            each.model_copy(update=change if self._is(each, person) else {}).model_dump()
            for each in home.members
        ]
        data = home.model_dump() | {"version": home.version + 1, "members": members}
        self._now(HouseholdRegistered(**data))
        await self.scene.service.tell(HouseholdChanged(**data))

    async def move(self, person: Person, host: Person) -> None:
        """Let somebody go over to another's household, and so into its village and class."""
        old, new = self.homes[person.number], self.homes[host.number]
        if old.id == new.id:
            return
        going = next(each.id for each in old.members if self._is(each, person))
        kind = self.draw.choice([HouseholdSplit, MemberTransferred])
        first = self.draw.random() < 0.5
        old, new = await tell_move(self.scene, kind, old, new, going, move_first=first)
        self._now(old)
        self._now(new)
        self.homes[person.number] = new
        self.members[new.members[-1].id] = person.number
        person.village, person.of = host.village, host.of

    def _is(self, member: MemberState, person: Person) -> bool:
        return self.members[member.id] == person.number and member.number_index is not None

    def _now(self, home: HouseholdRegistered) -> None:
        self.homes = {number: home if known.id == home.id else known for number, known in self.homes.items()}


def plan(draw: random.Random) -> list[tuple[str, str, str, int]]:
    """Return dataset, sender, period and the month in which it is sent: most in time, some later."""
    told = []
    for place, month in enumerate(MONTHS):
        for dataset, senders in SENDERS.items():
            period = month
            if dataset == "vehicle":
                period = f"{month[:4]}-Q{int(month[5:]) // 3}"
                if int(month[5:]) % 3:
                    continue
            late = [(sender, draw.choice([0, 0, 0, 0, 1, 3])) for sender in senders]
            told += [(dataset, sender, period, min(place + by, len(MONTHS) - 1)) for sender, by in late]
    return told


async def played(scene: Scene, seed: int, persons: int) -> Played:
    draw = random.Random(seed)
    year = Year(people(draw, persons))
    homes = {}
    for person in year.people.values():
        facts = {person.of: True} if person.of in {"destitute", "minimum_living"} else {}
        kind = "lifted" if person.of == "lifted" else "general"
        member = numbered(person.name, person.number)
        homes[person.number] = household(person.village, kind=kind, members=(member,), **facts)
    await scene.known(*homes.values())
    areas = {"town-clinic": TOWN}
    departments = {
        sender: Department(
            scene.service,
            await scene.service.caller("department", areas.get(sender, COUNTY), subject=sender),
        )
        for senders in SENDERS.values()
        for sender in senders
    }
    members = {home.members[0].id: number for number, home in homes.items()}
    return Played(scene, draw, year, departments, homes, members)


async def play(whole: Played, month: int, due: list[tuple[str, str, str, int]]) -> None:
    """Let a month pass: what is due is sent, now and then something is corrected or withdrawn, and people change."""
    draw, year = whole.draw, whole.year
    told = parse_period(MONTHS[month])
    assert told is not None
    day: date = told.last + timedelta(days=5)
    whole.scene.go_to(day.year, day.month, day.day)
    here = [person for person in year.people.values() if not person.left_on]
    if draw.random() < 0.4:
        person = draw.choice(here)
        person.former, person.name = person.name, f"{person.name}甲"
        await whole.change(person, name=person.name)
    if draw.random() < 0.3:
        person = draw.choice(here)
        # Of another class others would be warned of, and of which period on is not reckoned here.
        await whole.move(person, draw.choice([each for each in here if each.of == person.of]))
    if draw.random() < 0.2:
        person = draw.choice(here)
        person.left_on = told.last
        await whole.change(person, left_on=told.last, leave_reason="death")
    for dataset, sender, period, _ in draw.sample(due, len(due)):
        await whole.send(batch_of(draw, year, dataset, sender, period))
        counting = [batch for batch in year.batches if batch.counts]
        what = draw.random()
        if what < 0.2:
            await whole.send(corrected(draw, draw.choice(counting), year))
        elif what < 0.35:
            await whole.withdraw(draw.choice(counting))


async def expect_equal(whole: Played) -> None:
    """See whether exactly those are warned of who must be, each once, and all figures add up."""
    async with whole.scene.service.database.reading(system("tests")) as db:
        rows = await db.rows(_ALERTS)
    members = whole.members
    found = {
        (row.rule, row.window, members[row.subject_id]): (
            row.period,
            Decimal(str(row.inputs[FIGURES[row.rule]])),
        )
        for row in rows
    }
    assert found == whole.year.alerts
    batches = await everything(whole, "/comparisons")
    of_batches = {each["id"]: each["alerts"] for each in batches if each["alerts"]}
    assert Counter(str(row.id) for row in rows) == of_batches
    warned = Counter((row.rule, members[row.subject_id]) for row in rows if row.outcome != "doubt")
    clues = await everything(whole, "/clues")
    standing = [(clue, each) for clue in clues for each in clue["evidence"] if "taken_back_on" not in each]
    said = [each for _, each in standing if "rule" in each["detail"]]
    assert Counter((each["detail"]["rule"], members[UUID(each["member_id"])]) for each in said) == warned
    open_ = [clue for clue in clues if clue["status"] == "received"]
    assert {clue["id"] for clue in open_} == {clue["id"] for clue, _ in standing}
    assert len({(clue["household_id"], clue["risk_type"]) for clue in open_}) == len(open_)
    doubts = await everything(whole, "/doubts", state="open")
    doubted = Counter((each["rule"], each["member_id"]) for each in doubts for _ in each["told_by"])
    assert doubted == Counter((row.rule, str(row.subject_id)) for row in rows if row.outcome == "doubt")


async def everything(whole: Played, address: str, **query: Any) -> list[dict[str, Any]]:
    """Return a whole list, page by page."""
    items: list[dict[str, Any]] = []
    query["limit"] = 200
    while True:
        page = (await whole.scene.county.get(address, params=query)).json()
        items += page["items"]
        if not page["next"]:
            return items
        query["cursor"] = page["next"]


async def tell_the_year(scene: Scene, seed: int, persons: int) -> Played:
    whole = await played(scene, seed, persons)
    batches = plan(whole.draw)
    for month in range(len(MONTHS)):
        await play(whole, month, [each for each in batches if each[3] == month])
        if month % 3 == 0:
            await expect_equal(whole)
    # Of whoever is there still, it is what all rows that count would warn of, in whatever order they came.
    year = whole.year
    afresh = {alert: told for who in year.people for alert, told in year.due(who, year.about(who)).items()}
    assert afresh == {alert: told for alert, told in year.alerts.items() if alert[0] in year.about(alert[2])}
    return whole


@pytest.mark.parametrize(
    ("seed", "few", "many", "of_rows"),
    [
        pytest.param(19, alerts._FEW, gathering._MANY, False, id="of few changed people each is named"),
        pytest.param(18, 0, gathering._MANY, False, id="of many all are asked"),
        pytest.param(20, 0, 0, False, id="of very many those first of whom less is asked than of others"),
        pytest.param(19, alerts._FEW, gathering._MANY, True, id="of few, by rows"),
        pytest.param(18, 0, gathering._MANY, True, id="of many, by rows: batches of long ago have no blocks"),
        pytest.param(20, 0, 0, True, id="of very many, by rows"),
    ],
)
async def test_a_year_of_batches_warns_of_exactly_those_whom_all_rows_that_count_are_about(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seed: int, few: int, many: int, *, of_rows: bool
) -> None:
    monkeypatch.setattr(alerts, "_FEW", few)
    monkeypatch.setattr(gathering, "_MANY", many)
    if of_rows:
        monkeypatch.setattr(gathering, "stand_in_blocks", AsyncMock(return_value=False))
    whole = await tell_the_year(scene, seed, persons=12)
    rules = {rule for rule, _, _ in whole.year.alerts}
    assert rules == set(FIGURES), "the year is told of every rule"
    assert len(whole.members) > len(whole.year.people), "some have gone to another household"
    assert {True, False} == {batch.counts for batch in whole.year.batches}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
async def test_so_do_years_of_more_people(scene: Scene, seed: int) -> None:
    await tell_the_year(scene, seed, persons=60)
