"""Help that is late: contact, plan and measures marked and told once a tagging, over weekends and holidays."""

from __future__ import annotations

from collections import Counter
from datetime import date

from services.monitoring.gaps.job import mark_late
from shared.identity.principal import system
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.journey import measure_done, monitored
from tests.services.monitoring.test_gaps import gap, tagged


async def told(scene: Scene) -> list[tuple[str, str, str]]:
    events = [event for event in await outbox_of(scene.service) if "help_overdue" in event["type"]]
    return [(event["data"]["duty"], event["data"]["due_on"], event["data"]["overdue_on"]) for event in events]


async def test_late_help_is_marked_and_told_once_over_the_weekend(scene: Scene) -> None:
    home = await scene.known(household())
    await monitored(scene, home.id)
    # Tagged on the Dragon Boat holiday, Monday the 14th: five working days end on the 21st, ten on the 28th.
    marks: dict[int, int] = {}
    for day in (21, 22, 26, 28, 29):
        scene.go_to(2021, 6, day)
        marks[day] = await mark_late(scene.service.database)
        assert await mark_late(scene.service.database) == 0, "each mark once"
    assert marks == {21: 0, 22: 1, 26: 0, 28: 0, 29: 2}
    assert await told(scene) == [
        ("contact", "2021-06-21", "2021-06-22"),
        ("plan", "2021-06-28", "2021-06-29"),
        ("measures", "2021-06-28", "2021-06-29"),
    ]
    found = await gap(scene, late="measures")
    assert found is not None
    assert {each["duty"] for each in found["late"]} == {"contact", "plan", "measures"}


async def test_the_limits_count_over_the_long_holiday(scene: Scene) -> None:
    scene.go_to(2021, 9, 20)
    home = await scene.known(household())
    await monitored(scene, home.id)
    # Tagged on Friday the 24th; Sunday the 26th and Saturday the 9th of October are worked, the first week is not.
    assert await mark_late_on(scene, date(2021, 10, 13)) == 1
    assert await mark_late_on(scene, date(2021, 10, 14)) == 2
    assert await told(scene) == [
        ("contact", "2021-09-30", "2021-10-01"),
        ("plan", "2021-10-13", "2021-10-14"),
        ("measures", "2021-10-13", "2021-10-14"),
    ]


async def mark_late_on(scene: Scene, day: date) -> int:
    scene.go_to(day.year, day.month, day.day)
    return await mark_late(scene.service.database)


async def test_what_came_in_time_or_is_excused_is_not_marked(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    await scene.village.post(f"{thing}/plans", json=forms.PLAN)
    reason = {"risk_type": "illness", "reason": "住院治疗中", "until_on": "2021-07-10"}
    await scene.village.post(f"{thing}/reasons", json=reason)
    assert await mark_late_on(scene, date(2021, 7, 10)) == 0
    # The reason has lapsed: the limit of the measures was over long ago.
    assert await mark_late_on(scene, date(2021, 7, 11)) == 1
    assert await told(scene) == [("measures", "2021-06-28", "2021-06-29")]


async def test_a_further_risk_asks_for_a_new_plan_and_a_measure_of_its_own(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    await scene.village.post(f"{thing}/plans", json=forms.PLAN)
    await measure_done(scene, thing)
    scene.go_to(2021, 8, 2)
    await move(scene.town, f"{thing}/risks", {"risk_type": "schooling", "cause": "考上大学"})
    found = await gap(scene)
    assert found is not None
    assert (found["risks_without_measure"], found["needs_plan"]) == (["schooling"], True)
    assert await mark_late_on(scene, date(2021, 8, 16)) == 0
    assert await mark_late_on(scene, date(2021, 8, 17)) == 2


async def test_three_hundred_late_households_take_a_handful_of_statements(scene: Scene) -> None:
    homes = [household(number=str(n), members=()) for n in range(300)]
    await scene.known(*homes)
    async with scene.service.database.writing(system("tests")) as db:
        for home in homes:
            db.add(*[each for part in tagged(home.id, ["illness"]) for each in part])
    scene.go_to(2021, 7, 20)
    async with scene.service.statements() as sent:
        assert await mark_late(scene.service.database) == 900
    assert len(sent) <= 40
    assert Counter(duty for duty, *_ in await told(scene)) == {"contact": 300, "plan": 300, "measures": 300}
