"""Doubts from negative lists: raised, explained, decided by other eyes, and gone with a corrected batch."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.monitoring.doubts.model import DoubtState
from services.monitoring.rulebook.documents import shipped_rules
from shared.contracts.household import HouseholdRegistered
from shared.domain.codes import code_lists
from shared.keys import uuid7
from tests.services.monitoring import forms
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    move,
    numbered,
)
from tests.services.monitoring.journey import monitored, open_case, walk
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_rehoming import belongs_elsewhere

WANG, LI, ZHAO = number(601), number(602), number(603)
OWNERS = {WANG: "王建国", LI: "李秀英", ZHAO: "赵一"}
QUARTER = "2021-Q1"
SAID = {"words": "车为其兄借名购买，本人不使用", "evidence": ["借名协议"]}
ACCEPTED = {"accepted": True, "opinion": "协议与走访情况一致"}
UPHELD = {"accepted": False, "opinion": "车由本人使用"}
HITS = {"hits": [{"dataset": "vehicle", "facts": "名下轿车", "explanation": "其兄借名购买"}]}


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    """A household of whose people the registry knows the numbers; another one lies in another town."""
    await scene.known(household(OTHER_VILLAGE, members=(numbered("赵一", ZHAO),)))
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


@pytest.fixture
async def police(scene: Scene, home: HouseholdRegistered) -> Department:  # noqa: ARG001 - is to be known already
    """Who tells of vehicles."""
    client = await scene.service.caller("department", COUNTY, subject="gongan")
    return Department(scene.service, client, "vehicle")


async def told(police: Department, *owners: str, yuan: int = 80000, period: str = QUARTER) -> dict[str, Any]:
    """Send a file that says that these people own a car each."""
    rows = [[OWNERS[owner], owner, str(yuan)] for owner in owners]
    return await police.send(as_csv(rows, headers=["姓名", "身份证号", "车辆价值"]), period)


async def doubts(caller: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await caller.get("/doubts", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def doubted(police: Department, scene: Scene) -> str:
    """Return the address of a doubt about Wang's car."""
    await told(police, WANG)
    (doubt,) = await doubts(scene.county)
    return f"/doubts/{doubt['id']}"


@pytest.mark.check
def test_every_state_is_a_code_with_words() -> None:
    codes = code_lists()["doubt_state"].codes
    assert {each.code for each in codes} == set(DoubtState)
    assert all(each.zh and each.en for each in codes)


@pytest.mark.check
@pytest.mark.parametrize("dataset", ["vehicle", "business", "property", "payroll", "small_credit"])
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
    moved = {"comparison_id", "version", "changed_at"}
    assert {key: now[key] for key in now.keys() - moved} == {key: first[key] for key in first.keys() - moved}
    assert now["comparison_id"] == batch["id"]


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


async def test_a_page_asks_no_more_for_many_doubts_than_for_one(police: Department, scene: Scene) -> None:
    await told(police, WANG)
    async with scene.service.statements() as one:
        await doubts(scene.town)
    await told(police, WANG, LI)
    async with scene.service.statements() as two:
        assert len(await doubts(scene.town, division=TOWN)) == 2
    assert len(one) == len(two)
    assert len(await doubts(scene.town, division=VILLAGE)) == 2
