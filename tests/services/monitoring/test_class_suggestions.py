"""The suggestion that one statement makes for a village, held to a reading of each household by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from services.monitoring.classes.rules import Condition, class_set
from services.monitoring.classes.suggestions import suggestions
from shared.contracts.household import HouseholdRegistered, MemberState
from shared.domain.income_line import income_line
from shared.identity.principal import system
from tests.services.monitoring.conftest import OTHER_VILLAGE, VILLAGE, Scene, household, member
from tests.services.monitoring.journey import eliminated, monitored


def suggested(known: HouseholdRegistered, *, line: Decimal, told: set[str]) -> tuple[str, list[str]]:
    """Read the rules for one household, condition by condition; ``told`` is what only monitoring knows."""
    rule = class_set(known.division_code, PAST_DAY)
    facts = set(facts_of(known)) | told
    for each in rule.classes:
        held = [one.id for one in each.conditions if holds(one, known.income_per_capita, line, facts)]
        if held:
            return each.support_class, held
    return rule.otherwise.support_class, [rule.otherwise.id]


def holds(condition: Condition, income: Decimal | None, line: Decimal, facts: set[str]) -> bool:
    if condition.income_below is not None:
        return income is not None and income < line * condition.income_below
    return bool(set(condition.facts) & facts)


def facts_of(known: HouseholdRegistered) -> Iterator[str]:
    members = [each for each in known.members if each.left_on is None]
    labour = [each.labour for each in members if each.labour is not None]
    said = {
        "minimum_living": known.minimum_living,
        "destitute": known.destitute,
        "income_unknown": known.income_per_capita is None,
        "unsafe_housing": known.housing_grade in {"C", "D"},
        "unsafe_water": known.water_safe is False,
        "uninsured": any(each.medical_insurance is False for each in members),
        "dropped_out": any(each.school_status == "dropped_out" for each in members),
        "serious_illness": any("serious" in each.health for each in members),
        "severely_disabled": any(each.disability_grade in {"1", "2"} for each in members),
        "no_labour": bool(labour) and not {"ordinary", "skilled", "weak"} & set(labour),
    }
    yield from (name for name, is_so in said.items() if is_so)


PAST_DAY = date(2021, 6, 10)


def drawn(dice: random.Random, n: int) -> HouseholdRegistered:
    """Return a lifted household of which anything may be known or not."""
    rarely: list[Any] = [None] * 6

    def person() -> MemberState:
        return member(
            "某人",
            "1980-03-01",
            labour=dice.choice([None, "ordinary", "skilled", "weak", "lost", "none"]),
            health=dice.choice([(), (), (), ("serious",), ("chronic",), ("healthy",)]),
            disability_grade=dice.choice([*rarely, "1", "2", "3"]),
            school_status=dice.choice([*rarely, "primary", "dropped_out"]),
            medical_insurance=dice.choice([None, True, True, True, True, True, False]),
            left_on=dice.choice([*rarely, "2021-01-01"]),
        )

    head = member("户主", "1970-01-01", relationship="head", labour=dice.choice([None, "ordinary", "none"]))
    return household(
        number=f"{n:016}",
        kind="lifted",
        lifted_year=2016,
        members=(head, *(person() for _ in range(dice.randint(0, 3)))),
        minimum_living=dice.random() < 0.2,
        destitute=dice.random() < 0.05,
        housing_grade=dice.choice([None, "A", "A", "B", "C", "D"]) if dice.random() < 0.4 else "A",
        water_safe=dice.choice([None, True, True, True, False]),
        income_per_capita=dice.choice([None, "7199.99", "7200.00", "11999.99", "12000.00", "15000", "9000"]),
    )


async def test_one_statement_suggests_what_each_household_by_itself_would_get(scene: Scene) -> None:
    dice = random.Random(20210610)
    homes = [drawn(dice, n) for n in range(250)]
    await scene.known(*homes)
    told = [home for home in homes if dice.random() < 0.1]
    for home in told:
        await scene.clue(home.id)
    # Not asked about: general, elsewhere, empty, under watch.
    watched = household(kind="lifted", lifted_year=2016)
    gone = household(kind="lifted", members=(member("旧户主", "1950-01-01", left_on="2021-01-01"),))
    await scene.known(household(), household(OTHER_VILLAGE, kind="lifted"), gone, watched)
    await monitored(scene, watched.id)
    async with scene.service.database.reading(system("tests")) as db, scene.service.statements() as sent:
        found = await suggestions(db, VILLAGE, year=2021, on=PAST_DAY)
    assert len([each for each in sent if "set_config" not in each]) == 1
    line = income_line(VILLAGE, PAST_DAY).amount
    told_ids = {home.id for home in told}
    wanted = {
        home.id: suggested(home, line=line, told={"clue_open"} if home.id in told_ids else set())
        for home in homes
    }
    assert {each.household_id: (each.support_class, list(each.reasons)) for each in found} == wanted
    # The draw leaves no class and no condition untried.
    assert {support_class for support_class, _ in wanted.values()} == {"guided", "developed", "consolidated"}
    rule = class_set(VILLAGE, PAST_DAY)
    tried = {reason for _, reasons in wanted.values() for reason in reasons}
    assert tried == {one.id for each in rule.classes for one in each.conditions} - {"risk_eliminated"} | {
        "steady"
    }


async def test_whose_risk_was_eliminated_is_consolidated(scene: Scene) -> None:
    home = await scene.known(household(kind="lifted", lifted_year=2016, income_per_capita="20000"))
    await eliminated(scene, await monitored(scene, home.id))
    async with scene.service.database.reading(system("tests")) as db:
        (found,) = await suggestions(db, VILLAGE, year=2021, on=PAST_DAY, household_id=home.id)
    assert (found.support_class, found.reasons) == ("consolidated", ["risk_eliminated"])
    assert found.facts["facts"] == ["serious_illness", "risk_eliminated"]
