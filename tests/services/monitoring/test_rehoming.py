"""A household under watch belongs to another village: its whole file goes along, and the old town sees none of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.monitoring.gaps.job import mark_late
from services.monitoring.replicas.errors import HouseholdUnknown
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, HouseholdRehomed
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household
from tests.services.monitoring.journey import monitored, open_case
from tests.services.monitoring.test_credits import LOAN
from tests.services.monitoring.test_posts import POST

ELSEWHERE, OTHER_TOWN = "340621101201", "340621101000"


def rehomed(known: HouseholdRegistered, *, version: int = 2, to: str = ELSEWHERE) -> HouseholdRehomed:
    return HouseholdRehomed(
        household_id=known.id,
        division_code=known.division_code,
        into_code=to,
        happened_on=date(2021, 6, 12),
        version=version,
    )


async def belongs_elsewhere(scene: Scene, known: HouseholdRegistered) -> None:
    there = known.model_dump() | {"division_code": ELSEWHERE, "version": 2}
    await scene.service.tell(HouseholdChanged(**there), rehomed(known))


async def test_all_that_is_kept_of_a_household_goes_along(monitoring: ServiceUnderTest, scene: Scene) -> None:
    known = await scene.known(household())
    thing = await monitored(scene, known.id)
    await scene.village.post(f"{thing}/measures", json=forms.MEASURE)
    assert (await scene.village.post(f"{thing}/plans", json=forms.PLAN)).status_code == 201
    said = {"risk_type": "illness", "reason": "住院治疗中", "until_on": "2021-06-30"}
    assert (await scene.village.post(f"{thing}/reasons", json=said)).status_code == 201
    whom = str(known.members[0].id)
    for path, form in (("/credits", LOAN | {"borrower_id": whom}), ("/posts", POST | {"member_id": whom})):
        made = await scene.village.post(path, json=form | {"household_id": str(known.id)})
        assert made.status_code == 201, made.text
    scene.go_to(2021, 7, 20)
    assert await mark_late(scene.service.database) == 1, "nobody was named who helps"
    case = f"/cases/{(await scene.county.get('/cases')).json()['items'][0]['id']}"
    before = (await scene.county.get(thing)).json()
    await belongs_elsewhere(scene, known)
    there = await monitoring.caller("town_officer", OTHER_TOWN)
    (credit,), (post,) = [(await there.get(path)).json()["items"] for path in ("/credits", "/posts")]
    for path in (thing, case, f"{thing}/history", f"/credits/{credit['id']}", f"/posts/{post['id']}"):
        assert (await there.get(path)).status_code == 200, path
        assert (await scene.town.get(path)).status_code == 404, path
    now = (await there.get(thing)).json()
    assert now["division_code"] == ELSEWHERE
    same = set(before) - {"division_code", "version", "changed_at"}
    assert {name: now[name] for name in same} == {name: before[name] for name in same}
    own = (f"{thing}/measures", f"{thing}/plans", f"{thing}/reasons", "/monitored/gaps?late=contact")
    pay = "/posts/pay?month=2021-07"
    for listing in (*own, "/clues", "/cases", "/monitored", "/credits", "/posts", pay):
        assert len((await there.get(listing)).json()["items"]) == 1, listing
        assert (await scene.town.get(listing)).json().get("items", []) == [], listing


async def test_the_reports_hear_of_each(monitoring: ServiceUnderTest, scene: Scene) -> None:
    known = await scene.known(household())
    await open_case(scene, known.id)
    await belongs_elsewhere(scene, known)
    told: list[dict[str, Any]] = [each for each in await outbox_of(monitoring) if each["area"] == ELSEWHERE]
    assert [each["type"] for each in told] == ["monitoring.clue_rehomed.v1", "monitoring.case_rehomed.v1"]
    assert [each["data"]["status"] for each in told] == ["verified_at_risk", "open"]
    # Told again, nothing moves and nothing is told.
    await scene.service.tell(rehomed(known))
    assert len([each for each in await outbox_of(monitoring) if each["area"] == ELSEWHERE]) == 2


async def test_one_whose_news_is_not_here_yet_comes_again_later(scene: Scene) -> None:
    known = await scene.known(household())
    with pytest.raises(HouseholdUnknown):
        await scene.service.tell(rehomed(known))
