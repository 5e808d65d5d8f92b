"""Doubts from negative lists: shown with their reasons, explained, and decided by other eyes."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.doubts.model import DoubtState
from services.monitoring.rulebook.documents import shipped_rules
from shared.contracts.household import HouseholdRegistered
from shared.domain.codes import code_lists
from shared.keys import uuid7
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE, Scene, move
from tests.services.monitoring.doubting import (
    ACCEPTED,
    LI,
    QUARTER,
    SAID,
    UPHELD,
    WANG,
    ZHAO,
    doubted,
    doubts,
    police_of,
    registered,
    told,
)


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    """The household of Wang and Li."""
    return await registered(scene)


@pytest.fixture
async def police(scene: Scene, home: HouseholdRegistered) -> Department:  # noqa: ARG001 - is to be known already
    """Who tells of vehicles."""
    return await police_of(scene)


@pytest.mark.check
def test_every_state_is_a_code_with_words() -> None:
    codes = code_lists()["doubt_state"].codes
    assert {each.code for each in codes} == set(DoubtState)
    assert all(each.zh and each.en for each in codes)


@pytest.mark.check
@pytest.mark.parametrize("dataset", ["vehicle", "business", "property", "payroll", "deposit", "small_credit"])
def test_each_negative_list_has_a_rule_that_makes_doubts(dataset: str) -> None:
    assert {rule.meaning for rule in shipped_rules().values() if dataset in rule.told_by} == {"doubt"}


async def test_a_doubt_says_whom_it_is_about_who_says_so_and_why(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    batch = await told(police, WANG)
    (doubt,) = await doubts(scene.village)
    assert (doubt["household_id"], doubt["member_id"]) == (str(home.id), str(home.members[0].id))
    assert (doubt["household_number"], doubt["person_name"]) == (home.number, "王建国")
    assert (doubt["dataset"], doubt["department"], doubt["period"]) == ("vehicle", "公安", QUARTER)
    assert (doubt["state"], doubt["awaits_decision"]) == ("open", False)
    assert (doubt["comparison_id"], doubt["inputs"]["value"]) == (batch["id"], 80000)
    assert (doubt["why"]["zh"]["rule"], doubt["why"]["en"]["rule"]) == ("名下有消费型车辆", "Owns a car")
    for language in ("zh", "en"):
        (reason,) = doubt["why"][language]["reasons"]
        assert "80000" in reason.replace(",", "")
    assert (await scene.county.get("/clues")).json()["items"] == [], "a doubt is no clue"
    shown = await scene.village.get(f"/doubts/{doubt['id']}")
    assert shown.json() == doubt


async def test_a_doubt_is_explained_and_accepted_by_another_person_and_its_story_is_kept(
    police: Department, scene: Scene
) -> None:
    at = await doubted(police, scene)
    await move(scene.village, f"{at}/explanation", {"words": "借名"})
    shown = await move(scene.village, f"{at}/explanation", SAID)
    assert (shown["explanation"], shown["evidence"]) == (SAID["words"], ["借名协议"])
    assert (shown["explained_by_name"], shown["explained_on"]) == ("village-1", "2021-06-10")
    assert (shown["state"], shown["awaits_decision"]) == ("open", True)
    shown = await move(scene.county, f"{at}/decision", ACCEPTED)
    assert (shown["state"], shown["awaits_decision"]) == ("explained", False)
    assert (shown["opinion"], shown["decided_by_name"]) == (ACCEPTED["opinion"], "county-1")
    story = (await scene.village.get(f"{at}/history")).json()["items"]
    assert [each["by"] for each in story] == ["系统（monitoring）", "village-1", "village-1", "county-1"]
    assert story[-1]["fields"]["state"] == ["open", "explained"]
    assert story[-1]["reason"] == ACCEPTED["opinion"]


async def test_who_explained_does_not_decide_whatever_they_may_do(police: Department, scene: Scene) -> None:
    at = await doubted(police, scene)
    await move(scene.county, f"{at}/explanation", SAID)
    own = await move(scene.county, f"{at}/decision", ACCEPTED, expect=409)
    assert own["code"] == "same_person_decides"
    assert (await move(scene.other_county, f"{at}/decision", UPHELD))["state"] == "upheld"


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [
        pytest.param("village", "explanation", 200, id="the village explains"),
        pytest.param("town", "explanation", 200, id="the town explains"),
        pytest.param("county", "explanation", 200, id="the county explains"),
        pytest.param("province", "explanation", 403, id="the province explains nothing"),
        pytest.param("village", "decision", 403, id="the village decides nothing"),
        pytest.param("town", "decision", 403, id="the town decides nothing"),
        pytest.param("other_county", "decision", 200, id="the county decides"),
        pytest.param("province", "decision", 403, id="the province decides nothing"),
    ],
)
async def test_who_may_explain_and_decide(
    police: Department, scene: Scene, who: str, step: str, status: int
) -> None:
    at = await doubted(police, scene)
    if step == "decision":
        await move(scene.village, f"{at}/explanation", SAID)
    form = SAID if step == "explanation" else ACCEPTED
    etag = (await scene.county.get(at)).headers["etag"]
    answer = await getattr(scene, who).post(f"{at}/{step}", json=form, headers={"If-Match": etag})
    assert answer.status_code == status, answer.text


async def test_the_department_that_told_sees_no_doubt(police: Department, scene: Scene) -> None:
    at = await doubted(police, scene)
    for path in ("/doubts", at):
        assert (await police.client.get(path)).status_code == 403


async def test_a_doubt_is_refused_what_does_not_befit_it(police: Department, scene: Scene) -> None:
    at = await doubted(police, scene)
    assert (await move(scene.county, f"{at}/decision", UPHELD, expect=409))["code"] == "not_explained_yet"
    assert (await move(scene.village, f"{at}/explanation", {"words": " "}, expect=422))["code"] == "invalid"
    await move(scene.village, f"{at}/explanation", SAID)
    stale = await scene.county.post(f"{at}/decision", json=UPHELD, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    for form in ({"accepted": False}, {"accepted": False, "opinion": ""}):
        assert (await move(scene.county, f"{at}/decision", form, expect=422))["code"] == "invalid"
    await move(scene.county, f"{at}/decision", UPHELD)
    for caller, step, form in ((scene.village, "explanation", SAID), (scene.county, "decision", ACCEPTED)):
        assert (await move(caller, f"{at}/{step}", form, expect=409))["code"] == "doubt_decided"
    nowhere = f"/doubts/{uuid7()}"
    assert (await move(scene.village, f"{nowhere}/explanation", SAID, expect=404))["code"] == "not_found"


async def test_doubts_are_listed_by_place_household_rule_and_state_page_by_page(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await told(police, WANG, LI, ZHAO)
    listed = await doubts(scene.county)
    assert len(listed) == 3
    pages: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await scene.county.get("/doubts", params=query)).json()
        pages += [each["id"] for each in page["items"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"]
    assert pages == [each["id"] for each in listed]
    mine = await doubts(scene.village)
    assert {each["person_name"] for each in mine} == {"王建国", "李秀英"}, (
        "the other town's is beyond the wall"
    )
    other = next(each["id"] for each in listed if each["division_code"] == OTHER_VILLAGE)
    assert (await scene.village.get(f"/doubts/{other}")).status_code == 404
    await move(scene.village, f"/doubts/{mine[0]['id']}/explanation", SAID)
    await move(scene.county, f"/doubts/{mine[0]['id']}/decision", UPHELD)
    await move(scene.village, f"/doubts/{mine[1]['id']}/explanation", SAID)
    counted = {
        "division": (OTHER_TOWN, 1),
        "household_id": (str(home.id), 2),
        "rule": ("owns_vehicle", 3),
        "state": ("upheld", 1),
        "awaits_decision": ("true", 1),
    }
    for name, (value, count) in counted.items():
        assert len(await doubts(scene.county, **{name: value})) == count, name
    assert await doubts(scene.county, rule="on_payroll") == []
    assert len(await doubts(scene.county, state=["open", "upheld"])) == 3
    assert [each["id"] for each in await doubts(scene.county, awaits_decision="false")] == [other]


async def test_a_page_asks_no_more_for_many_doubts_than_for_one(police: Department, scene: Scene) -> None:
    await told(police, WANG)
    async with scene.service.statements() as one:
        await doubts(scene.town)
    await told(police, WANG, LI)
    async with scene.service.statements() as two:
        assert len(await doubts(scene.town, division=TOWN)) == 2
    assert len(one) == len(two)
    assert len(await doubts(scene.town, division=VILLAGE)) == 2
