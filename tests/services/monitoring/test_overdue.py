"""Limits that act by themselves: marked, told, and gone up, over weekends and holidays, once each."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from services.monitoring.overdue.job import act_on_limits
from services.monitoring.overdue.rules import RuleSet, rule_sets
from shared.domain.dated import in_force
from shared.domain.level import Level
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, TOWN, Scene, household, move
from tests.services.monitoring.journey import eliminated, measure_done, monitored, open_case, walk


async def act(scene: Scene, day: date) -> int:
    """Let the job run in the morning of a day."""
    scene.go_to(day.year, day.month, day.day)
    return await act_on_limits(scene.service.database)


async def objects_late(scene: Scene, day: date) -> int:
    """Let the job run in the morning of a day; return of how many objects it told."""
    before = (await told(scene))["object_overdue"]
    await act(scene, day)
    return (await told(scene))["object_overdue"] - before


async def told(scene: Scene) -> Counter[str]:
    kinds = [str(event["type"]).split(".")[1] for event in await outbox_of(scene.service)]
    return Counter(kind for kind in kinds if kind.endswith("overdue"))


async def test_a_clue_that_nobody_touches_goes_up_on_the_right_days(scene: Scene) -> None:
    home = await scene.known(household())
    address = f"/clues/{(await scene.clue(home.id))['clue_id']}"
    # Told on Thursday; five working days over the Dragon Boat holiday end on Friday the 18th.
    levels: dict[date, tuple[Any, ...]] = {}
    day = date(2021, 6, 17)
    while day <= date(2021, 6, 25):
        await act(scene, day)
        assert await act(scene, day) == 0, "each mark once"
        shown = (await scene.county.get(address)).json()
        levels[day] = (shown["level"], shown["overdue_on"])
        day += timedelta(days=1)
    assert levels == {
        date(2021, 6, 17): ("village", None),
        date(2021, 6, 18): ("village", None),
        # A weekend: overdue, but no working day has passed.
        date(2021, 6, 19): ("village", "2021-06-19"),
        date(2021, 6, 20): ("village", "2021-06-19"),
        date(2021, 6, 21): ("town", "2021-06-19"),
        date(2021, 6, 22): ("town", "2021-06-19"),
        date(2021, 6, 23): ("county", "2021-06-19"),
        date(2021, 6, 24): ("county", "2021-06-19"),
        date(2021, 6, 25): ("county", "2021-06-19"),
    }
    assert await told(scene) == {"clue_overdue": 3}
    listed = (await scene.county.get("/clues?level=county&overdue=true")).json()["items"]
    assert [f"/clues/{each['id']}" for each in listed] == [address]


async def test_after_a_standstill_it_goes_where_it_belongs_at_once(scene: Scene) -> None:
    home = await scene.known(household())
    address = f"/clues/{(await scene.clue(home.id))['clue_id']}"
    await act(scene, date(2021, 7, 20))
    shown = (await scene.county.get(address)).json()
    assert (shown["level"], shown["overdue_on"], shown["escalated_on"]) == (
        "county",
        "2021-06-19",
        "2021-07-20",
    )


async def test_what_is_settled_in_time_is_left_alone(scene: Scene) -> None:
    home = await scene.known(household())
    address = f"/clues/{(await scene.clue(home.id))['clue_id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "已报销"})
    await move(scene.town, f"{address}/dismissal/confirmation")
    assert await act(scene, date(2021, 7, 20)) == 0


async def test_a_step_of_identification_goes_up_and_the_next_one_begins_anew(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    # Consent within two working days: until Tuesday the 15th, after the holiday.
    await act(scene, date(2021, 6, 16))
    shown = (await scene.county.get(case)).json()
    assert (shown["level"], shown["overdue_on"]) == ("town", "2021-06-16")
    await act(scene, date(2021, 6, 17))
    assert (await scene.county.get(case)).json()["level"] == "county"
    shown = await move(scene.village, f"{case}/consent", forms.CONSENT)
    assert (shown["level"], shown["overdue_on"], shown["escalated_on"]) == ("village", None, None)
    assert await act(scene, date(2021, 6, 18)) == 0
    assert await told(scene) == {"case_overdue": 3}


@pytest.mark.parametrize(
    ("until", "level"),
    [
        ("household-check", Level.VILLAGE),
        ("data-check", Level.COUNTY),
        ("deliberation", Level.VILLAGE),
        ("town-review", Level.TOWN),
        ("joint-check", Level.COUNTY),
        ("county-approval", Level.COUNTY),
    ],
)
async def test_a_step_lies_at_the_table_of_whose_it_is(scene: Scene, until: str, level: Level) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    shown = await walk(scene, case, until=until)
    assert shown["level"] == level
    await act(scene, date(2021, 8, 2))
    assert (await scene.county.get(case)).json()["level"] == "county"


async def test_an_elimination_that_nobody_decides_goes_up_after_its_limit(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    shown = await move(scene.village, f"{thing}/elimination", forms.STABLE)
    # Twenty working days from Monday on, over New Year, which is three days long.
    assert (shown["due_on"], shown["level"]) == ("2022-01-18", "village")
    levels: dict[int, tuple[Any, ...]] = {}
    for day in range(17, 25):
        await objects_late(scene, date(2022, 1, day))
        assert await objects_late(scene, date(2022, 1, day)) == 0, "each mark once"
        shown = (await scene.county.get(thing)).json()
        levels[day] = (shown["level"], shown["overdue_on"])
    late = "2022-01-19"
    assert levels == {
        **dict.fromkeys((17, 18), ("village", None)),
        **dict.fromkeys((19, 20), ("town", late)),
        **dict.fromkeys((21, 22, 23, 24), ("county", late)),
    }
    assert (await told(scene))["object_overdue"] == 3
    for query, found in (("overdue=true", 1), ("level=county", 1), ("level=town", 0), ("overdue=false", 0)):
        assert len((await scene.county.get(f"/monitored?{query}")).json()["items"]) == found, query
    # The village's vote does not take it off the county's table; what is decided lies at nobody's.
    shown = await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    assert (shown["level"], shown["overdue_on"]) == ("county", late)
    shown = await move(scene.town, f"{thing}/elimination/return", {"reason": "材料过时，重新核实"})
    assert (shown["level"], shown["due_on"], shown["overdue_on"]) == ("village", None, None)


async def test_an_elimination_lies_at_the_table_of_whose_turn_it_is(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    found = []
    for who, step, form in (
        (scene.village, "elimination", forms.STABLE),
        (scene.village, "elimination/deliberation", forms.GONE),
        (scene.town, "elimination/review", forms.REVIEW),
        (scene.county, "elimination/approval", forms.APPROVAL),
    ):
        shown = await move(who, f"{thing}/{step}", form)
        found.append((shown["level"], shown["due_on"]))
    due = "2022-01-18"
    assert found == [("village", due), ("town", due), ("county", due), ("village", None)]


async def test_a_candidate_that_nobody_verifies_goes_up_and_so_does_what_nobody_confirms(
    scene: Scene,
) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    scene.go_to(2022, 1, 27)
    receipt = await scene.clue(home.id)
    await move(scene.village, f"/clues/{receipt['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    shown = (await scene.county.get(thing)).json()
    # Five working days: Friday, the weekend that makes up for the Spring Festival, and two after it.
    assert (shown["status"], shown["level"], shown["due_on"]) == ("retag_candidate", "town", "2022-02-08")
    assert await objects_late(scene, date(2022, 2, 8)) == 0
    await objects_late(scene, date(2022, 2, 9))
    shown = (await scene.county.get(thing)).json()
    assert (shown["level"], shown["overdue_on"]) == ("town", "2022-02-09")
    await objects_late(scene, date(2022, 2, 11))
    assert (await scene.county.get(thing)).json()["level"] == "county"
    back = {"risk_type": "illness", "cause": "复发", "clue_id": receipt["clue_id"]}
    shown = await move(scene.town, f"{thing}/retagging", back)
    assert (shown["level"], shown["due_on"], shown["overdue_on"]) == ("county", "2022-02-18", None)
    assert await objects_late(scene, date(2022, 2, 19)) == 1
    assert (await told(scene))["object_overdue"] == 3
    shown = await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert (shown["status"], shown["due_on"], shown["overdue_on"]) == ("monitored", None, None)


async def test_a_closure_that_nobody_decides_is_overdue_whatever_else_was_decided_meanwhile(
    scene: Scene,
) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    scene.go_to(2021, 12, 29)
    # What is under way already keeps its limit; after it the closure's own holds, from its proposal over New Year.
    shown = await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    assert (shown["level"], shown["due_on"]) == ("village", "2022-01-18")
    shown = await move(scene.town, f"{thing}/elimination/return", {"reason": "已提出清退"})
    assert (shown["level"], shown["due_on"]) == ("county", "2022-01-06")
    assert await objects_late(scene, date(2022, 1, 6)) == 0
    assert await objects_late(scene, date(2022, 1, 7)) == 1
    shown = await move(scene.county, f"{thing}/closure/return", {"reason": "仍在本村"})
    assert (shown["closing_on"], shown["due_on"], shown["overdue_on"]) == (None, None, None)


async def test_a_candidate_that_is_none_is_waited_for_no_more(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    receipt = await scene.clue(home.id)
    await move(scene.village, f"/clues/{receipt['clue_id']}/dismissal", {"reason": "已报销"})
    await move(scene.town, f"/clues/{receipt['clue_id']}/dismissal/confirmation")
    shown = (await scene.county.get(thing)).json()
    assert (shown["status"], shown["due_on"]) == ("eliminated", None)


async def test_three_hundred_overdue_clues_take_a_handful_of_statements(scene: Scene) -> None:
    homes = [household(number=str(n)) for n in range(300)]
    await scene.known(*homes)
    for home in homes:
        await scene.clue(home.id)
    scene.go_to(2021, 7, 20)
    async with scene.service.statements() as sent:
        assert await act_on_limits(scene.service.database) == 600
    assert len(sent) <= 40
    assert await told(scene) == {"clue_overdue": 600}


@pytest.mark.check
def test_the_newest_rule_of_each_place_holds() -> None:
    pace = {"town": 1, "county": 2}
    rule = {
        "version": "a",
        "from": "2021-01-01",
        "source": "x",
        "clue": pace,
        "case": pace,
        "monitored": pace,
        "follow_up": pace,
    }
    sets = tuple(
        RuleSet.model_validate(rule | changes)
        for changes in (
            {},
            {"version": "b", "from": "2022-01-01"},
            {"version": "town", "area": TOWN},
            {"version": "county", "area": COUNTY},
        )
    )
    on = {day: [each.version for each in in_force(sets, date(day, 6, 1))] for day in (2021, 2022)}
    assert on == {2021: ["a", "county", "town"], 2022: ["b", "county", "town"]}
    assert all(each.source for each in rule_sets())


async def test_a_nearer_rule_wins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"town": 20, "county": 40}
    rule = {
        "version": "slow",
        "area": TOWN,
        "from": "2021-01-01",
        "source": "x",
        "clue": slow,
        "case": slow,
        "monitored": slow,
        "follow_up": slow,
    }
    sets = (*rule_sets(), RuleSet.model_validate(rule))
    monkeypatch.setattr("services.monitoring.overdue.job.rule_sets", lambda: sets)
    here, there = household(), household(OTHER_VILLAGE)
    await scene.known(here, there)
    own, far = await scene.clue(here.id), await scene.clue(there.id, scene.county)
    await act(scene, date(2021, 6, 25))
    levels = [(await scene.county.get(f"/clues/{each['clue_id']}")).json()["level"] for each in (own, far)]
    assert levels == ["village", "county"]
