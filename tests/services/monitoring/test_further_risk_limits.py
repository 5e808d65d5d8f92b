"""A further risk that nobody adds is marked, told and goes up by itself: over holidays, elsewhere, after an upgrade."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from services.monitoring.clues.model import Clue
from services.monitoring.overdue.job import act_on_limits
from shared import clock
from shared.domain.working_days import is_working_day
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.adding import WATER, act, candidate, late, shown, waiting, watched
from tests.services.monitoring.conftest import (
    Scene,
    household,
    move,
    numbered,
)
from tests.services.monitoring.filing import archive_of
from tests.services.monitoring.journey import (
    accepted,
    monitored,
)
from tests.services.monitoring.test_rehoming import OTHER_TOWN, belongs_elsewhere
from tests.services.monitoring.upgrading import bring_up


async def test_a_verified_risk_waits_for_the_town_and_goes_up_on_the_right_days(scene: Scene) -> None:
    home, thing = await watched(scene)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    clue = await shown(scene.town, clue_id)
    assert (clue["awaits_adding"], clue["level"], clue["answered_on"]) == (True, "town", None)
    # Five working days from Wednesday on, over a weekend; the verdict keeps its own limit.
    assert (clue["adding_due_on"], clue["adding_due_rule"]) == ("2021-06-23", "2019")
    assert (clue["due_on"], clue["overdue"]) == ("2021-06-23", False)
    assert await waiting(scene) == [clue_id]
    found: dict[int, tuple[Any, ...]] = {}
    day = date(2021, 6, 22)
    while day <= date(2021, 6, 29):
        await act(scene, day)
        assert await act(scene, day) == 0, "each mark once"
        clue = await shown(scene.county, clue_id)
        found[day.day] = (clue["level"], clue["overdue_on"], clue["overdue"])
        day += timedelta(days=1)
    assert found == {
        **dict.fromkeys((22, 23), ("town", None, False)),
        **dict.fromkeys((24, 25, 26, 27), ("town", "2021-06-24", True)),
        **dict.fromkeys((28, 29), ("county", "2021-06-24", True)),
    }
    assert await late(scene) == [
        ("further_risk", "2021-06-23", "2021-06-24", "town"),
        ("further_risk", "2021-06-23", "2021-06-24", "county"),
    ]
    assert await waiting(scene, overdue=True, level="county") == [clue_id]
    assert await waiting(scene, overdue=False) == []
    await history_replays(scene.service, Clue, clue, unlike={"evidence", "settled_by"})
    await move(scene.town, f"{thing}/risks", WATER | {"clue_id": clue_id})
    clue = await shown(scene.county, clue_id)
    assert (clue["awaits_adding"], clue["answered_on"], clue["overdue"]) == (False, "2021-06-29", False)
    assert await act(scene, date(2021, 8, 2)) == 0
    steps = {step["kind"]: step for step in (await archive_of(scene.county, thing))["steps"]}
    added = steps["risk_added"]
    assert (added["due_on"], added["due_rule"], added["late"]) == ("2021-06-23", "2019", True)


async def test_over_a_holiday_it_has_five_working_days(scene: Scene) -> None:
    home, _ = await watched(scene)
    scene.go_to(2021, 9, 29)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    # Thursday, then the National Day week, Friday and a working Saturday, Monday and Tuesday.
    assert (await shown(scene.town, clue_id))["adding_due_on"] == "2021-10-12"
    assert await act(scene, date(2021, 10, 12)) == 0
    assert await act(scene, date(2021, 10, 13)) == 1


def by_counting(verified: date, today: date) -> tuple[str, str | None]:
    """Return at whose table a risk lies that nobody adds, and since when it is overdue: by counting days one by one."""
    day, worked, since = verified, 0, None
    while day < today:
        day += timedelta(days=1)
        since = since or (day if worked == 5 else None)
        worked += is_working_day(day)
    return ("county" if worked >= 8 else "town", str(since) if since else None)


async def test_in_sets_over_the_national_day_as_by_counting_days(scene: Scene) -> None:
    home, _ = await watched(scene)
    began = date(2021, 9, 24)
    verified: dict[str, date] = {}
    for n, risk in enumerate(
        ("water", "housing", "schooling", "disability", "accident", "medical_guarantee")
    ):
        day = began + timedelta(days=3 * n)
        scene.go_to(day.year, day.month, day.day)
        verified[(await accepted(scene, home.id, risk_type=risk))["clue_id"]] = day
    for n in range(26):
        today = date(2021, 10, 8) + timedelta(days=n)
        await act(scene, today)
        found = [await shown(scene.county, clue_id) for clue_id in verified]
        assert [(each["level"], each["overdue_on"]) for each in found] == [
            by_counting(day, today) for day in verified.values()
        ], today
    assert Counter(level for *_, level in await late(scene)) == {"town": 6, "county": 6}


async def test_it_goes_along_to_another_village_with_its_limit(scene: Scene) -> None:
    home, thing = await watched(scene)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    await belongs_elsewhere(scene, home)
    there = await scene.service.caller("town_officer", OTHER_TOWN, subject="town-2")
    assert await waiting(scene) == []
    listed = (await there.get("/clues?awaits_adding=true")).json()["items"]
    assert [(each["id"], each["adding_due_on"]) for each in listed] == [(clue_id, "2021-06-23")]
    assert await act(scene, date(2021, 6, 24)) == 1
    await move(there, f"{thing}/risks", WATER | {"clue_id": clue_id})
    assert (await there.get("/clues?awaits_adding=true")).json()["items"] == []


async def test_a_dozen_that_wait_take_no_more_statements_than_one(scene: Scene) -> None:
    homes = [household(number=str(n), members=(numbered(),)) for n in range(3)]
    await scene.known(*homes)
    for home in homes:
        await monitored(scene, home.id)
    scene.go_to(2021, 6, 16)
    clues = [
        (await accepted(scene, home.id, risk_type=risk))["clue_id"]
        for home in homes
        for risk in ("water", "housing", "schooling", "disability")
    ]
    scene.go_to(2021, 7, 20)
    async with scene.service.statements() as sent:
        assert await act_on_limits(scene.service.database) == 2 * len(clues)
    assert len(sent) <= 40
    assert len(await waiting(scene, overdue=True, level="county")) == len(clues)


#: To when nothing was kept of further risks.
_BACK = (
    "ALTER TABLE clue DROP CONSTRAINT ck_clue_adding_due_by_rule",
    "ALTER TABLE clue DROP COLUMN visit_overdue_on, DROP COLUMN visit_overdue_rule, DROP COLUMN overruled",
    "ALTER TABLE clue DROP COLUMN adding_due_on, DROP COLUMN adding_due_rule, DROP COLUMN answered_on",
)


async def test_what_waits_at_the_upgrade_waits_from_then_on(scene: Scene, postgres_admin_url: str) -> None:
    added, waits = await watched(scene), await watched(scene)
    after = await candidate(scene)
    scene.go_to(2021, 12, 22)
    await move(scene.county, f"{after[0]}/retagging/confirmation", forms.APPROVAL)
    returned = await candidate(scene)
    await move(scene.county, f"{returned[0]}/retagging/return", {"reason": "未复发"})
    lead = await accepted(scene, added[0].id, risk_type="water")
    await move(scene.town, f"{added[1]}/risks", WATER | {"cause": "无水", "clue_id": lead["clue_id"]})
    further = await accepted(scene, waits[0].id, risk_type="water")
    ids = [each["clue_id"] for each in (lead, further)] + [*after[1:], *returned[1:]]
    before = [await shown(scene.county, clue_id) for clue_id in ids]
    # The database's own clock, which a test does not set.
    upgraded = clock.today()
    migration = "2027_01_20_monitoring_further_risks"
    await bring_up(scene, postgres_admin_url, back=_BACK, migration=migration)
    now = [await shown(scene.county, clue_id) for clue_id in ids]
    waited = [each["awaits_adding"] for each in before]
    assert waited == [each["awaits_adding"] for each in now] == [False, True, False, True, False, False]
    assert [bool(each["answered_on"]) for each in now] == [bool(each["answered_on"]) for each in before]
    ends = {
        (each["adding_due_rule"], each["level"], each["adding_due_on"])
        for each in now
        if each["awaits_adding"]
    }
    assert {end[:2] for end in ends} == {("2019", "town")}
    assert {end[2] for end in ends} <= {str(upgraded + timedelta(days=days)) for days in (7, 8)}
    thing = (await scene.county.get(returned[0])).json()
    assert thing["status"] == "retag_candidate"
    await act(scene, upgraded + timedelta(days=9))
    assert len(await waiting(scene, overdue=True)) == 2
