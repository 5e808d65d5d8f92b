"""Follow-ups: who was visited, what was found, and what becomes of it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any

import pytest

from services.monitoring.replicas.errors import HouseholdUnknown
from shared.keys import uuid7
from tests.services.monitoring.conftest import (
    COUNTY,
    TOWN,
    Scene,
    household,
    move,
)
from tests.services.monitoring.journey import monitored
from tests.services.monitoring.visiting import VISIT, due, lifted, told, turn, visited


async def test_a_visit_to_a_monitored_object_is_kept_and_counts_its_next_turn(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    scene.go_to(2021, 7, 1)
    form = VISIT | {"officer": "刘芳", "evidence": ["走访照片"], "on": "2021-06-30"}
    entered = await scene.village.post(f"{thing}/follow-ups", json=form)
    assert entered.status_code == 201, entered.text
    shown = entered.json()
    assert (shown["officer"], shown["way"], shown["visited_on"], shown["source"]) == (
        "刘芳",
        "visit",
        "2021-06-30",
        "entered",
    )
    assert entered.headers["location"] == f"/follow-ups/{shown['id']}"
    assert (await scene.village.get(f"/follow-ups/{shown['id']}")).json() == shown
    assert [each["id"] for each in (await scene.town.get(f"{thing}/follow-ups")).json()["items"]] == [
        shown["id"]
    ]
    found = await turn(scene, home)
    assert found
    assert (found["kind"], found["last_on"], found["due_on"]) == ("monitored", "2021-06-30", "2021-07-30")
    (event,) = await told(scene, "followed_up")
    assert event["data"]["monitored_id"] == thing.split("/")[-1]


async def test_a_lifted_household_is_followed_up_by_the_quarter(scene: Scene) -> None:
    home = await scene.known(lifted())
    form = VISIT | {"household_id": str(home.id)}
    entered = await scene.village.post("/follow-ups", json=form)
    assert (entered.status_code, entered.json()["monitored_id"]) == (201, None)
    assert await due(scene, home) == "2021-09-10"
    # What is entered late moves nothing back.
    await scene.village.post("/follow-ups", json=form | {"on": "2021-05-06"})
    assert await due(scene, home) == "2021-09-10"
    listed = (await scene.town.get("/follow-ups", params={"household_id": str(home.id)})).json()["items"]
    assert [each["visited_on"] for each in listed] == ["2021-06-10", "2021-05-06"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"way": "phone"}, 422, "visit_in_person", id="by phone to whoever is at home"),
        pytest.param({"way": "online"}, 422, "visit_in_person", id="by picture to whoever is at home"),
        pytest.param({"way": "letter"}, 422, "invalid", id="in an unknown way"),
        pytest.param({"on": "2021-06-11"}, 422, "date_in_future", id="before it happened"),
        pytest.param(
            {"signals": [{"risk_type": "illness", "facts": "住院", "member_id": str(uuid7())}]},
            422,
            "not_of_household",
            id="a risk of a stranger",
        ),
        pytest.param(
            {"difficulties": [{"facts": "缺羊舍", "solve_by": "2021-06-09"}]},
            422,
            "date_out_of_order",
            id="a difficulty to be solved yesterday",
        ),
        pytest.param(
            {"difficulties": [{"facts": "缺羊舍", "solved_on": "2021-06-11"}]},
            422,
            "date_in_future",
            id="a difficulty solved tomorrow",
        ),
        pytest.param({"household_id": str(uuid7())}, 404, "household_unknown", id="nobody's household"),
        pytest.param({"way": "phone", "away": "全家在苏州务工"}, 201, None, id="by phone to those away"),
        pytest.param({"way": "meeting"}, 201, None, id="met in the village"),
    ],
)
async def test_a_visit_is_taken_or_refused(
    scene: Scene, changes: dict[str, Any], status: int, code: str | None
) -> None:
    home = await scene.known(lifted())
    answer = await scene.village.post("/follow-ups", json=VISIT | {"household_id": str(home.id)} | changes)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_whoever_is_neither_watched_nor_lifted_is_not_followed_up(scene: Scene) -> None:
    home = await scene.known(household())
    answer = await scene.village.post("/follow-ups", json=VISIT | {"household_id": str(home.id)})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_follow")
    unknown = await scene.village.post(f"/monitored/{uuid7()}/follow-ups", json=VISIT)
    assert unknown.status_code == 404


async def test_a_risk_that_was_seen_becomes_a_clue_and_one_that_is_known_does_not(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    daughter = str(home.members[1].id)
    signals = [
        {"risk_type": "schooling", "member_id": daughter, "facts": "高中学费无着"},
        {"risk_type": "illness", "facts": "继续透析"},
    ]
    shown = (await scene.village.post(f"{thing}/follow-ups", json=VISIT | {"signals": signals})).json()
    assert [each["outcome"] for each in shown["signals"]] == ["received", "already_monitored"]
    assert shown["signals"][1]["clue_id"] is None
    clue = (await scene.village.get(f"/clues/{shown['signals'][0]['clue_id']}")).json()
    assert (clue["sources"], clue["risk_type"], clue["member_id"]) == (["follow_up"], "schooling", daughter)
    assert clue["evidence"][0]["reference"] == f"follow-up:{shown['id']}"
    # Who asked is who went: a clue from a visit in person has had its first visit.
    assert clue["visited_on"] == "2021-06-14"


async def test_a_difficulty_is_followed_until_it_is_solved(scene: Scene) -> None:
    home = await scene.known(lifted())
    difficulties = [
        {"facts": "老人药费高", "solve_by": "2021-06-30"},
        {"facts": "水管破裂", "solved_on": "2021-06-10", "how": "当日修好"},
    ]
    form = VISIT | {"household_id": str(home.id), "difficulties": difficulties}
    shown = (await scene.village.post("/follow-ups", json=form)).json()
    assert shown["unsolved"] == 1
    listed = await scene.town.get("/follow-ups", params={"unsolved": True, "division": TOWN})
    assert [each["id"] for each in listed.json()["items"]] == [shown["id"]]
    path, how = f"/follow-ups/{shown['id']}", {"how": "办理慢病卡"}
    scene.go_to(2021, 6, 20)
    for number, code in ((2, "difficulty_solved"), (3, "no_such_difficulty")):
        expect = {2: 409, 3: 404}[number]
        refused = await move(scene.village, f"{path}/solution", how | {"difficulty": number}, expect=expect)
        assert refused["code"] == code
    early = how | {"difficulty": 1, "on": "2021-06-01"}
    assert (await move(scene.village, f"{path}/solution", early, expect=422))["code"] == "date_out_of_order"
    solved = await move(scene.village, f"{path}/solution", how | {"difficulty": 1, "evidence": ["慢病卡"]})
    assert (solved["unsolved"], solved["evidence"]) == (0, ["慢病卡"])
    assert solved["difficulties"][0] == {
        "facts": "老人药费高",
        "solve_by": "2021-06-30",
        "solved_on": "2021-06-20",
        "how": "办理慢病卡",
    }
    assert (await scene.town.get("/follow-ups", params={"unsolved": True})).json()["items"] == []
    assert [each["data"]["unsolved"] for each in await told(scene, "followed_up")] == [1, 0]


async def test_visits_of_an_inspection_count_once_in_any_order(scene: Scene) -> None:
    watched, quarterly, other = household(), lifted(), household()
    await scene.known(watched, quarterly, other)
    await monitored(scene, watched.id)
    scene.go_to(2021, 7, 20)
    visits = [
        visited(home, date(2021, 7, day), failed_items=("A1-04", "A7-02"))
        for home in (watched, quarterly, other)
        for day in (2, 12)
    ]
    random.Random(7).shuffle(visits)
    for _ in range(2):
        for visit in visits:
            await scene.service.tell(visit)
        await scene.service.tell(*reversed(visits))
    listed = (await scene.county.get("/follow-ups")).json()["items"]
    assert Counter(each["household_id"] for each in listed) == {str(watched.id): 2, str(quarterly.id): 2}
    assert {each["source"] for each in listed} == {"inspection"}
    assert {each["found"] for each in listed} == {"集中排查入户；发现问题：A1-04、A7-02"}
    assert (await due(scene, watched), await due(scene, quarterly)) == ("2021-08-12", "2021-10-12")
    assert await due(scene, other) is None
    assert len(await told(scene, "followed_up")) == 4


async def test_a_visit_to_a_household_that_is_not_known_yet_comes_again_later(scene: Scene) -> None:
    home = lifted()
    with pytest.raises(HouseholdUnknown):
        await scene.service.tell(visited(home, date(2021, 6, 9)))
    await scene.known(home)
    await scene.service.tell(visited(home, date(2021, 6, 9)))
    assert await due(scene, home) == "2021-09-09"


async def test_five_hundred_visits_take_a_handful_of_statements(scene: Scene) -> None:
    homes = [lifted(number=str(n)) for n in range(500)]
    await scene.known(*homes)
    async with scene.service.statements() as sent:
        await scene.service.tell(*(visited(home, date(2021, 6, 9)) for home in homes))
    assert len(sent) <= 12
    progress = await scene.county.get("/follow-ups/progress", params={"division": COUNTY})
    assert progress.json()["total"]["households"] == 500
