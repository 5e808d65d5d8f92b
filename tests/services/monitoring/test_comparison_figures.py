"""What is told of a batch adds up, whoever has moved since and whoever looked into it where they are now."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdRegistered, HouseholdSplit, RegroupingState
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import OTHER_TOWN, Scene, move
from tests.services.monitoring.moving import KINDS, gone_of, gone_to, lived_in, office_of, paid, tell_move
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_precision import measured
from tests.services.monitoring.test_rehoming import belongs_elsewhere

CONFIRMED, DISMISSED = [(1, 1, 0, 0, 0, 1.0)], [(1, 0, 1, 0, 0, 0.0)]


@pytest.fixture
async def old(scene: Scene) -> HouseholdRegistered:
    return await lived_in(scene)


@pytest.fixture
async def new(scene: Scene) -> HouseholdRegistered:
    return await gone_to(scene)


@pytest.fixture
async def office(scene: Scene) -> Department:
    return await office_of(scene)


@pytest.fixture
async def town_there(scene: Scene) -> httpx.AsyncClient:
    return await scene.service.caller("town_officer", OTHER_TOWN, subject="town-there")


async def looked_into(scene: Scene, household: HouseholdRegistered, verdict: str) -> None:
    """Let the village find out what is the matter with the open clue to a household."""
    village = await scene.service.caller("village_officer", household.division_code, subject="village-there")
    town = await scene.service.caller("town_officer", household.division_code[:9] + "000", subject="town-too")
    (clue,) = (await village.get("/clues", params={"household_id": str(household.id)})).json()["items"]
    if verdict == "accepted":
        await move(village, f"/clues/{clue['id']}/acceptance", {"verdict": "属实"}, expect=201)
    else:
        await move(village, f"/clues/{clue['id']}/dismissal", {"reason": "已由商业保险理赔"})
        await move(town, f"/clues/{clue['id']}/dismissal/confirmation")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_people_find_out_where_somebody_is_now_is_the_verdict_on_the_warning(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    town_there: httpx.AsyncClient,
    kind: type[RegroupingState],
) -> None:
    batch = await paid(office, 20000, "2021-05")
    _, after = await tell_move(scene, kind, old, new, *gone_of(kind, old))
    await looked_into(scene, after, "accepted")
    assert [await measured(who) for who in (office.client, scene.county, town_there)] == [CONFIRMED] * 3
    (told,) = (await office.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()["verdicts"]
    assert (told["confirmed"], told["open"]) == (1, 0)


@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
@pytest.mark.parametrize(("verdict", "told"), [("accepted", CONFIRMED), ("dismissed", DISMISSED)])
async def test_and_it_stays_where_the_batch_is_corrected_or_withdrawn(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    *,
    how: str,
    verdict: str,
    told: list[tuple[Any, ...]],
) -> None:
    batch = await paid(office, 20000, "2021-05")
    _, after = await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    await looked_into(scene, after, verdict)
    await (withdrawn(office, batch) if how == "withdrawn" else paid(office, 1, "2021-05"))
    assert await measured(scene.county) == told


async def test_what_another_month_bears_out_keeps_the_verdict_of_where_somebody_is_now(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    may = await paid(office, 20000, "2021-05")
    await paid(office, 20000, "2021-06")
    _, after = await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    await looked_into(scene, after, "accepted")
    await withdrawn(office, may)
    assert await measured(scene.county) == CONFIRMED
    assert (await measured(office.client)) == CONFIRMED


async def test_a_verdict_from_before_a_move_is_that_of_the_warning_too(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 20000, "2021-05")
    await looked_into(scene, old, "dismissed")
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    assert await measured(scene.county) == DISMISSED


async def alerts_of(who: httpx.AsyncClient, batch: dict[str, Any]) -> set[int]:
    """Return how many alerts each figure of a batch tells somebody of."""
    told = (await who.get(f"/comparisons/{batch['id']}/reconciliation")).json()
    (listed,) = (await who.get("/comparisons", params={"period": batch["period"]})).json()["items"]
    return {
        told["comparison"]["alerts"],
        listed["alerts"],
        (await who.get(f"/comparisons/{batch['id']}")).json()["alerts"],
        sum(town["alerts"] for town in told["towns"]),
        sum(told["alerts_by_outcome"].values()),
        sum(rule["alerts"] for rule in told["verdicts"]),
    }


@pytest.mark.parametrize("how", ["rehomed", "moved"])
async def test_a_warning_counts_in_the_town_in_which_its_person_is_now_in_every_figure(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    town_there: httpx.AsyncClient,
    how: str,
) -> None:
    batch = await paid(office, 20000, "2021-05")
    callers = (scene.county, scene.town, town_there)
    assert [await alerts_of(who, batch) for who in callers] == [{1}, {1}, {0}]
    if how == "rehomed":
        await belongs_elsewhere(scene, old)
    else:
        await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    assert [await alerts_of(who, batch) for who in callers] == [{1}, {0}, {1}]
    towns = (await scene.county.get(f"/comparisons/{batch['id']}/reconciliation")).json()["towns"]
    assert [(each["matched"], each["alerts"]) for each in towns] == [(1, 0), (0, 1)], "rows stay"
