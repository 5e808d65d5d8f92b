"""Progress by place, area and officer, read from tallies."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from services.inspection.tallies.job import fold
from shared.contracts.household import HouseholdChanged
from shared.identity.principal import system
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    failed,
    household,
    on,
    open_campaign,
    visit,
)


async def test_progress_counts_households_and_findings_by_division(scene: Scene) -> None:
    homes = [household(), household(), household(NEXT_VILLAGE), household(OTHER_VILLAGE)]
    await scene.add(*homes)
    spot = {"measure": "更换", "evidence": ["照片"]}
    await scene.visit(homes[0], answers=[failed("A1-04"), failed("A1-03", on_the_spot=spot)])
    await scene.visit(homes[0])
    await scene.county.post(f"{scene.path}/visits", json=visit(homes[3], answers=[failed("A8-01")]))
    scene.service.clock.moment = on(25)
    async with scene.service.statements() as sent:
        progress = (await scene.county.get(f"{scene.path}/progress?by=town")).json()
    assert len(sent) <= 6, sent
    towns = {each["division_code"]: each for each in progress["divisions"]}
    assert [towns[TOWN][name] for name in ("name", "due", "visited", "coverage")] == ["濉溪镇", 3, 1, 33.3]
    assert towns[TOWN]["findings"] == {
        "raised": 2,
        "closed": 1,
        "merged": 0,
        "submitted": 0,
        "open": 1,
        "overdue": 1,
        "on_the_spot": 1,
    }
    assert towns[OTHER_TOWN]["findings"]["raised"] == 1
    assert (progress["total"]["division_code"], progress["total"]["due"]) == (COUNTY, 4)
    assert progress["total"]["findings"]["raised"] == 3
    assert progress["areas"]["A1"]["raised"] == 2
    own = (await scene.village.get(f"{scene.path}/progress?by=village")).json()
    assert {each["division_code"]: each["due"] for each in own["divisions"]} == {VILLAGE: 2}


async def test_progress_by_officer_says_what_each_did(scene: Scene) -> None:
    homes = [household(), household(), household(NEXT_VILLAGE)]
    await scene.add(*homes)
    spot = {"measure": "更换", "evidence": ["照片"]}
    await scene.visit(homes[0], answers=[failed("A1-04"), failed("A1-03", on_the_spot=spot)])
    await scene.visit(homes[0], officer="李梅")
    await scene.county.post(f"{scene.path}/visits", json=visit(homes[2], officer="李梅"))
    shown = (await scene.county.get(f"{scene.path}/progress?by=officer")).json()
    assert (shown["divisions"], shown["total"]["visited"]) == ([], 2)
    assert shown["officers"] == [
        {"officer": "张强", "assigned": 0, "visited": 1, "raised": 2, "closed": 1},
        {"officer": "李梅", "assigned": 0, "visited": 1, "raised": 0, "closed": 0},
    ]
    own = (await scene.village.get(f"{scene.path}/progress?by=officer")).json()["officers"]
    assert [each["officer"] for each in own] == ["张强"], "what was done elsewhere is not seen"


async def test_a_household_that_nobody_lives_in_any_more_is_due_no_more(scene: Scene) -> None:
    home, left, merged = household(), household(), household()
    await scene.add(home, left, merged)
    gone = [each.model_copy(update={"left_on": on(9).date()}) for each in left.members]
    await scene.service.tell(
        HouseholdChanged(**(left.model_dump() | {"members": gone, "version": 2})),
        HouseholdChanged(**(merged.model_dump() | {"merged_into": home.id, "version": 2})),
    )
    assert (await scene.county.get(f"{scene.path}/progress")).json()["total"]["due"] == 1


@pytest.mark.parametrize(
    ("campaign", "change"),
    [
        pytest.param({}, {"merged_into": uuid7()}, id="merged into another one"),
        pytest.param({"kinds": ["lifted"]}, {"kind": "general"}, id="of another kind by now"),
    ],
)
async def test_a_visited_household_that_is_gone_does_not_stand_in_for_one_whom_nobody_has_seen(
    scene: Scene, campaign: dict[str, Any], change: dict[str, Any]
) -> None:
    path = f"/campaigns/{await open_campaign(scene.county, **campaign)}"
    seen, gone, unseen = household(), household(), household()
    await scene.add(seen, gone, unseen)
    for home in (seen, gone):
        taken = await scene.village.post(f"{path}/visits", json=visit(home))
        assert taken.status_code == 201, taken.text
    await scene.service.tell(HouseholdChanged(**(gone.model_dump() | change | {"version": 2})))
    for level in ("county", "town", "village"):
        progress = (await scene.county.get(f"{path}/progress?by={level}")).json()
        for shown in (progress["total"], *progress["divisions"]):
            assert (shown["due"], shown["visited"], shown["coverage"]) == (3, 2, 66.7)
    unvisited = (await scene.county.get(f"{path}/unvisited")).json()["items"]
    assert [each["id"] for each in unvisited] == [str(unseen.id)]


async def test_folded_tallies_count_the_same_in_fewer_rows(scene: Scene) -> None:
    homes = [household() for _ in range(30)]
    for home in homes:
        await scene.add(home)
        await scene.visit(home, answers=[failed("A1-04")])
    before = (await scene.county.get(f"{scene.path}/progress?by=village")).json()
    async with scene.service.database.writing(system("inspection")) as db:
        await fold(db)
    after = (await scene.county.get(f"{scene.path}/progress?by=village")).json()
    assert after | {"as_of": None} == before | {"as_of": None}
    async with scene.service.database.reading(system("tests")) as db:
        for table in ("household_tally", "finding_tally", "officer_tally"):
            (rows,) = await db.rows(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - named above
            assert rows[0] == 1, table
