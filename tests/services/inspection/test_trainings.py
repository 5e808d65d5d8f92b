"""Teams, and the training sessions that they attend or not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.inspection.conftest import COUNTY, NEXT_VILLAGE, OTHER_VILLAGE, TOWN, VILLAGE, Scene
from tests.services.inspection.test_assignments import TEAM

MEMBERS = [{"name": "张强", "role": "resident_team"}, {"name": "李梅", "role": "village_officer"}]
SESSION = {"title": "动员暨培训会议", "held_on": "2021-06-06", "place": "县政府礼堂", "trainer": "县扶贫局"}


def came(name: str, status: str, division_code: str = VILLAGE) -> dict[str, str]:
    """What became of somebody's attendance."""
    return {"division_code": division_code, "name": name, "role": "village_officer", "status": status}


async def test_a_team_is_entered_and_replaced_whole(scene: Scene) -> None:
    address = f"{scene.path}/teams"
    for members, version in ((MEMBERS, 1), (MEMBERS[:1], 2)):
        answer = await scene.town.put(address, json=TEAM | {"members": members})
        assert (answer.status_code, answer.json()["version"]) == (200, version)
    assert (await scene.town.put(address, json=TEAM | {"division_code": TOWN, "name": "镇督导组"})).json()[
        "version"
    ] == 1
    listed = (await scene.town.get(address)).json()["items"]
    assert [(each["division_code"], len(each["members"])) for each in listed] == [(TOWN, 2), (VILLAGE, 1)]
    own = (await scene.village.get(address)).json()["items"]
    assert [each["division_code"] for each in own] == [VILLAGE]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"leader": "不在队里"}, "invalid"),
        ({"members": MEMBERS * 2}, "invalid"),
        ({"members": [{"name": "张强", "role": "emperor"}]}, "invalid"),
        ({"division_code": OTHER_VILLAGE}, "outside_area"),
    ],
    ids=["led by a stranger", "the same name twice", "a role that there is not", "another town's"],
)
async def test_a_team_that_cannot_be_is_refused(scene: Scene, changes: dict[str, Any], code: str) -> None:
    assert (await scene.town.put(f"{scene.path}/teams", json=TEAM | changes)).json()["code"] == code


async def test_teams_are_asked_to_come_and_those_who_were_at_none_are_listed(scene: Scene) -> None:
    await scene.town.put(f"{scene.path}/teams", json=TEAM)
    await scene.county.put(
        f"{scene.path}/teams", json=TEAM | {"division_code": OTHER_VILLAGE, "name": "小湖村工作队"}
    )
    session = (
        await scene.county.post(f"{scene.path}/trainings", json=SESSION | {"division_code": COUNTY})
    ).json()
    assert (session["expected"], session["attended"], session["rate"]) == (4, 0, 0.0)
    address = f"{scene.path}/trainings/{session['id']}/attendance"
    people = [came("张强", "attended"), came("李梅", "excused"), came("赵来", "attended")]
    for _again in range(2):
        noted = (await scene.town.put(address, json={"people": people})).json()
        assert (noted["expected"], noted["attended"], noted["excused"], noted["rate"]) == (3, 2, 1, 66.7)
    whole = (await scene.county.get(f"{scene.path}/trainings")).json()["items"]
    assert [(each["expected"], each["attended"]) for each in whole] == [(5, 2)]
    listed = (await scene.town.get(address)).json()["items"]
    assert {(each["name"], each["status"]) for each in listed} == {
        ("张强", "attended"),
        ("李梅", "excused"),
        ("赵来", "attended"),
    }
    untrained = (await scene.county.get(f"{scene.path}/untrained")).json()["items"]
    assert [(each["division_code"], each["name"]) for each in untrained] == [
        (VILLAGE, "李梅"),
        (OTHER_VILLAGE, "张强"),
        (OTHER_VILLAGE, "李梅"),
    ]
    first = (await scene.county.get(f"{scene.path}/untrained?limit=2")).json()
    rest = (await scene.county.get(f"{scene.path}/untrained?limit=2&cursor={first['next']}")).json()
    assert [*first["items"], *rest["items"]] == untrained
    assert rest["next"] is None


async def test_a_town_notes_only_its_own_people_and_trains_only_its_own(scene: Scene) -> None:
    session = (
        await scene.county.post(f"{scene.path}/trainings", json=SESSION | {"division_code": COUNTY})
    ).json()
    address = f"{scene.path}/trainings/{session['id']}/attendance"
    answer = await scene.town.put(address, json={"people": [came("张强", "attended", OTHER_VILLAGE)]})
    assert answer.json()["code"] == "outside_area"
    elsewhere = await scene.town.post(
        f"{scene.path}/trainings", json=SESSION | {"division_code": OTHER_VILLAGE}
    )
    assert elsewhere.json()["code"] == "outside_area"
    body = SESSION | {"division_code": NEXT_VILLAGE, "invite_teams": False}
    own = await scene.town.post(f"{scene.path}/trainings", json=body)
    assert (own.status_code, own.json()["expected"], own.json()["rate"]) == (201, 0, None)
    seen = (await scene.village.get(f"{scene.path}/trainings")).json()["items"]
    assert [each["division_code"] for each in seen] == [COUNTY], "a village sees what it is asked to"
