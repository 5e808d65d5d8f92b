"""A further risk of a household under watch: verified, it is added or turned down in time, and never forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.monitoring.clues.model import Clue
from services.monitoring.overdue.job import act_on_limits
from shared import clock
from shared.domain.working_days import is_working_day
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.applying import applied, progress
from tests.services.monitoring.conftest import (
    COUNTY,
    Scene,
    household,
    move,
    numbered,
)
from tests.services.monitoring.filing import archive_of
from tests.services.monitoring.journey import (
    accepted,
    closed,
    eliminated,
    measure_done,
    monitored,
    monitored_with_kin,
)
from tests.services.monitoring.test_rehoming import OTHER_TOWN, belongs_elsewhere
from tests.services.monitoring.upgrading import bring_up
from tests.services.monitoring.visiting import visited

WATER = {"risk_type": "water", "cause": "水源枯竭"}
NO_RISK = {"reason": "管网已修复，复核无风险"}


async def watched(scene: Scene) -> tuple[Any, str]:
    """Return a household and its object, and go to a Wednesday a week after the identification began."""
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    scene.go_to(2021, 6, 16)
    return home, thing


async def act(scene: Scene, day: date) -> int:
    """Let the job run in the morning of a day."""
    scene.go_to(day.year, day.month, day.day)
    return await act_on_limits(scene.service.database)


async def shown(caller: httpx.AsyncClient, clue_id: str) -> dict[str, Any]:
    """Return a clue."""
    clue: dict[str, Any] = (await caller.get(f"/clues/{clue_id}")).json()
    return clue


async def late(scene: Scene) -> list[tuple[Any, ...]]:
    """Return what was told of clues that are late: what, of which limit, since when, at whose table."""
    told = [each["data"] for each in await outbox_of(scene.service) if "clue_overdue" in str(each["type"])]
    return [(each["late"], each["due_on"], each["overdue_on"], each["level"]) for each in told]


async def waiting(scene: Scene, **query: Any) -> list[str]:
    """Return the clues that wait for the town to add them."""
    listed = (await scene.town.get("/clues", params={"awaits_adding": True} | query)).json()["items"]
    return [each["id"] for each in listed]


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


@pytest.mark.parametrize("named", [True, False])
async def test_adding_answers_all_that_waits_with_that_risk_and_nothing_else(
    scene: Scene, *, named: bool
) -> None:
    home, thing = await watched(scene)
    water = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    housing = (await accepted(scene, home.id, risk_type="housing"))["clue_id"]
    assert await waiting(scene, household_id=str(home.id)) == [water, housing]
    await move(scene.town, f"{thing}/risks", WATER | ({"clue_id": water} if named else {}))
    assert await waiting(scene) == [housing]
    # Told as one thing, found to be another: the clue that was named has its answer.
    other = {"risk_type": "disability", "cause": "致残", "clue_id": housing}
    await move(scene.town, f"{thing}/risks", other)
    assert await waiting(scene) == []


async def test_a_risk_that_is_known_already_waits_for_nobody(scene: Scene) -> None:
    home, thing = await watched(scene)
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    clue_id = (await accepted(scene, home.id))["clue_id"]
    clue = await shown(scene.town, clue_id)
    assert (clue["awaits_adding"], clue["answered_on"], clue["adding_due_on"]) == (False, "2021-06-16", None)


async def test_a_clue_that_gets_its_verdict_with_the_adding_never_waits(scene: Scene) -> None:
    home, thing = await watched(scene)
    clue_id = (await scene.clue(home.id, risk_type="water"))["clue_id"]
    assert await waiting(scene) == []
    await move(scene.town, f"{thing}/risks", WATER | {"clue_id": clue_id})
    clue = await shown(scene.town, clue_id)
    assert (clue["status"], clue["answered_on"], clue["awaits_adding"]) == (
        "verified_at_risk",
        "2021-06-16",
        False,
    )


async def test_news_of_a_risk_that_waits_becomes_its_evidence(scene: Scene) -> None:
    home, _ = await watched(scene)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    again = await scene.clue(home.id, risk_type="water", facts="邻户反映无水")
    assert (again["outcome"], again["clue_id"]) == ("merged", clue_id)
    clue = await shown(scene.town, clue_id)
    assert (len(clue["evidence"]), clue["awaits_adding"]) == (2, True)


async def test_two_who_accept_at_once_make_one_that_waits(scene: Scene) -> None:
    home, _ = await watched(scene)
    clue_id = (await scene.clue(home.id, risk_type="water"))["clue_id"]
    answers = await asyncio.gather(
        *(
            who.post(f"/clues/{clue_id}/acceptance", json={"verdict": "属实"}, headers={"If-Match": '"1"'})
            for who in (scene.village, scene.town)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert await waiting(scene) == [clue_id]


async def test_the_county_turns_it_down_as_another_than_who_verified_it(scene: Scene) -> None:
    await scene.known(household(members=(numbered(relationship="head"),)))
    receipt = await applied(scene.village, risk_type="water")
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    thing = await monitored(scene, clue["household_id"])
    verdict = {"verdict": "属实"}
    await move(scene.county, f"/clues/{clue['id']}/acceptance", verdict, expect=201)
    address, form = f"{thing}/risks/return", NO_RISK | {"clue_id": clue["id"]}
    assert (await move(scene.town, address, form, expect=403))["code"] == "forbidden"
    assert (await move(scene.county, address, form, expect=409))["code"] == "same_person"
    assert await waiting(scene) == [clue["id"]]
    day = await move(scene.other_county, address, form | {"on": "2021-06-01"}, expect=422)
    assert day["code"] == "date_out_of_order"
    stale = await scene.other_county.post(address, json=form, headers={"If-Match": '"9"'})
    assert stale.json()["code"] == "stale"
    done = await move(scene.other_county, address, form)
    assert done["open_risks"] == ["illness"]
    now = await shown(scene.county, clue["id"])
    assert (now["status"], now["verdict"], now["settled_by"]) == ("dismissed", NO_RISK["reason"], "county-2")
    assert (now["overruled"]["verdict"], now["overruled"]["by_name"]) == ("属实", "county-1")
    assert (now["awaits_adding"], now["answered_on"]) == (False, str(scene.service.clock.moment.date()))
    kinds = [str(each["type"]).split(".")[1] for each in await outbox_of(scene.service)]
    assert kinds[-2:] == ["clue_settled", "object_changed"]
    assert await act(scene, date(2021, 8, 2)) == 0
    assert (await progress(scene.village, receipt))["progress"] == "no_risk"
    again = await move(scene.other_county, address, form, expect=409)
    assert again["code"] == "no_further_risk"
    assert (await move(scene.town, f"{thing}/risks", WATER | {"clue_id": clue["id"]}, expect=422))[
        "code"
    ] == "clue_not_for_this"
    await history_replays(scene.service, Clue, now, unlike={"evidence", "settled_by"})
    steps = (await archive_of(scene.county, thing))["steps"]
    assert [(step["kind"], step["holds"]) for step in steps if step["content"].get("verdict") == "属实"] == [
        ("clue_verdict", False)
    ]
    (back,) = [step for step in steps if step["kind"] == "risk_returned"]
    assert (back["due_on"], back["content"]["reason"]) == (now["adding_due_on"], NO_RISK["reason"])


async def test_what_is_told_after_it_was_turned_down_is_a_clue_of_its_own(scene: Scene) -> None:
    home, thing = await watched(scene)
    first = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    await move(scene.county, f"{thing}/risks/return", NO_RISK | {"clue_id": first})
    again = await scene.clue(home.id, risk_type="water")
    assert (again["outcome"], again["clue_id"] != first) == ("received", True)


async def test_only_what_waits_there_is_turned_down_and_never_by_kin(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored_with_kin(scene, home.id, "county-9")
    elsewhere = (await scene.clue((await scene.known(household())).id, risk_type="water"))["clue_id"]
    told = (await scene.clue(home.id, risk_type="water"))["clue_id"]
    for clue_id, status, code in (
        (str(uuid7()), 404, "not_found"),
        (elsewhere, 422, "clue_not_for_this"),
        (told, 409, "no_further_risk"),
    ):
        form = NO_RISK | {"clue_id": clue_id}
        refused = await move(scene.county, f"{thing}/risks/return", form, expect=status)
        assert refused["code"] == code
    await move(scene.village, f"/clues/{told}/acceptance", {"verdict": "属实"}, expect=201)
    kin = await scene.service.caller("county_officer", COUNTY, subject="county-9")
    refused = await move(kin, f"{thing}/risks/return", NO_RISK | {"clue_id": told}, expect=409)
    assert refused["code"] == "kin_decides"
    await move(scene.county, f"{thing}/risks/return", NO_RISK | {"clue_id": told})


async def test_no_elimination_passes_a_risk_that_waits_and_one_that_was_turned_down_stops_none(
    scene: Scene,
) -> None:
    home, thing = await watched(scene)
    await measure_done(scene, thing)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    await move(scene.town, f"{thing}/elimination/review", forms.REVIEW)
    refused = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL, expect=409)
    assert refused["code"] == "risk_verified"
    # Its limit goes on beside the elimination's.
    assert ("further_risk", "2021-06-23", "2021-06-24", "county") not in await late(scene)
    await act(scene, date(2021, 12, 21))
    assert ("further_risk", "2021-06-23", "2021-06-24", "county") in await late(scene)
    await move(scene.county, f"{thing}/risks/return", NO_RISK | {"clue_id": clue_id})
    done = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL)
    assert done["status"] == "eliminated"


async def test_closing_the_object_ends_the_wait(scene: Scene) -> None:
    home, thing = await watched(scene)
    clue_id = (await accepted(scene, home.id, risk_type="water"))["clue_id"]
    await closed(scene, thing)
    clue = await shown(scene.town, clue_id)
    assert (clue["awaits_adding"], clue["answered_on"]) == (False, "2021-06-16")
    assert await act(scene, date(2021, 8, 2)) == 0


async def candidate(scene: Scene) -> tuple[str, str, str]:
    """Return an eliminated object of which two risks were verified since, and one of them by the town: both clues."""
    scene.go_to(2021, 6, 10)
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    illness, water = [
        (await accepted(scene, home.id, risk_type=risk))["clue_id"] for risk in ("illness", "water")
    ]
    await move(
        scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发", "clue_id": illness}
    )
    return thing, illness, water


async def test_what_else_was_verified_before_a_retagging_waits_from_its_confirmation_on(scene: Scene) -> None:
    thing, illness, water = await candidate(scene)
    assert await waiting(scene) == [], "the object has a limit of its own"
    scene.go_to(2021, 12, 22)
    await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert await waiting(scene) == [water]
    assert (await shown(scene.town, water))["adding_due_on"] == "2021-12-29"
    assert (await shown(scene.town, illness))["answered_on"] == "2021-12-22"


async def test_what_else_was_verified_keeps_a_candidate_one_when_a_retagging_is_turned_down(
    scene: Scene,
) -> None:
    thing, _, water = await candidate(scene)
    scene.go_to(2021, 12, 22)
    back = await move(scene.county, f"{thing}/retagging/return", {"reason": "未复发"})
    assert (back["status"], back["level"], back["due_on"]) == ("retag_candidate", "town", "2021-12-29")
    await move(scene.town, f"{thing}/retagging", WATER | {"clue_id": water})
    back = await move(scene.county, f"{thing}/retagging/return", {"reason": "已通水"})
    assert (back["status"], back["due_on"]) == ("eliminated", None)
    # What the county turned down keeps no later candidate one.
    told = await scene.clue(back["household_id"], risk_type="schooling")
    await move(scene.village, f"/clues/{told['clue_id']}/dismissal", {"reason": "已减免"})
    await move(scene.town, f"/clues/{told['clue_id']}/dismissal/confirmation")
    assert (await scene.county.get(thing)).json()["status"] == "eliminated"


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


async def test_nobody_who_came_in_time_is_marked_told_and_goes_up(scene: Scene) -> None:
    await scene.known(household(members=(numbered(relationship="head"),)))
    await applied(scene.village)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    found: dict[int, tuple[Any, ...]] = {}
    for day in range(15, 26):
        await act(scene, date(2021, 6, day))
        assert await act(scene, date(2021, 6, day)) == 0, "each mark once"
        now = await shown(scene.county, clue["id"])
        found[day] = (now["level"], now["visit_overdue_on"], now["overdue_on"])
    # Two working days end on Tuesday, after the holiday: to the town on Wednesday, to the county on Friday.
    visit, verdict = "2021-06-16", "2021-06-19"
    assert found == {
        15: ("village", None, None),
        **dict.fromkeys((16, 17), ("town", visit, None)),
        18: ("county", visit, None),
        **dict.fromkeys(range(19, 26), ("county", visit, verdict)),
    }
    assert await late(scene) == [
        ("first_visit", "2021-06-15", visit, "village"),
        ("first_visit", "2021-06-15", visit, "town"),
        ("first_visit", "2021-06-15", visit, "county"),
        ("verdict", "2021-06-18", verdict, "county"),
    ]
    await history_replays(scene.service, Clue, await shown(scene.county, clue["id"]), unlike={"evidence"})


@pytest.mark.parametrize(
    ("day", "marked"),
    [pytest.param(15, None, id="in time, told of late"), pytest.param(17, "2021-06-16", id="late")],
)
async def test_a_visit_ends_what_is_late_and_one_in_time_was_never_late(
    scene: Scene, day: int, marked: str | None
) -> None:
    home = await scene.known(household(members=(numbered(relationship="head"),)))
    await applied(scene.village)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    assert await act(scene, date(2021, 6, 17)) == 2
    await scene.service.tell(visited(home, date(2021, 6, day)))
    now = await shown(scene.county, clue["id"])
    assert (now["visited_on"], now["visit_overdue_on"]) == (f"2021-06-{day}", marked)
    assert (await scene.county.get("/clues?visit_overdue=true")).json()["items"] == []
    assert len((await scene.county.get("/clues?visit_overdue=false")).json()["items"]) == 1
    assert await act(scene, date(2021, 6, 18)) == 0


async def test_what_nobody_applied_for_has_no_first_visit(scene: Scene) -> None:
    home = await scene.known(household())
    await scene.clue(home.id)
    assert await act(scene, date(2021, 6, 18)) == 0
    assert len((await scene.county.get("/clues?visit_overdue=false")).json()["items"]) == 1


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
    migration = "2027_01_18_monitoring_further_risks"
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
