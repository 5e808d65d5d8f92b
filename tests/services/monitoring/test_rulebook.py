"""Rules that act: whom they hit, why, since when; and rules that officials write."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.monitoring.rulebook.documents import shipped_rules
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, MemberState
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, TOWN, Scene, household, member
from tests.services.monitoring.journey import monitored
from tests.services.monitoring.screening import all_hits, drawn, screen

ABLE = {"ordinary", "skilled", "weak"}
TODAY = date(2021, 6, 10)


def age(person: MemberState) -> int:
    born = person.birth_date
    assert born is not None
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def present(home: HouseholdRegistered) -> list[MemberState]:
    return [person for person in home.members if person.left_on is None]


#: What each shipped warning means, written a second time by hand: household to the people hit (None: itself).
ORACLES: dict[str, Callable[[HouseholdRegistered], list[Any]]] = {
    "unsafe_housing": lambda h: [None] if h.housing_grade in {"C", "D"} else [],
    "unsafe_water": lambda h: [None] if h.water_safe is False else [],
    "low_income": lambda h: (
        [None] if h.income_per_capita is not None and h.income_per_capita < 6000 and not h.destitute else []
    ),
    "out_of_school": lambda h: [
        p.id for p in present(h) if p.school_status == "dropped_out" and 6 <= age(p) <= 15
    ],
    "serious_illness": lambda h: [
        p.id for p in present(h) if "serious" in p.health and (h.kind == "lifted" or h.minimum_living)
    ],
    "no_labour": lambda h: (
        [None]
        if h.kind == "lifted"
        and not h.destitute
        and present(h)
        and all(p.labour is not None and p.labour not in ABLE for p in present(h))
        else []
    ),
}


async def test_hits_and_their_explanations_are_those_of_an_oracle(scene: Scene) -> None:
    draw = random.Random(20210610)
    homes = [drawn(draw) for _ in range(120)]
    await scene.known(*homes)
    done = await screen(scene.service, scene.county)
    hits = await all_hits(scene.county)
    found = {(hit["rule"], hit["household_id"], hit["member_id"]) for hit in hits}
    expected = {
        (rule, str(home.id), str(subject) if subject else None)
        for rule, oracle in ORACLES.items()
        for home in homes
        for subject in oracle(home)
    }
    assert found == expected
    asked = [rule for rule in shipped_rules().values() if not rule.told_by]
    assert set(ORACLES) == {rule.id for rule in asked if rule.meaning == "warning"}
    assert done["new"] == done["told"] == len(hits) >= 100
    # Of a hundred hits, why: the rule as it stands, given what is kept with the hit, comes to the same verdict.
    by_id = {str(home.id): home for home in homes}
    for hit in draw.sample(hits, 100):
        home = by_id[hit["household_id"]]
        subjects = [str(each) if each else None for each in ORACLES[hit["rule"]](home)]
        assert hit["member_id"] in subjects
        assert hit["reasons"], hit
        for name in hit["inputs"].keys() & {"income_per_capita", "housing_grade", "water_safe"}:
            assert _plain(hit["inputs"][name]) == _plain(getattr(home, name))
        clue = (await scene.county.get(f"/clues/{hit['clue_id']}/explanation")).json()
        reasons = [each for each in clue["reasons"] if each["rule"] == hit["rule"]]
        assert hit["reasons"] in [each["reasons"] for each in reasons]
        assert all(each["version"] == "2021.1" and each["source"] for each in reasons)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


async def test_a_screening_that_finds_the_same_makes_no_news_and_ends_what_is_over(scene: Scene) -> None:
    home = await scene.known(household(housing_grade="D", income_per_capita="9000"))
    assert (await screen(scene.service, scene.county))["new"] == 1
    again = await screen(scene.service, scene.county)
    assert (again["new"], again["told"]) == (0, 0)
    scene.go_to(2021, 7, 1)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"housing_grade": "A", "version": 2}))
    await screen(scene.service, scene.county)
    (hit,) = await all_hits(scene.county)
    assert (hit["since"], hit["ended_on"], hit["outcome"]) == ("2021-06-10", "2021-07-01", "received")
    assert await all_hits(scene.county, open=True) == []
    scene.go_to(2021, 8, 1)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"housing_grade": "C", "version": 3}))
    assert (await screen(scene.service, scene.county))["new"] == 1
    assert [each["since"] for each in await all_hits(scene.county)] == ["2021-06-10", "2021-08-01"]


async def test_whom_somebody_watches_already_no_rule_reports(scene: Scene) -> None:
    home = await scene.known(household(housing_grade="D", water_safe=False))
    await monitored(scene, home.id)
    assert (await screen(scene.service, scene.county))["new"] == 0


async def test_a_hit_says_why_in_english_too_and_lies_in_its_area(scene: Scene) -> None:
    await scene.known(household(OTHER_VILLAGE, housing_grade="D", income_per_capita="9000"))
    await screen(scene.service, scene.county)
    (hit,) = (await scene.county.get("/rule-hits", headers={"Accept-Language": "en"})).json()["items"]
    assert hit["title"] == "The house was found unsafe"
    assert hit["reasons"] == ["grade of the house: grade D, which is one of grade C, grade D"]
    assert (await scene.village.get("/rule-hits")).json()["items"] == []
    assert (await scene.village.get(f"/clues/{hit['clue_id']}/explanation")).status_code == 404


async def test_identification_and_elimination_say_why(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    told, judged = (await scene.village.get(f"{thing}/explanation")).json()["reasons"]
    assert (told["title"], judged["title"]) == ("干部排查", "监测对象识别标准")
    assert judged["reasons"][0].startswith("人均纯收入 ")
    assert judged["reasons"][-1].startswith("类别：")
    shown = (await scene.village.get(thing)).json()
    case = (await scene.county.get("/cases", params={"household_id": str(home.id)})).json()
    if case.get("items"):
        case_id = case["items"][0]["id"]
        english = await scene.county.get(f"/cases/{case_id}/explanation", headers={"Accept-Language": "en"})
        assert english.json()["reasons"][0]["title"] == "criteria of identification"
    assert shown["status"] == "monitored"
    assert (await scene.village.get(f"/monitored/{home.id}/explanation")).status_code == 404


def drafted(**changes: Any) -> dict[str, Any]:
    """Return a draft that raises the bar of housing to grade D, for the county."""
    rule = shipped_rules()["unsafe_housing"].model_dump(mode="json", by_alias=True, exclude_none=True)
    (version,) = rule["versions"]
    new = version | {
        "version": "2021.2",
        "from": "2021-07-01",
        "source": "县级样例",
        "thresholds": {"unsafe": ["D"]},
        "examples": [
            {"zh": "D 级", "given": {"housing_grade": "D"}, "hit": True},
            {"zh": "C 级", "given": {"housing_grade": "C"}, "hit": False},
        ],
    }
    return {"document": rule | {"versions": [new | changes]}}


async def test_an_official_writes_a_version_another_puts_it_in_force_and_it_acts_from_its_day(
    scene: Scene,
) -> None:
    await scene.known(
        household(housing_grade="C", income_per_capita="9000"),
        household(housing_grade="D", income_per_capita="9000"),
    )
    written = await scene.county.post("/rules/drafts", json=drafted())
    assert written.status_code == 201, written.text
    draft = written.headers["location"]
    assert draft == f"/rules/drafts/{written.json()['id']}"
    own = await publish(scene, draft, by="county", expect=409)
    assert own["code"] == "same_person"
    assert (await publish(scene, draft, by="other_county"))["status"] == "published"
    again = await publish(scene, draft, by="other_county", expect=409)
    assert again["code"] in {"draft_decided", "version_known"}
    assert (await screen(scene.service, scene.county))["new"] == 2
    holds = (await scene.county.get("/rules/unsafe_housing", params={"division": TOWN})).json()
    assert holds["in_force"] == ["2021.1"]
    scene.go_to(2021, 7, 1)
    holds = (await scene.county.get("/rules/unsafe_housing", params={"division": TOWN})).json()
    assert holds["in_force"] == ["2021.1", "2021.2"]
    await screen(scene.service, scene.county)
    (left,) = await all_hits(scene.county, open=True)
    # It was hit by the version of then, and still is by the one of now.
    assert (left["rule_version"], left["reasons"]) == ("2021.1", ["房屋鉴定等级：D级，属于C级、D级"])
    listed = (await scene.village.get("/rules/drafts", params={"status": "published"})).json()["items"]
    assert [(each["area"], each["drafted_by_name"], each["decided_by_name"]) for each in listed] == [
        (COUNTY, "county-1", "county-2")
    ]


async def publish(scene: Scene, draft: str, *, by: str, expect: int = 200) -> dict[str, Any]:
    """Put a draft in force."""
    who = getattr(scene, by)
    version = (await who.get(draft)).headers["etag"]
    answer = await who.post(f"{draft}/publication", headers={"If-Match": version})
    assert answer.status_code == expect, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"version": "2021.1"}, 409, "version_known", id="a name that is taken"),
        pytest.param({"examples": []}, 422, "rule_unsound", id="no examples"),
        pytest.param({"area": "340622000000"}, 403, "outside_area", id="another county"),
        pytest.param({"if": [{"fact": "wealth", "over": 1}]}, 422, "rule_unsound", id="an unknown fact"),
    ],
)
async def test_what_does_not_hold_is_not_kept(
    scene: Scene, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await scene.county.post("/rules/drafts", json=drafted(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await scene.county.get("/rules/drafts")).json()["items"] == []


async def test_a_version_keeps_its_rules_head_and_never_holds_for_days_that_are_over(scene: Scene) -> None:
    other = drafted()
    other["document"]["risk_type"] = "water"
    refused = await scene.county.post("/rules/drafts", json=other)
    assert (refused.status_code, refused.json()["code"]) == (422, "rule_head_differs")
    late = await scene.county.post("/rules/drafts", json=drafted(**{"from": "2021-06-01"}))
    refusal = await publish(scene, f"/rules/drafts/{late.json()['id']}", by="other_county", expect=422)
    assert refusal["code"] == "holds_in_the_past"
    gone = await move_draft(scene, late.json()["id"], "withdrawal", {"reason": "日期有误"})
    assert (gone["status"], gone["reason"]) == ("withdrawn", "日期有误")
    two = drafted()
    two["document"]["versions"] *= 2
    assert (await scene.county.post("/rules/drafts", json=two)).json()["code"] == "rule_unsound"


async def move_draft(scene: Scene, draft_id: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """Do something with a draft, on its present version."""
    version = (await scene.county.get(f"/rules/drafts/{draft_id}")).headers["etag"]
    answer = await scene.county.post(
        f"/rules/drafts/{draft_id}/{what}", json=body, headers={"If-Match": version}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_new_rule_needs_no_code(scene: Scene) -> None:
    rule = {
        "id": "old_and_alone",
        "zh": "高龄独居",
        "en": "Old and alone",
        "subject": "person",
        "meaning": "warning",
        "risk_type": "labour_shortage",
        "versions": [
            {
                "version": "1",
                "from": "2021-06-10",
                "source": "八必访（样例）",
                "thresholds": {"old": 70},
                "if": [
                    {"fact": "age", "at_least": {"threshold": "old"}},
                    {"fact": "member_count", "is": 1},
                ],
                "examples": [
                    {"zh": "七十岁独居", "given": {"age": 70, "member_count": 1}, "hit": True},
                    {"zh": "与子女同住", "given": {"age": 80, "member_count": 3}, "hit": False},
                ],
            }
        ],
    }
    alone = await scene.known(household(members=(member("李大爷", "1945-01-01"),), income_per_capita="9000"))
    written = await scene.county.post("/rules/drafts", json={"document": rule})
    await publish(scene, f"/rules/drafts/{written.json()['id']}", by="other_county")
    await screen(scene.service, scene.county)
    (hit,) = await all_hits(scene.county, rule="old_and_alone")
    assert (hit["household_id"], hit["outcome"]) == (str(alone.id), "received")
    assert hit["reasons"] == ["年龄：76，不低于70", "家庭人口：1"]


async def test_what_rules_may_ask_is_listed(scene: Scene) -> None:
    listed = {each["name"]: each for each in (await scene.village.get("/rules/facts")).json()}
    assert listed["housing_grade"]["codes"] == "housing_grade"
    assert listed["age"]["of"] == "person"
    assert len((await scene.village.get("/rules")).json()) == len(shipped_rules())
    assert (await scene.village.get("/rules/none")).status_code == 404
