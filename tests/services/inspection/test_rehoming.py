"""A visited household belongs to another village: its visits, findings and coverage go along."""

from __future__ import annotations

from datetime import date

import pytest

from services.inspection.visits.errors import UnknownHousehold
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, HouseholdRehomed
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.inspection.conftest import OTHER_TOWN, OTHER_VILLAGE, Scene, failed, household


def rehomed(known: HouseholdRegistered) -> HouseholdRehomed:
    return HouseholdRehomed(
        household_id=known.id,
        division_code=known.division_code,
        into_code=OTHER_VILLAGE,
        happened_on=date(2021, 6, 10),
        version=2,
    )


async def test_visits_and_findings_are_seen_where_the_household_is(
    inspection: ServiceUnderTest, scene: Scene
) -> None:
    known = household()
    await scene.add(known)
    recorded = await scene.visit(known, answers=[failed("A1-04")], corrections={"group_name": "东组"})
    assert recorded.status_code == 201
    (finding,) = (await scene.town.get("/findings")).json()["items"]
    await inspection.tell(
        HouseholdChanged(**known.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2})
    )
    await inspection.tell(rehomed(known))
    there = await inspection.caller("town_officer", OTHER_TOWN)
    path = f"/findings/{finding['id']}"
    assert (await there.get(path)).json()["division_code"] == OTHER_VILLAGE
    assert (await there.get(f"{path}/history")).status_code == 200
    assert (await scene.town.get(path)).status_code == 404
    for caller, seen in ((there, 1), (scene.town, 0)):
        visits = (await caller.get(f"{scene.path}/visits")).json()["items"]
        assert [len(visit["proposals"]) for visit in visits] == [2] * seen
        progress = (await caller.get(f"{scene.path}/progress")).json()
        assert progress["total"]["visited"] == seen
    told = [each["type"] for each in await outbox_of(inspection) if each["area"] == OTHER_VILLAGE]
    assert told == ["inspection.visit_rehomed.v1", "inspection.finding_rehomed.v1"]
    await inspection.tell(rehomed(known))
    assert len([each for each in await outbox_of(inspection) if each["area"] == OTHER_VILLAGE]) == 2


async def test_one_whose_news_is_not_here_yet_comes_again_later(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    with pytest.raises(UnknownHousehold):
        await scene.service.tell(rehomed(known))
