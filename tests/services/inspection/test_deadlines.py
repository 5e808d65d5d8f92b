"""Deadlines that act: on which days by the real calendar, once, in sets, whoever looks or does not."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import text

from services.inspection.checklists.severity import Severity
from services.inspection.deadlines.job import act_on_deadlines
from services.inspection.deadlines.rules import RuleSet, last_due_soon, rule_sets
from shared.domain.dated import in_force
from shared.domain.working_days import last_overdue, working_days_between
from shared.identity.principal import system
from tests.clients import outbox_of
from tests.services.inspection.conftest import COUNTY, Scene, on
from tests.services.inspection.test_findings import DONE, PLAN, move, raised

#: Raised on 10 June, each with its deadline on the 15th; the 12th to 14th is 端午节.
WITHOUT_A_HAND = {
    "general": {
        "due_soon": "2021-06-10",
        "overdue": "2021-06-16",
        "town": "2021-06-17",
        "county": "2021-06-22",
    },
    "serious": {
        "due_soon": "2021-06-10",
        "overdue": "2021-06-16",
        "town": "2021-06-16",
        "county": "2021-06-18",
    },
    "critical": {
        "due_soon": "2021-06-10",
        "overdue": "2021-06-16",
        "town": "2021-06-16",
        "county": "2021-06-17",
    },
}


@pytest.mark.check
@given(today=st.dates(date(2020, 1, 5), date(2026, 12, 1)), days=st.integers(1, 12))
def test_the_days_on_which_a_deadline_acts_are_counted_in_working_days(today: date, days: int) -> None:
    soon, overdue = last_due_soon(today, days), last_overdue(today, days)
    assert working_days_between(today, soon) == days < working_days_between(today, soon + timedelta(40))
    assert working_days_between(today, soon + timedelta(1)) == days + 1
    assert working_days_between(overdue, today) >= days > working_days_between(overdue + timedelta(1), today)


@pytest.mark.check
@pytest.mark.parametrize(
    ("today", "days", "last"),
    [
        (date(2021, 6, 15), 1, date(2021, 6, 14)),
        (date(2021, 6, 14), 1, date(2021, 6, 10)),
        (date(2021, 6, 12), 1, date(2021, 6, 10)),
        (date(2021, 2, 7), 1, date(2021, 2, 6)),
        (date(2021, 2, 18), 2, date(2021, 2, 9)),
    ],
    ids=[
        "the first day after the Dragon Boat Festival",
        "its last day: nothing since the 11th",
        "its first day",
        "a Sunday that is worked for the Spring Festival",
        "the first day after the Spring Festival, the second since the 10th",
    ],
)
def test_holidays_do_not_press_anybody(today: date, days: int, last: date) -> None:
    assert last_overdue(today, days) == last


@pytest.mark.check
def test_the_newest_rule_of_the_nearest_place_holds() -> None:
    pace = {severity: {"due_soon": 1, "town": 1, "county": 2} for severity in Severity}

    def rules(version: str, area: str | None, since: date) -> RuleSet:
        return RuleSet.model_validate(
            {"version": version, "area": area, "from": since, "source": "…", "severities": pace}
        )

    sets = (
        rules("nation", None, date(2021, 1, 1)),
        rules("nation again", None, date(2022, 1, 1)),
        rules("anhui", "340000000000", date(2021, 6, 1)),
        rules("next year", COUNTY, date(2022, 6, 1)),
    )
    held = [each.version for each in in_force(sorted(sets, key=lambda s: s.valid_from), date(2022, 3, 1))]
    assert held == ["nation again", "anhui"]
    for each in rule_sets():
        assert each.severities.keys() == set(Severity), "each severity has its pace"
        assert all(pace.town <= pace.county for pace in each.severities.values())


@pytest.mark.parametrize("severity", WITHOUT_A_HAND)
async def test_a_finding_that_nobody_touches_is_told_marked_and_escalated_on_the_right_days(
    scene: Scene, severity: str
) -> None:
    finding = await raised(scene, severity=severity, deadline_on="2021-06-15")
    seen: dict[str, str] = {}
    for day in range(10, 29):
        scene.service.clock.moment = on(day)
        await act_on_deadlines(scene.service.database)
        shown = (await scene.county.get(f"/findings/{finding['id']}")).json()
        for name, happened in (
            ("due_soon", shown["due_soon_on"]),
            ("overdue", shown["overdue_on"]),
            ("town", shown["level"] == "town"),
            ("county", shown["level"] == "county"),
        ):
            if happened:
                seen.setdefault(name, f"2021-06-{day}")
    if seen["town"] == seen["overdue"]:
        assert shown["overdue_on"] == seen["overdue"]
    assert seen == WITHOUT_A_HAND[severity]
    told = [str(event["type"]).split(".")[1] for event in await outbox_of(scene.service)]
    assert Counter(told) == {
        "campaign_opened": 1,
        "finding_raised": 1,
        "finding_due": 1,
        "finding_overdue": 1,
        "finding_escalated": 2,
    }


async def test_after_days_of_standstill_all_is_caught_up_once_with_the_true_day(scene: Scene) -> None:
    finding = await raised(scene, deadline_on="2021-06-11")
    scene.service.clock.moment = on(25)
    assert await act_on_deadlines(scene.service.database) == 2
    assert await act_on_deadlines(scene.service.database) == 0
    shown = (await scene.county.get(f"/findings/{finding['id']}")).json()
    assert (shown["overdue_on"], shown["due_soon_on"]) == ("2021-06-12", None)
    assert (shown["level"], shown["escalated_on"], shown["deadline_rule"]) == (
        "county",
        "2021-06-25",
        "2021-06",
    )


async def test_what_is_closed_in_time_or_gets_a_new_deadline_is_left_alone(scene: Scene) -> None:
    closed, moved = await raised(scene), await raised(scene, item="A3-03", deadline_on="2021-06-11")
    for caller, name, body in (
        (scene.village, "plan", PLAN),
        (scene.village, "rectification", DONE),
        (scene.county, "verification", {}),
    ):
        closed = (await move(caller, closed, name, body)).json()
    scene.service.clock.moment = on(16)
    assert await act_on_deadlines(scene.service.database) == 2
    moved = (await scene.county.get(f"/findings/{moved['id']}")).json()
    assert moved["overdue"]
    moved = (await move(scene.village, moved, "plan", PLAN | {"deadline_on": "2021-06-18"})).json()
    assert (moved["overdue_on"], moved["due_soon_on"]) == (None, None)
    assert await act_on_deadlines(scene.service.database) == 1, "it falls due again, by its new deadline"
    soon = (await scene.county.get("/findings?due_soon=true")).json()["items"]
    assert [each["id"] for each in soon] == [moved["id"]]
    escalated = (await scene.county.get("/findings?escalated=true&overdue=false")).json()["items"]
    assert [each["id"] for each in escalated] == [moved["id"]]


async def test_the_timeline_counts_the_working_days_of_each_step(scene: Scene) -> None:
    finding = await raised(scene, deadline_on="2021-06-15")
    scene.service.clock.moment = on(11)
    finding = (await move(scene.village, finding, "plan", PLAN)).json()
    scene.service.clock.moment = on(16)
    await act_on_deadlines(scene.service.database)
    address = f"/findings/{finding['id']}/timeline"
    late = (await scene.village.get(address)).json()
    assert (late["days_left"], late["days_overdue"], late["days_open"]) == (None, 1, 3)
    finding = (await scene.village.get(f"/findings/{finding['id']}")).json()
    scene.service.clock.moment = on(18)
    finding = (await move(scene.village, finding, "rectification", DONE)).json()
    finding = (await move(scene.county, finding, "verification", {})).json()
    scene.service.clock.moment = on(25)
    shown = (await scene.village.get(address)).json()
    assert [
        (each["step"], each["on"][8:], each["working_days"], each["level"], each["rule"])
        for each in shown["steps"]
    ] == [
        ("raised", "10", 0, None, None),
        ("planned", "11", 1, None, None),
        ("overdue", "16", 2, None, "2021-06"),
        ("escalated", "16", 0, "town", "2021-06"),
        ("submitted", "18", 2, None, None),
        ("closed", "18", 0, None, None),
    ]
    assert (shown["days_left"], shown["days_overdue"], shown["days_open"]) == (None, 0, 5)
    assert shown["steps"][3]["by"] == "系统（inspection）"


async def test_a_finding_that_somebody_holds_is_left_for_the_next_run(scene: Scene) -> None:
    held, free = await raised(scene), await raised(scene, item="A3-03")
    scene.service.clock.moment = on(25)
    async with scene.service.database.writing(system("inspection")) as db:
        await db.execute(text("SELECT FROM finding WHERE id = :id FOR UPDATE"), {"id": held["id"]})
        assert await act_on_deadlines(scene.service.database) == 2
    assert (await scene.county.get(f"/findings/{free['id']}")).json()["overdue_on"]
    assert await act_on_deadlines(scene.service.database) == 2


@pytest.mark.slow
async def test_fifty_thousand_open_findings_are_gone_through_in_seconds(scene: Scene) -> None:
    finding = await raised(scene)
    copied = "gen_random_uuid(), '{}', CASE n % 2 WHEN 0 THEN date '2021-06-11' ELSE date '2021-06-30' END"
    async with scene.service.database.writing(system("inspection")) as db:
        columns = [
            name
            for (name,) in await db.rows(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = 'finding'")
            )
            if name not in {"id", "evidence", "deadline_on"}
        ]
        names = ", ".join(columns)
        await db.execute(
            text(
                f"INSERT INTO finding (id, evidence, deadline_on, {names}) "  # noqa: S608 - the table's own
                f"SELECT {copied}, {names} FROM finding, generate_series(1, 50000) n WHERE id = :id"
            ),
            {"id": finding["id"]},
        )
    scene.service.clock.moment = datetime(2021, 6, 25, 1, tzinfo=on(25).tzinfo)
    started = time.perf_counter()
    touched = await act_on_deadlines(scene.service.database)
    seconds = time.perf_counter() - started
    print(f"\n{touched:,} marks on 50,001 open findings in {seconds:.1f} s")  # noqa: T201 - the figure
    started = time.perf_counter()
    assert await act_on_deadlines(scene.service.database) == 0
    print(f"nothing left to do: {time.perf_counter() - started:.3f} s")  # noqa: T201 - the figure
    assert touched == 25_001 * 2 + 25_000
    assert seconds < 120
