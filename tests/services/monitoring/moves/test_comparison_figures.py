"""What is told of a batch adds up, whoever has moved since and whoever looked into it where they are now."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from services.monitoring.comparisons.review import run_review
from shared.contracts.household import HouseholdRegistered, HouseholdSplit, RegroupingState
from shared.web.uploads import CSV
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, OTHER_TOWN, Scene, household, member, move
from tests.services.monitoring.moving import KINDS, gone_of, paid, tell_move
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_matching import cost, costs, decided, review_of
from tests.services.monitoring.test_comparison_precision import measured
from tests.services.monitoring.test_rehoming import belongs_elsewhere

CONFIRMED, DISMISSED = [(1, 1, 0, 0, 0, 1.0)], [(1, 0, 1, 0, 0, 0.0)]


@pytest.fixture
async def town_there(scene: Scene) -> httpx.AsyncClient:
    return await scene.service.caller("town_officer", OTHER_TOWN, subject="town-there")


async def looked_into(scene: Scene, home: HouseholdRegistered, verdict: str) -> None:
    """Let the village find out what is the matter with the open clue to a household."""
    village = await scene.service.caller("village_officer", home.division_code, subject="village-there")
    town = await scene.service.caller("town_officer", home.division_code[:9] + "000", subject="town-too")
    (clue,) = (await village.get("/clues", params={"household_id": str(home.id)})).json()["items"]
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


async def test_rows_by_outcome_and_reason_are_those_of_the_reconciliation_once_somebody_has_decided(
    scene: Scene,
) -> None:
    await scene.known(household(members=(member("王小雨", "2005-09-01"),)))
    school = Department(scene.service, await scene.service.caller("department", COUNTY, subject="jiaoyu"))
    rows = [cost(), cost(), cost("外地人", "", "2001-01-01", ""), cost(village="天上村")]
    batch = await costs(school, *rows)
    for line, verdict in ((2, "refusal"), (3, "confirmation")):
        await decided(scene, batch, line, verdict)
    await run_review(await review_of(school))
    # Of the same row twice what was confirmed counts in the correction.
    corrected = await costs(school, *rows, cost("外地人", "", "2001-01-02", ""))
    for each, refused in ((batch, 1), (corrected, 0)):
        told = (await school.client.get(f"/comparisons/{each['id']}/reconciliation")).json()
        counted = Counter((row["outcome"], row["match"]) for row in await school.listed(each, "results"))
        why = {match: rows for (outcome, match), rows in counted.items() if outcome == "unmatched"}
        assert told["unmatched_by_reason"] == why
        assert why.get("person", 0) == refused
        for outcome in ("matched", "probable", "unmatched"):
            shown = sum(rows for (became, _), rows in counted.items() if became == outcome)
            assert told["comparison"][outcome] == shown
    file = await school.client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": CSV})
    assert "未比中：无证件号码，经人工核实不是疑似的人" in file.text
