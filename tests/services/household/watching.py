"""What must hold of households whatever happens to them: a state machine without its rules."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
import orjson
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)
from sqlalchemy import text
from sqlmodel import col, select

from services.household.households.model import PersonNumber
from services.household.households.rules import AWAY
from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.services.household.changing import House
from tests.services.household.conftest import COUNTY, number
from tests.services.household.test_natural_changes import facts

T = TypeVar("T")
View = dict[str, Any]

#: From one step to the next, and the shortest time that is told apart.
_STEP, _INSTANT = timedelta(minutes=1), timedelta(microseconds=1)
_HIDDEN = "…"
#: What a view has beside the columns of its row.
_MADE_UP = {"version", "members", "incomes", "explanation"}
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
#: What a step may be refused for: anything else would be a mistake of the registry, or of this test.
_REFUSALS = {"changed_since", "undone_already", "person_registered", "relationship_needed", "head_needed"} | {
    "household_merged",
    "date_before_joining",
}


def present(view: View) -> list[View]:
    return _by_name(member for member in view["members"] if member["left_on"] is None)


def away(view: View) -> list[View]:
    return _by_name(member for member in view["members"] if member["leave_reason"] in AWAY)


def _by_name(members: Iterable[View]) -> list[View]:
    """In an order that is the same whenever a life is lived again, which that of ids is not."""
    return sorted(members, key=lambda member: str(member["name"]))


@dataclass
class Change:
    """What was done, with the households as they were before and after."""

    what: str
    house: House
    id: str
    before: dict[str, View]
    after: dict[str, View]

    @property
    def touched(self) -> set[str]:
        """Ids of those to whom it made a difference."""
        old, new = people_of(self.before), people_of(self.after)
        return {key for key in new if new[key] != old.get(key)}


def people_of(views: dict[str, View]) -> dict[str, View]:
    return {member["id"]: member for view in views.values() for member in view["members"]}


class Watched(RuleBasedStateMachine):
    """Households that are changed through the API, and what must hold of them after every step."""

    registry: ClassVar[ServiceUnderTest]
    loop: ClassVar[asyncio.AbstractEventLoop]
    #: What was done how often, over all examples.
    done: ClassVar[Counter[str]]
    #: Nobody is drawn twice, so that all examples share one registry.
    people: ClassVar[int] = 0
    #: Of what was ever shown, each how manieth is read again.
    every: ClassVar[int] = 7

    def __init__(self) -> None:
        super().__init__()
        # Signed anew for each life: a caller's identity does not live long.
        self.county: httpx.AsyncClient = self.wait(self.registry.caller("county_officer", COUNTY))
        self.houses: list[House] = []
        #: Every view ever shown, with the moment at which it held.
        self.shown: list[tuple[datetime, View]] = []
        self.undoable: list[Change] = []
        self.last_event = 0
        self.names = 0

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def named(self) -> str:
        """A name that nobody had, the same in every telling of this life."""
        self.names += 1
        return f"王{str(self.names).translate(_DIGITS)}"

    def born(self, relationship: str) -> View:
        """Somebody new: called and sexed as in every telling of this life, with a number that was never drawn."""
        type(self).people += 1
        name = self.named()
        birth = date(1950, 1, 1) + timedelta(days=self.people // 400)
        order = f"{100 + 2 * (self.people % 400) + self.names % 2}"
        return {
            "name": name,
            "relationship": relationship,
            "identity_number": number(f"{birth:%Y%m%d}", order),
        }

    def do(self, what: str, house: House, path: str, **body: Any) -> bool:
        """Change a household's people, in a way that can be undone; tell whether it was done."""
        before = self.now()
        done = self.attempt(what, house, path, **body)
        if done and what != "undo":
            change = self.wait(house.changes())[-1]
            self.undoable.append(Change(what, house, change["id"], before, self.now()))
        return done

    def attempt(self, what: str, house: House, path: str, **body: Any) -> bool:
        """Do something to a household; tell whether it was done, and see that nothing happened where it was refused."""
        self.registry.clock.moment += _STEP
        before = self.now()
        answer = self.wait(house.send(path, **body))
        if not answer.is_success:
            assert answer.json()["code"] in _REFUSALS, answer.text
            self.look()
            assert self.now() == before
            return False
        self.done[what] += 1
        if "counterpart" in answer.json():
            known = {each.view["id"] for each in self.houses}
            if answer.json()["counterpart"]["id"] not in known:
                self.houses.append(House(self.county, answer.json()["counterpart"]))
        self.look()
        for each in self.houses:
            old = before.get(each.view["id"])
            # A version more where something changed, and none where nothing did.
            assert old is None or (each.view["version"] > old["version"]) == (
                facts(each.view) != facts(old)
            ), what
        return True

    def now(self) -> dict[str, View]:
        return {each.view["id"]: each.view for each in self.houses}

    def look(self) -> None:
        for house in self.houses:
            self.wait(house.look())
            self.shown.append((self.registry.clock.moment, house.view))

    @property
    def today(self) -> str:
        return self.registry.clock.moment.date().isoformat()

    @invariant()
    def has_one_head(self) -> None:
        for house in self.houses:
            heads = [each["name"] for each in present(house.view) if each["relationship"] == "head"]
            assert len(heads) == bool(present(house.view))
            assert (house.view["head_name"], house.view["member_count"]) == (
                heads[0] if heads else None,
                len(present(house.view)),
            )

    @invariant()
    def belongs_once(self) -> None:
        """Whoever lives belongs to one household, and it holds the number; of the dead the last one does."""
        holders = [
            member
            for house in self.houses
            for member in house.view["members"]
            if member["identity_number"]
            and (member["left_on"] is None or member["leave_reason"] in AWAY | {"death"})
        ]
        assert len({member["identity_number"] for member in holders}) == len(holders)
        assert sorted(member["id"] for member in holders) == self.wait(self.held())

    @invariant()
    def leaves_nobody_behind(self) -> None:
        for house in self.houses:
            assert not (house.view["merged_into"] and present(house.view) + away(house.view))

    @invariant()
    def has_told(self) -> None:
        """The newest event of each household says what its view shows."""
        told = {
            event["subject"]: event["data"]
            for event in self.wait(self.new_events())
            if "members" in event["data"]
        }
        for house in self.houses:
            if state := told.get(house.view["id"]):
                shown = {m["id"]: (m["name"], m["relationship"], m["left_on"]) for m in house.view["members"]}
                said = {m["id"]: (m["name"], m["relationship"], m["left_on"]) for m in state["members"]}
                assert (said, state["version"]) == (shown, house.view["version"])
                assert state["merged_into"] == house.view["merged_into"]

    async def held(self) -> list[str]:
        households = [UUID(house.view["id"]) for house in self.houses]
        wanted = select(PersonNumber.member_id).where(col(PersonNumber.household_id).in_(households))
        async with self.registry.database.reading(system("tests")) as db:
            return sorted(str(member) for member in await db.all(wanted))

    async def new_events(self) -> list[View]:
        async with self.registry.database.reading(system("tests")) as db:
            wanted = text("SELECT id, body FROM outbox WHERE id > :last ORDER BY id")
            rows = await db.rows(wanted, {"last": self.last_event})
        self.last_event = max([self.last_event, *[row.id for row in rows]])
        return [event for row in rows for event in orjson.loads(row.body)]

    def teardown(self) -> None:
        """What was shown at a moment is shown as of then until the next step; history leads to what is shown now."""
        self.registry.clock.moment += _STEP
        known: set[str] = set()
        for place, (moment, view) in enumerate(self.shown):
            if view["id"] not in known:
                known.add(view["id"])
                assert (
                    self.wait(self.as_of(moment - _INSTANT, view["id"])).status_code == httpx.codes.NOT_FOUND
                )
            if place % self.every == 0:
                for then in (moment, moment + _STEP - _INSTANT):
                    assert self.wait(self.as_of(then, view["id"])).json() == view
        for house in self.houses:
            self.wait(self.replay(house.view))
            self.wait(self.tell(house.view))

    async def as_of(self, moment: datetime, household: str) -> httpx.Response:
        return await self.county.get(f"/households/{household}", params={"as_of": moment.isoformat()})

    async def tell(self, view: View) -> None:
        """Whatever happened is told in words: no chapter is empty, and nothing goes by its id."""
        story = (await self.county.get(f"/households/{view['id']}/story", params={"limit": 200})).json()
        assert story["next"] is None
        assert all(chapter["words"] for chapter in story["items"])
        told = [words for chapter in story["items"] for words in chapter["words"]]
        untold = [words for words in told if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|None|_", words)]
        assert not untold, untold

    async def replay(self, view: View) -> None:
        """Follow the history's fields from nothing on: they lead to each field that is shown."""
        lines: list[View] = (await self.county.get(f"/households/{view['id']}/history")).json()
        tables: dict[str, dict[str, View]] = {"household": {}, "member": {}, "income": {}}
        for line in lines:
            rows = tables.setdefault(line["what"], {})
            if line["kind"] == "deleted":
                del rows[line["row_id"]]
                continue
            assert (line["row_id"] in rows) == (line["kind"] == "changed")
            row = rows.setdefault(line["row_id"], {})
            for name, (before, after) in line["fields"].items():
                assert before in (row.get(name), _HIDDEN)
                row[name] = after
        _expect_shown([view], list(tables["household"].values()), "id")
        _expect_shown(view["members"], list(tables["member"].values()), "id")
        _expect_shown(view["incomes"], list(tables["income"].values()), "year")


def _expect_shown(shown: list[View], told: list[View], key: str) -> None:
    by_key = {row[key]: row for row in told}
    assert by_key.keys() == {each[key] for each in shown}
    for each in shown:
        row = by_key[each[key]]
        for name in each.keys() - _MADE_UP:
            value = row.get(name)
            assert value == _HIDDEN or _plain(value) == _plain(each[name]), name


def _plain(value: Any) -> Any:
    """Let amounts be compared: a row has numbers where an answer has decimals as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return float(value)
    return value
