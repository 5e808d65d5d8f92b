"""What happens to a household between its check and the county's approval is not passed over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move, without
from tests.services.monitoring.journey import (
    accepted,
    eliminated,
    measure_done,
    monitored,
    monitored_with_kin,
    open_case,
    walk,
)

BACK = {"to_step": "household_check", "reason": "入户核实之后有变化"}


async def approval(scene: Scene, case: str, **expect: int) -> dict[str, Any]:
    """Ask the county to approve."""
    return await move(scene.county, f"{case}/county-approval", forms.APPROVAL, **expect)


async def test_a_risk_told_after_the_household_check_is_checked_before_anybody_approves(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="town-review")
    lead = await accepted(scene, home.id, risk_type="schooling")
    assert f"/cases/{lead['case_id']}" == case
    await move(scene.town, f"{case}/town-review", forms.REVIEW)
    await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK)
    assert (await approval(scene, case, expect=409))["code"] == "risk_unchecked"
    await move(scene.county, f"{case}/return", BACK)
    both = [*forms.CHECK["risks"], {"risk_type": "schooling", "cause": "长女入读高中"}]
    await move(scene.village, f"{case}/household-check", forms.CHECK | {"risks": both})
    shown = await walk(scene, case, since="data-check", until="announcement")
    assert (await scene.village.get(f"/monitored/{shown['monitored_id']}")).json()["open_risks"] == [
        "illness",
        "schooling",
    ]


async def test_what_the_check_did_not_find_of_what_was_told_before_holds_nothing_up(scene: Scene) -> None:
    home = await scene.known(household())
    lead = await accepted(scene, home.id, risk_type="water")
    shown = await walk(scene, f"/cases/{lead['case_id']}", until="announcement")
    assert (await scene.village.get(f"/monitored/{shown['monitored_id']}")).json()["open_risks"] == [
        "illness"
    ]


@pytest.mark.parametrize("everybody", [False, True], ids=["the person at risk", "everybody"])
async def test_nobody_is_tagged_who_has_left_since_the_check(scene: Scene, *, everybody: bool) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    ill, *others = (each.id for each in home.members)
    risk = forms.CHECK["risks"][0] | ({} if everybody else {"member_id": str(ill)})
    await walk(scene, case, until="county-approval", changed={"household-check": {"risks": [risk]}})
    await scene.service.tell(without(home, ill, *(others if everybody else ())))
    assert (await approval(scene, case, expect=409))["code"] == "person_gone"
    no = {"approved": False, "opinion": "人员已离开"}
    assert (await move(scene.county, f"{case}/county-approval", no))["status"] == "refused"


async def test_no_risk_comes_back_to_somebody_who_has_left(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    ill = home.members[0].id
    await move(
        scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发", "member_id": str(ill)}
    )
    await scene.service.tell(without(home, ill))
    refused = await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL, expect=422)
    assert refused["code"] == "not_of_household"
    await move(scene.county, f"{thing}/retagging/return", {"reason": "已去世"})


async def test_who_is_declared_as_kin_does_not_vote(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    kin = [{"name": "周明", "office": "村书记", "relation": "户主之弟"}]
    await walk(scene, case, until="deliberation", changed={"household-check": {"relatives": kin}})
    refused = await move(scene.village, f"{case}/deliberation", forms.DELIBERATION, expect=422)
    assert [(each["pointer"], each["code"]) for each in refused["errors"]] == [
        ("/participants/0/kin", "kin_votes")
    ]
    secretary, *others = forms.DELIBERATION["participants"]
    recused = forms.DELIBERATION | {"participants": [secretary | {"kin": True}, *others], "votes_for": 2}
    shown = await move(scene.village, f"{case}/deliberation", recused)
    assert [each["name"] for each in shown["kin_present"]] == ["周明"]


async def test_nor_on_whether_the_risk_is_gone(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored_with_kin(scene, home.id, "周明的哥哥")
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    brother = [{"name": "周明的哥哥", "role": "村民代表"}, *forms.GONE["participants"]]
    votes = forms.GONE | {"participants": brother, "votes_for": 4}
    refused = await move(scene.village, f"{thing}/elimination/deliberation", votes, expect=422)
    assert [each["code"] for each in refused["errors"]] == ["kin_votes"]
