"""A further risk of a household under watch: verified, it is added or turned down, and never forgotten."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from services.monitoring.clues.model import Clue
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.adding import NO_RISK, WATER, act, candidate, late, shown, waiting, watched
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
    measure_done,
    monitored,
    monitored_with_kin,
)


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
