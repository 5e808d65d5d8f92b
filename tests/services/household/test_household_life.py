"""Lives of households, drawn at random through the real API: the registry stays what it says it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.clients import ServiceUnderTest
from tests.services.household.changing import House
from tests.services.household.conftest import OTHER_VILLAGE, VILLAGE
from tests.services.household.test_natural_changes import facts
from tests.services.household.watching import View, Watched, away, people_of, present

_MOST_HOUSES = 4
WAYS = {"arrive", "depart", "leave", "lose", "return", "head", "split", "merge", "transfer", "undo"}


class Life(Watched):
    """Up to four households and what happens to their people."""

    def house(self, data: st.DataObject, fits: Callable[[View], object] = present) -> House | None:
        """Draw a household that fits."""
        fitting = [each for each in self.houses if fits(each.view)]
        return data.draw(st.sampled_from(range(len(fitting))).map(fitting.__getitem__)) if fitting else None

    def head_after(self, data: st.DataObject, house: House, leaving: set[str]) -> View:
        """Name a new head where the head leaves others behind, and who they all are to that one."""
        staying = [each for each in present(house.view) if each["id"] not in leaving]
        heads = [each for each in present(house.view) if each["relationship"] == "head"]
        if not staying or heads[0]["id"] not in leaving:
            return {}
        new = staying[data.draw(st.integers(0, len(staying) - 1))]
        others = {each["id"]: "other" for each in staying if each is not new}
        return {"new_head": {"member_id": new["id"], "relationships": others}}

    @initialize(sizes=st.lists(st.integers(1, 4), min_size=2, max_size=2))
    def register(self, sizes: list[int]) -> None:
        """Two households to begin with, in two villages."""
        for size, village in zip(sizes, (VILLAGE, OTHER_VILLAGE), strict=True):
            people = [self.born("other" if place else "head") for place in range(size)]
            self.houses.append(self.wait(House.of(self.county, *people, village=village)))
        self.look()

    @rule(data=st.data(), reason=st.sampled_from(["birth", "marriage_in", "moved_in"]))
    def arrive(self, data: st.DataObject, reason: str) -> None:
        house = self.house(data, lambda view: view["merged_into"] is None)
        if house:
            person = self.born("other" if present(house.view) else "head")
            if reason == "birth":
                del person["identity_number"]
                person["birth_date"] = self.today
            self.do("arrive", house, "/members", **person, join_reason=reason)

    @rule(data=st.data(), reason=st.sampled_from(["death", "moved_out"]))
    def depart(self, data: st.DataObject, reason: str) -> None:
        self.let_go("depart", data, reason)

    @rule(data=st.data(), reason=st.sampled_from(["army", "student", "missing"]))
    def take_leave(self, data: st.DataObject, reason: str) -> None:
        self.let_go("leave", data, reason)

    def let_go(self, what: str, data: st.DataObject, reason: str) -> None:
        house = self.house(data)
        if house:
            member = data.draw(st.sampled_from(present(house.view)))["id"]
            body = {"reason": reason, "on": self.today} | self.head_after(data, house, {member})
            self.do(what, house, f"/members/{member}/departure", **body)

    @precondition(lambda self: any(away(house.view) for house in self.houses))
    @rule(data=st.data(), dies=st.booleans())
    def end_leave(self, data: st.DataObject, *, dies: bool) -> None:
        house = self.house(data, away)
        if house:
            member = data.draw(st.sampled_from(away(house.view)))["id"]
            if dies:
                self.do("lose", house, f"/members/{member}/departure", reason="death", on=self.today)
                return
            relationship = "other" if present(house.view) else "head"
            body = {"reason": "discharged", "on": self.today, "relationship": relationship}
            self.do("return", house, f"/members/{member}/return", **body)

    @rule(data=st.data(), stated=st.booleans())
    def change_head(self, data: st.DataObject, *, stated: bool) -> None:
        house = self.house(data, lambda view: len(present(view)) > 1)
        if house:
            others = [each for each in present(house.view) if each["relationship"] != "head"]
            new = data.draw(st.sampled_from(others))
            said = {each["id"]: "other" for each in present(house.view) if each is not new} if stated else {}
            body = {"member_id": new["id"], "on": self.today, "relationships": said}
            self.do("head", house, "/head", **body)

    @precondition(lambda self: len(self.houses) < _MOST_HOUSES)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        house = self.house(data, lambda view: len(present(view)) > 1)
        if house:
            ids = [each["id"] for each in present(house.view)]
            going = data.draw(st.sets(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1))
            members = [
                {"member_id": each, "relationship": "other" if place else "head"}
                for place, each in enumerate(each for each in ids if each in going)
            ]
            body = {"members": members, "on": self.today} | self.head_after(data, house, going)
            self.do("split", house, "/split", **body)

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        into = self.house(data)
        merged = self.house(data, lambda view: present(view) and into and view["id"] != into.view["id"])
        if into and merged:
            members = [{"member_id": each["id"], "relationship": "other"} for each in present(merged.view)]
            form = {"into": into.view["id"], "merged": merged.view["id"], "members": members}
            self.do("merge", into, "/../merge", **form, on=self.today)

    @rule(data=st.data())
    def transfer(self, data: st.DataObject) -> None:
        here = self.house(data)
        there = self.house(
            data, lambda view: view["merged_into"] is None and here and view["id"] != here.view["id"]
        )
        if here and there:
            member = data.draw(st.sampled_from(present(here.view)))["id"]
            relationship = "other" if present(there.view) else "head"
            form = {"household_id": there.view["id"], "relationship": relationship, "on": self.today}
            body = form | self.head_after(data, here, {member})
            self.do("transfer", here, f"/members/{member}/transfer", **body)

    @precondition(lambda self: self.undoable)
    @rule(data=st.data(), newest=st.booleans())
    def undo(self, data: st.DataObject, *, newest: bool) -> None:
        last = len(self.undoable) - 1
        place = last if newest else data.draw(st.integers(0, last))
        change = self.undoable[place]
        people, after = people_of(self.now()), people_of(change.after)
        untouched = all(people.get(key) == after[key] for key in change.touched)
        alone = place == last and {key: facts(view) for key, view in self.now().items()} == {
            key: facts(view) for key, view in change.after.items()
        }
        done = self.do("undo", change.house, f"/changes/{change.id}/undo", reason="录入有误")
        if done:
            del self.undoable[place]
            assert untouched
            people, before = people_of(self.now()), people_of(change.before)
            assert all(people.get(key) == before.get(key) for key in change.touched)
        if alone and change.what != "split":
            # Nothing stands in the way, and all is as it was. (A household once founded may have lived in between.)
            assert done
            now = {key: facts(view) for key, view in self.now().items() if key in change.before}
            assert now == {key: facts(view) for key, view in change.before.items()}


async def live(
    machine: type[Watched], registry: ServiceUnderTest, *, ways: set[str], examples: int, random: bool
) -> None:
    """Run a machine beside this test's loop, on which the API answers; each of the ways must have been gone."""
    done: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    this = type("ThisLife", (machine,), {"registry": registry, "loop": loop, "done": done})
    drawn = settings(
        max_examples=examples,
        stateful_step_count=20,
        database=None,
        derandomize=not random,
        suppress_health_check=list(HealthCheck),
        # A life that went wrong is told as it was: a shorter one would take minutes to find.
        phases=[Phase.generate],
    )
    await asyncio.to_thread(partial(run_state_machine_as_test, this, settings=drawn))
    assert ways <= set(done), f"never done: {ways - set(done)}"


@pytest.mark.timeout(300)
async def test_whatever_happens_to_households(registry: ServiceUnderTest) -> None:
    await live(Life, registry, ways=WAYS, examples=40, random=False)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_whatever_happens_to_many_households(registry: ServiceUnderTest) -> None:
    await live(Life, registry, ways=WAYS, examples=300, random=True)
