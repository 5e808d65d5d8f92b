"""What must hold of households whatever happens to them: a state machine without its rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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

from services.household.households.model import Household, Member, PersonNumber
from services.household.households.rules import AWAY
from shared.database.history import story
from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.services.household.changing import House
from tests.services.household.conftest import COUNTY, number
from tests.services.household.test_natural_changes import facts

T = TypeVar("T")
View = dict[str, Any]

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

    def __init__(self) -> None:
        super().__init__()
        # Signed anew for each life: a caller's identity does not live long.
        self.county: httpx.AsyncClient = self.wait(self.registry.caller("county_officer", COUNTY))
        self.houses: list[House] = []
        #: Every view ever shown, with the moment at which it held.
        self.shown: list[tuple[str, View]] = []
        self.undoable: list[Change] = []
        self.last_event = 0
        self.names = 0

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def born(self, relationship: str) -> View:
        """Somebody new: called and sexed as in every telling of this life, with a number that was never drawn."""
        type(self).people += 1
        self.names += 1
        birth = date(1950, 1, 1) + timedelta(days=self.people // 400)
        order = f"{100 + 2 * (self.people % 400) + self.names % 2}"
        name = f"王{str(self.names).translate(_DIGITS)}"
        return {
            "name": name,
            "relationship": relationship,
            "identity_number": number(f"{birth:%Y%m%d}", order),
        }

    def do(self, what: str, house: House, path: str, **body: Any) -> bool:
        """Do something to a household; tell whether it was done, and see that nothing happened where it was refused."""
        self.registry.clock.moment += timedelta(minutes=1)
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
        if what != "undo":
            change = self.wait(house.changes())[-1]
            self.undoable.append(Change(what, house, change["id"], before, self.now()))
        return True

    def now(self) -> dict[str, View]:
        return {each.view["id"]: each.view for each in self.houses}

    def look(self) -> None:
        for house in self.houses:
            self.wait(house.look())
            self.shown.append((self.registry.clock.moment.isoformat(), house.view))

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
        """Every view that was ever shown can be read again, and the story leads to the present one."""
        for moment, view in self.shown[:: max(1, len(self.shown) // 12)]:
            past = self.wait(self.county.get(f"/households/{view['id']}", params={"as_of": moment}))
            assert past.json() == view
        for house in self.houses:
            self.wait(self.replay(house.view))

    async def replay(self, view: View) -> None:
        async with self.registry.database.reading(system("tests")) as db:
            steps = story(await db.history(UUID(view["id"]), Household, Member))
        rows: dict[str, View] = {}
        for step in steps:
            row = rows.setdefault(str(step.row_id), {})
            row |= {name: after for name, (_, after) in step.fields.items()}
            if step.kind == "deleted":
                del rows[str(step.row_id)]
        household = rows.pop(view["id"])
        assert (household["head_name"], household["member_count"]) == (
            view["head_name"],
            view["member_count"],
        )
        named = ("name", "relationship", "joined_on", "left_on", "leave_reason")
        assert {key: [row.get(name) for name in named] for key, row in rows.items()} == {
            member["id"]: [member[name] for name in named] for member in view["members"]
        }
