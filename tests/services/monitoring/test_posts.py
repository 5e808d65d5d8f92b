"""Public-welfare posts: who may hold one, for how long, and what speaks against a holder."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from services.monitoring.posts.rules import flags_of, post_rule
from services.monitoring.replicas.model import PersonReplica
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, MemberState
from shared.domain.codes import code_lists
from shared.keys import uuid7
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, household, member, move

POST: dict[str, Any] = {
    "kind": "cleaner",
    "work_area": "八里村东组道路保洁",
    "employer": "八里村村委会",
    "monthly_pay": "500",
    "months": 12,
}


def home_of(*people: MemberState, **changes: Any) -> HouseholdRegistered:
    worker = member("李秀英", "1965-03-01", relationship="head", labour="weak", work_place="town")
    return household(members=people or (worker,), **changes)


def post_for(home: HouseholdRegistered, **changes: Any) -> dict[str, Any]:
    return POST | {"household_id": str(home.id), "member_id": str(home.members[0].id)} | changes


async def appointed(scene: Scene, home: HouseholdRegistered | None = None, **changes: Any) -> str:
    """Return the address of a new post, of a new household unless one is given."""
    of = home or await scene.known(home_of())
    answer = await scene.county.post("/posts", json=post_for(of, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def pay_of(scene: Scene, post: str, **filters: str) -> list[dict[str, Any]]:
    wanted = {"post_id": post.rpartition("/")[2]} | filters
    items: list[dict[str, Any]] = (await scene.county.get("/posts/pay", params=wanted)).json()["items"]
    return items


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param({"birth_date": "2005-06-11"}, "not_of_post_age", id="15, sixteen tomorrow"),
        pytest.param({"birth_date": "2005-06-10"}, None, id="16 today"),
        pytest.param({"birth_date": "1951-06-11"}, None, id="69, seventy tomorrow"),
        pytest.param({"birth_date": "1951-06-10"}, "not_of_post_age", id="70 today"),
        pytest.param({"birth_date": None}, "not_of_post_age", id="of an age that nobody knows"),
        pytest.param({"labour": "none"}, "cannot_work", id="not able to work"),
        pytest.param({"labour": "lost"}, "cannot_work", id="not able any more"),
        pytest.param({"labour": "weak"}, None, id="able to do light work"),
        pytest.param({"labour": None}, None, id="of whose labour nobody said anything"),
        pytest.param({"work_place": "province"}, "works_elsewhere", id="working in another county"),
        pytest.param({"work_place": "outside"}, "works_elsewhere", id="working in another province"),
        pytest.param({"work_place": "county"}, None, id="working in the county"),
    ],
)
async def test_a_post_is_for_who_is_of_age_able_and_here(
    scene: Scene, facts: dict[str, Any], code: str | None
) -> None:
    given = member("李秀英", "1965-03-01", labour="weak").model_dump() | facts
    home = await scene.known(home_of(MemberState(**given)))
    answer = await scene.village.post("/posts", json=post_for(home))
    assert (answer.status_code, answer.json().get("code")) == ((422, code) if code else (201, None))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"member_id": str(uuid7())}, 422, "not_of_household", id="for somebody else"),
        pytest.param({"household_id": str(uuid7())}, 404, "household_unknown", id="of an unknown household"),
        pytest.param({"monthly_pay": "0"}, 422, "invalid", id="for nothing"),
        pytest.param({"kind": "king"}, 422, "invalid", id="of an unknown kind"),
        pytest.param({"months": 37}, 422, "invalid", id="for more than three years"),
        pytest.param({"on": "2021-06-11"}, 422, "date_in_future", id="from tomorrow"),
    ],
)
async def test_an_appointment_is_whole(scene: Scene, changes: dict[str, Any], status: int, code: str) -> None:
    home = await scene.known(home_of())
    answer = await scene.village.post("/posts", json=post_for(home, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_person_holds_one_post_at_a_time(scene: Scene) -> None:
    home = await scene.known(home_of())
    post = await appointed(scene, home)
    refused = await scene.village.post("/posts", json=post_for(home, kind="ranger"))
    assert (refused.status_code, refused.json()["code"]) == (409, "post_held_already")
    scene.go_to(2021, 6, 20)
    await move(scene.village, f"{post}/end", {"reason": "本人外出务工"})
    refused = await scene.village.post("/posts", json=post_for(home, kind="ranger"))
    assert refused.json()["code"] == "post_held_already", "the last day is a day of the post"
    scene.go_to(2021, 6, 21)
    await appointed(scene, home, kind="ranger")


async def test_a_post_that_ends_owes_no_pay_for_later_months(scene: Scene) -> None:
    post = await appointed(scene)
    shown = (await scene.village.get(post)).json()
    assert (shown["from_on"], shown["until_on"], shown["member_name"]) == (
        "2021-06-10",
        "2022-06-09",
        "李秀英",
    )
    assert len(await pay_of(scene, post)) == 13, "of the first and the last month, a part each"
    scene.go_to(2021, 8, 3)
    ended = await move(scene.village, f"{post}/end", {"reason": "身体原因"})
    assert (ended["until_on"], ended["ended_on"], ended["end_reason"]) == (
        "2021-08-03",
        "2021-08-03",
        "身体原因",
    )
    assert [each["month"] for each in await pay_of(scene, post)] == ["2021-06", "2021-07", "2021-08"]
    refused = await move(scene.village, f"{post}/end", {"reason": "x"}, expect=409)
    assert refused["code"] == "post_ended"
    assert (await scene.village.get("/posts?held=true")).json()["items"] != []
    scene.go_to(2021, 8, 4)
    assert (await scene.village.get("/posts?held=true")).json()["items"] == []


async def test_a_post_does_not_end_before_it_began(scene: Scene) -> None:
    post = await appointed(scene)
    refused = await move(scene.village, f"{post}/end", {"reason": "x", "on": "2021-06-09"}, expect=422)
    assert refused["code"] == "date_out_of_order"


@pytest.mark.check
def test_every_flag_of_the_rule_is_a_code_with_words() -> None:
    rule = post_rule(date(2021, 6, 10))
    assert set(rule.flags) == {each.code for each in code_lists()["post_flag"].codes}
    assert all(each.zh and each.en for each in rule.flags.values())
    assert rule.source


async def test_a_holder_who_goes_to_work_elsewhere_or_turns_seventy_is_flagged(scene: Scene) -> None:
    worker = member("李秀英", "1951-07-01", relationship="head", labour="weak", work_place="town")
    home = await scene.known(home_of(worker))
    post = await appointed(scene, home)
    assert (await scene.village.get(post)).json()["flags"] == []
    gone = worker.model_copy(update={"work_place": "outside"})
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"members": (gone,), "version": 2}))
    (flag,) = (await scene.village.get(post)).json()["flags"]
    assert (flag["flag"], flag["zh"]) == ("out_of_county", "县外务工人员不得同时在公益性岗位")
    assert flag["en"] == "who works outside the county must not hold a post"
    scene.go_to(2021, 7, 1)
    listed = (await scene.village.get("/posts?flag=too_old")).json()["items"]
    assert [each["flag"] for each in listed[0]["flags"]] == ["out_of_county", "too_old"]
    await move(scene.village, f"{post}/end", {"reason": "超龄退岗"})
    scene.go_to(2021, 7, 2)
    assert (await scene.village.get("/posts?flag=too_old")).json()["items"] == []


async def test_the_flags_agree_with_the_rule_holder_by_holder(scene: Scene) -> None:
    dice = random.Random(20210610)
    homes = [home_of(member("甲", "1965-01-01", labour="weak"), number=str(n)) for n in range(80)]
    await scene.known(*homes)
    for home in homes:
        await appointed(scene, home)
    today, rule = date(2021, 12, 1), post_rule(date(2021, 12, 1))
    scene.go_to(2021, 12, 1)
    expected: dict[str, list[str]] = {}
    for home in homes:
        state = MemberState(
            **home.members[0].model_dump()
            | {
                "birth_date": dice.choice([None, "1951-11-30", "1951-12-01", "1951-12-02", "1990-01-01"]),
                "labour": dice.choice([None, "ordinary", "weak", "lost", "none"]),
                "work_place": dice.choice([None, "town", "county", "province", "outside"]),
                "left_on": dice.choice([None, None, None, "2021-10-01"]),
            }
        )
        told = HouseholdChanged(**home.model_dump() | {"members": (state,), "version": 2})
        await scene.service.tell(told)
        person = PersonReplica(
            household_id=home.id,
            member_id=state.id,
            **state.model_dump(include={"birth_date", "labour", "work_place", "left_on"}),
        )
        expected[str(home.id)] = list(flags_of(person, rule, today))
    seen = set()
    for flag in rule.flags:
        listed = (await scene.village.get("/posts", params={"flag": flag, "limit": 200})).json()["items"]
        assert {each["household_id"] for each in listed} == {
            key for key, flags in expected.items() if flag in flags
        }
        assert all(
            [each["flag"] for each in item["flags"]] == expected[item["household_id"]] for item in listed
        )
        seen |= {flag} if listed else set()
    assert seen == set(rule.flags)


async def test_posts_are_seen_in_their_area(scene: Scene) -> None:
    there = await appointed(scene, await scene.known(home_of(division_code=OTHER_VILLAGE)))
    assert (await scene.village.get(there)).status_code == 404
    assert (await scene.village.get("/posts/pay")).json()["items"] == []
    listed = (await scene.county.get(f"/posts?division={OTHER_VILLAGE}&kind=cleaner")).json()["items"]
    assert [f"/posts/{each['id']}" for each in listed] == [there]
