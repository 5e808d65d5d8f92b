"""What becomes of doubts: with a corrected or withdrawn batch, in a case's data check, and where a household moves."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.household import HouseholdRegistered
from tests.services.monitoring import forms
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import OTHER_TOWN, OTHER_VILLAGE, Scene, move
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
from tests.services.monitoring.journey import monitored, open_case, walk
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_rehoming import belongs_elsewhere

HITS = {"hits": [{"dataset": "vehicle", "facts": "名下轿车", "explanation": "其兄借名购买"}]}


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    """The household of Wang and Li."""
    return await registered(scene)


@pytest.fixture
async def police(scene: Scene, home: HouseholdRegistered) -> Department:  # noqa: ARG001 - is to be known already
    """Who tells of vehicles."""
    return await police_of(scene)


async def test_what_a_corrected_batch_does_not_bear_out_is_off_the_table_and_comes_back_as_the_same(
    police: Department, scene: Scene
) -> None:
    await told(police, WANG, LI)
    by_name = {each["person_name"]: each["id"] for each in await doubts(scene.county)}
    wang = f"/doubts/{by_name['王建国']}"
    await move(scene.village, f"{wang}/explanation", SAID)
    await told(police, LI)
    assert [each["person_name"] for each in await doubts(scene.county, state="open")] == ["李秀英"]
    assert (await scene.village.get(wang)).json()["state"] == "lapsed"
    for caller, step, form in ((scene.village, "explanation", SAID), (scene.county, "decision", ACCEPTED)):
        assert (await move(caller, f"{wang}/{step}", form, expect=409))["code"] == "doubt_lapsed"
    batch = await told(police, WANG, LI, yuan=90000)
    again = (await scene.village.get(wang)).json()
    assert (again["state"], again["awaits_decision"], again["comparison_id"]) == ("open", True, batch["id"])
    assert again["inputs"]["value"] == 90000
    assert len(await doubts(scene.county)) == 2


async def test_what_is_told_again_unchanged_is_no_second_doubt(police: Department, scene: Scene) -> None:
    at = await doubted(police, scene)
    first = (await scene.county.get(at)).json()
    batch = await told(police, WANG, LI)
    now = (await scene.county.get(at)).json()
    moved = {"comparison_id", "told_by", "version", "changed_at"}
    assert {key: now[key] for key in now.keys() - moved} == {key: first[key] for key in first.keys() - moved}
    assert now["comparison_id"] == batch["id"]
    assert now["told_by"] == [{"comparison_id": batch["id"], "period": QUARTER}]


@pytest.mark.parametrize("ending", ["corrected", "withdrawn"])
@pytest.mark.parametrize("decision", [ACCEPTED, UPHELD], ids=["accepted", "upheld"])
async def test_what_was_decided_stays_whatever_becomes_of_the_batch(
    police: Department, scene: Scene, ending: str, decision: dict[str, Any]
) -> None:
    batch = await told(police, WANG)
    (doubt,) = await doubts(scene.county)
    at = f"/doubts/{doubt['id']}"
    await move(scene.village, f"{at}/explanation", SAID)
    decided = await move(scene.county, f"{at}/decision", decision)
    await (told(police, LI) if ending == "corrected" else withdrawn(police, batch))
    assert (await scene.county.get(at)).json() == decided
    await told(police, WANG, yuan=120000)
    assert (await scene.county.get(at)).json() == decided


async def test_a_withdrawn_batch_takes_its_open_doubts_along(police: Department, scene: Scene) -> None:
    batch = await told(police, WANG, LI)
    other = await told(police, ZHAO, period="2020-Q4")
    await withdrawn(police, batch)
    (left,) = await doubts(scene.county, state="open")
    assert (left["person_name"], left["comparison_id"]) == ("赵一", other["id"])


async def test_the_data_check_passes_over_no_open_doubt(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await told(police, WANG, ZHAO)
    case = await open_case(scene, home.id)
    await walk(scene, case, until="data-check")
    (standing,) = (await scene.village.get(case)).json()["doubts"]
    assert (standing["person_name"], standing["state"]) == ("王建国", "open")
    beside = {"hits": [{"dataset": "payroll", "facts": "无", "explanation": "不在编"}], "opinion": "无"}
    for form in ({"opinion": "无疑点"}, beside):
        refused = await move(scene.county, f"{case}/data-check", form, expect=422)
        assert refused["code"] == "doubt_unexplained"
        (named,) = refused["errors"]
        assert (named["pointer"], named["code"]) == ("/hits", "vehicle")
        assert standing["id"] in named["message"]
        assert QUARTER in refused["detail"]
    (still,) = (await scene.village.get(case)).json()["doubts"]
    assert still == standing
    filed = await move(scene.county, f"{case}/data-check", forms.DATA_CHECK | HITS | {"evidence": ["协议"]})
    assert filed["step"] == "deliberation"
    (explained,) = filed["doubts"]
    assert (explained["explanation"], explained["explained_by_name"]) == ("其兄借名购买", "county-1")
    assert (explained["evidence"], explained["awaits_decision"]) == (["协议"], True)
    at = f"/doubts/{explained['id']}"
    assert (await move(scene.county, f"{at}/decision", ACCEPTED, expect=409))["code"] == "same_person_decides"
    await move(scene.other_county, f"{at}/decision", UPHELD)
    # No verdict: the case goes on, and shows it.
    (upheld,) = (await scene.village.get(case)).json()["doubts"]
    assert (upheld["state"], upheld["opinion"]) == ("upheld", UPHELD["opinion"])
    assert (await move(scene.village, f"{case}/deliberation", forms.DELIBERATION))["step"] == "publicity"


async def test_what_the_village_explained_needs_no_second_explanation(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    at = await doubted(police, scene)
    await move(scene.village, f"{at}/explanation", SAID)
    case = await open_case(scene, home.id)
    await walk(scene, case, until="data-check")
    filed = await move(scene.county, f"{case}/data-check", {"opinion": "村级已说明"})
    assert filed["doubts"][0]["explained_by_name"] == "village-1"
    assert (await move(scene.county, f"{at}/decision", ACCEPTED))["state"] == "explained"


async def test_several_hits_of_a_list_explain_all_that_it_says(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await told(police, WANG, LI)
    case = await open_case(scene, home.id)
    await walk(scene, case, until="data-check")
    hits = [
        {"dataset": "vehicle", "facts": "王建国名下轿车", "explanation": "借名"},
        {"dataset": "vehicle", "facts": "李秀英名下面包车", "explanation": "已报废"},
    ]
    filed = await move(scene.county, f"{case}/data-check", {"hits": hits, "opinion": "已说明"})
    assert [each["explanation"] for each in filed["doubts"]] == ["借名；已报废"] * 2


async def test_what_has_lapsed_is_not_held_against_a_case(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await told(police, WANG)
    await told(police, ZHAO)
    case = await open_case(scene, home.id)
    await walk(scene, case, until="data-check")
    assert (await move(scene.county, f"{case}/data-check", {"opinion": "无疑点"}))["doubts"] == []


async def test_doubts_about_a_household_under_watch_are_listed_for_its_object(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    thing = await monitored(scene, home.id)
    assert (await scene.village.get(f"{thing}/doubts")).json()["items"] == []
    await told(police, WANG, ZHAO)
    (doubt,) = (await scene.village.get(f"{thing}/doubts")).json()["items"]
    assert doubt["person_name"] == "王建国"
    elsewhere = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get(f"{thing}/doubts")).status_code == 404


async def test_doubts_go_along_with_a_household_that_belongs_elsewhere(
    police: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    at = await doubted(police, scene)
    await move(scene.village, f"{at}/explanation", SAID)
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await there.get(at)).status_code == 404
    await belongs_elsewhere(scene, home)
    for path in (at, f"{at}/history"):
        assert (await there.get(path)).status_code == 200, path
        assert (await scene.village.get(path)).status_code == 404, path
    # Corrected afterwards, it lapses where it is now.
    await told(police, ZHAO)
    lapsed = (await there.get(at)).json()
    assert (lapsed["state"], lapsed["division_code"]) == ("lapsed", OTHER_VILLAGE)
