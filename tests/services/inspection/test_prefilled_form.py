"""The form asks nothing that is already known (避免重复填表): counted over a few hundred households."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.inspection.checklists.catalog import checklist_of
from shared.contracts.household import HouseholdRegistered, HouseholdState, MemberState
from shared.contracts.monitoring import EpisodeState, HouseholdTagged
from shared.keys import uuid7
from tests.services.inspection.conftest import VILLAGE, Scene, household, member, visit

#: What is no fact about the household or its people, or is for machines only.
_NO_FACTS = {"id", "version", "members", "merged_into", "number_index", "left_on", "leave_reason"}
_PLACES, _SCHOOLS = ["town", "county", "province", "outside"], ["primary", "grade_7", "dropped_out"]


def drawn(draw: random.Random, number: int) -> HouseholdRegistered:
    """A household of which the registry knows more or less."""
    people = [
        member(
            f"村民{number}-{place}",
            f"{draw.randint(1940, 2016)}-0{draw.randint(1, 9)}-01",
            relationship="head" if place == 0 else "other",
            health=draw.choice([(), ("healthy",), ("chronic",)]),
            education=draw.choice([None, "primary", "junior"]),
            school_status=draw.choice([None, *_SCHOOLS]),
            labour=draw.choice([None, "ordinary", "weak", "none"]),
            work_place=draw.choice([None, *_PLACES]),
            work_months=draw.choice([None, 0, 6, 12]),
            medical_insurance=draw.choice([None, True, False]),
        )
        for place in range(draw.randint(1, 6))
    ]
    return household(
        VILLAGE,
        number=f"{number:016}",
        kind=draw.choice(["general", "lifted"]),
        lifted_year=draw.choice([None, 2018]),
        group_name=draw.choice([None, "东组"]),
        head_name=people[0].name,
        members=tuple(people),
        minimum_living=draw.random() < 0.2,
        destitute=draw.random() < 0.1,
        housing_grade=draw.choice([None, "A", "B", "C"]),
        water_safe=draw.choice([None, True, False]),
        income_year=draw.choice([None, 2020]),
        responsible_official=draw.choice([None, "赵敏"]),
    )


def tagged(home: HouseholdRegistered) -> HouseholdTagged:
    """The household as a monitored object."""
    episode = EpisodeState(id=uuid7(), risk_type="illness", tagged_on=date(2021, 1, 5), cause="大病")
    return HouseholdTagged(
        id=uuid7(),
        division_code=VILLAGE,
        version=1,
        household_id=home.id,
        category="marginal",
        status="monitored",
        contact="李梅",
        tagged_on=date(2021, 1, 5),
        eliminated_on=None,
        episodes=(episode,),
    )


def facts_of(state: HouseholdState | MemberState) -> Iterator[tuple[str, Any]]:
    """What is known: neither missing nor empty."""
    for name, value in state.model_dump(mode="json").items():
        if name not in _NO_FACTS and value not in (None, [], ""):
            yield name, value


def asked_again(home: HouseholdRegistered, form: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    """Tell of each thing that is known whether the form asks for it all the same."""
    for name, value in facts_of(home):
        yield form.get(name, form["facts"].get(name)) != value, name
    members = {each["id"]: each for each in form["members"]}
    for person in home.members:
        for name, value in facts_of(person):
            yield members[str(person.id)].get(name) != value, f"member.{name}"
    people = {str(person.id): person.model_dump(mode="json") for person in home.members}
    for item in form["items"]:
        fact = checklist_of("2021").items[item["item"]].fact
        known = people[item["member_id"]] if item["member_id"] else home.model_dump(mode="json")
        if fact and known[fact] is not None:
            yield item["value"] != known[fact], f"{item['item']} {fact}"


async def test_the_form_asks_nothing_that_is_already_known(scene: Scene) -> None:
    draw = random.Random(2021)
    homes = [drawn(draw, number) for number in range(300)]
    await scene.add(*homes)
    watched = {home.id for home in homes if draw.random() < 0.2}
    await scene.service.tell(*(tagged(home) for home in homes if home.id in watched))
    # Some were visited: what nobody but the officer knew is known from then on.
    seen = {home.id for home in homes if draw.random() < 0.5}
    answers = [{"item": "A1-02", "member_id": "", "ok": True}, {"item": "A7-01", "ok": True}]
    for home in homes:
        if home.id in seen:
            answers[0]["member_id"] = str(home.members[0].id)
            assert (
                await scene.village.post(f"{scene.path}/visits", json=visit(home, answers=answers))
            ).is_success
    outcomes: list[tuple[bool, str]] = []
    for home in homes:
        form = (await scene.village.get(f"{scene.path}/visits/form?household_id={home.id}")).json()
        outcomes += asked_again(home, form)
        if home.id in watched:
            shown = form["monitored"]
            outcomes.append(((shown["category"], shown["contact"]) != ("marginal", "李梅"), "monitored"))
        if home.id in seen:
            answered = {
                item["item"]: item
                for item in form["items"]
                if item["member_id"] in {None, str(home.members[0].id)}
            }
            outcomes.append((answered["A1-02"]["value"] is not True, "A1-02 of the last visit"))
    again = [what for asked, what in outcomes if asked]
    print(f"\n{len(homes)} forms: {len(outcomes):,} fields known, {len(again)} asked again")  # noqa: T201 - the figure
    assert again == []
    assert len(outcomes) > 10_000
