"""Whatever is edited, the past can be read as it was shown then, and history tells the whole way to the present."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.domain.codes import code_lists
from tests.clients import ServiceUnderTest
from tests.services.household.test_household_life import Life, live
from tests.services.household.watching import View, present


def _one_of(name: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from([each.code for each in code_lists()[name].codes])


def _some_of(name: str) -> st.SearchStrategy[list[str]]:
    codes = [each.code for each in code_lists()[name].codes]
    return st.lists(st.sampled_from(codes), max_size=3, unique=True)


_HOUSEHOLD = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["general", "lifted"]),
        "phone": st.none() | st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
        "bank_account": st.none() | st.from_regex(r"\A62[0-9]{14}\Z"),
        "minimum_living": st.booleans(),
        "main_cause": _one_of("main_cause"),
        "other_causes": _some_of("main_cause"),
        "housing_grade": _one_of("housing_grade"),
        "housing_area": st.none() | st.decimals(0, 500, places=2).map(str),
        "lifted_year": st.none() | st.integers(2014, 2020),
        "water_safe": st.none() | st.booleans(),
    },
)
_MEMBER = st.fixed_dictionaries(
    {},
    optional={
        "mobile": st.none() | st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
        "education": _one_of("education"),
        "health": _some_of("health"),
        "work_months": st.none() | st.integers(0, 12),
        "mandarin": st.none() | st.booleans(),
    },
)


class EditedLife(Life):
    """Lives in which people correct what they entered, state incomes and name officials, between whatever happens."""

    every: ClassVar[int] = 1

    def let_go(self, what: str, data: st.DataObject, reason: str) -> None:
        """Let few people go: households without any would leave nothing to edit."""
        if data.draw(st.integers(0, 3)) == 0:
            super().let_go(what, data, reason)

    @rule(data=st.data(), facts=_HOUSEHOLD)
    def edit_household(self, data: st.DataObject, facts: View) -> None:
        if house := self.house(data):
            # Never said before: an edit always changes something.
            self.attempt("edit", house, "", method="PATCH", address=f"{self.named()}家", **facts)

    @rule(data=st.data(), facts=_MEMBER, leads=st.booleans())
    def edit_member(self, data: st.DataObject, facts: View, *, leads: bool) -> None:
        if house := self.house(data):
            member = data.draw(st.sampled_from(present(house.view)))["id"]
            said = facts | {"name": self.named()} | ({"relationship": "head"} if leads else {})
            self.attempt("edit_member", house, f"/members/{member}", method="PATCH", **said)

    @rule(data=st.data(), year=st.integers(2019, 2021), lines=st.booleans(), mistaken=st.booleans())
    def state_income(self, data: st.DataObject, year: int, *, lines: bool, mistaken: bool) -> None:
        if house := self.house(data):
            self.named()
            wage = f"{1000 * self.names}.50"
            said = {"lines": [{"kind": "wage_outside", "amount": wage}]} if lines else {"wage": wage}
            self.attempt("state_income", house, "/incomes", year=year, **said)
            if mistaken:
                self.attempt("withdraw_income", house, f"/incomes/{year}/withdrawal")

    @precondition(lambda self: any(house.view["incomes"] for house in self.houses))
    @rule(data=st.data())
    def withdraw_income(self, data: st.DataObject) -> None:
        if house := self.house(data, lambda view: view["incomes"]):
            year = data.draw(st.sampled_from(house.view["incomes"]))["year"]
            self.attempt("withdraw_income", house, f"/incomes/{year}/withdrawal")

    @rule(data=st.data(), phone=st.none() | st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
    def name_official(self, data: st.DataObject, phone: str | None) -> None:
        if house := self.house(data):
            if house.view["kind"] != "lifted":
                self.attempt("edit", house, "", method="PATCH", kind="lifted")
            official = {"name": self.named(), "unit": "县医保局", "phone": phone}
            self.attempt("name_official", house, "/responsible-official", **official)


WAYS = {"edit", "edit_member", "state_income", "withdraw_income", "name_official", "arrive", "depart", "undo"}


@pytest.mark.timeout(300)
async def test_the_past_stays_as_it_was_shown(registry: ServiceUnderTest) -> None:
    await live(EditedLife, registry, ways=WAYS, examples=50, random=False)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_the_past_of_many_stays_as_it_was_shown(registry: ServiceUnderTest) -> None:
    await live(EditedLife, registry, ways=WAYS, examples=200, random=True)
