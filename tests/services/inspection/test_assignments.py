"""Who visits which household: named, shared out grid by grid, handed over; and how far they are."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from services.inspection.assignments.rules import Home, Officer, share
from shared.contracts.household import (
    GridChanged,
    HouseholdChanged,
    HouseholdRegistered,
    HouseholdRehomed,
)
from shared.contracts.monitoring import HouseholdTagged
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
)

TEAM = {
    "division_code": VILLAGE,
    "name": "八里村工作队",
    "leader": "张强",
    "members": [{"name": "张强", "role": "resident_team"}, {"name": "李梅", "role": "village_officer"}],
}


async def given_to(scene: Scene, *entries: dict[str, Any]) -> Any:
    """Assign, as the county."""
    answer = await scene.county.post(f"{scene.path}/assignments", json={"assignments": list(entries)})
    return answer.json()


async def officers_of(scene: Scene, homes: list[HouseholdRegistered]) -> list[str | None]:
    """Who is to visit each household."""
    listed = (await scene.county.get(f"{scene.path}/assignments/households?limit=200")).json()["items"]
    known = {each["id"]: each["officer"] for each in listed}
    return [known.get(str(home.id)) for home in homes]


async def test_officers_are_given_to_villages_groups_grids_and_households_and_the_narrower_wins(
    scene: Scene,
) -> None:
    grid = GridChanged(id=uuid7(), division_code=VILLAGE, version=1, number="01", name="第一网格")
    await scene.service.tell(grid)
    homes = [
        household(),
        household(group_name="东组"),
        household(group_name="东组", grid_id=grid.id),
        household(group_name="东组", grid_id=grid.id),
        household(NEXT_VILLAGE),
    ]
    await scene.add(*homes)
    entries = (
        {"officer": "户上的", "household_ids": [str(homes[3].id)]},
        {"officer": "网格的", "grid_id": str(grid.id)},
        {"officer": "组上的", "division_code": VILLAGE, "group_name": "东组"},
        {"officer": "镇上的", "division_code": TOWN},
    )
    assert await given_to(scene, *entries) == {"changed": 5}
    assert await officers_of(scene, homes) == ["镇上的", "组上的", "网格的", "户上的", "镇上的"]
    assert await given_to(scene, *entries) == {"changed": 0}
    assert await given_to(scene, {"officer": "新来的", "division_code": NEXT_VILLAGE}) == {"changed": 1}
    listed = (await scene.county.get(f"{scene.path}/assignments?division={NEXT_VILLAGE}")).json()["items"]
    assert listed == [
        {
            "division_code": NEXT_VILLAGE,
            "division_name": "蒙村",
            "officer": "新来的",
            "due": 1,
            "visited": 0,
        }
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"division_code": OTHER_VILLAGE}, "outside_area"),
        ({"household_ids": [str(uuid7())]}, "not_in_campaign"),
        ({"grid_id": str(uuid7())}, "not_in_campaign"),
        ({}, "invalid"),
        ({"division_code": VILLAGE, "grid_id": str(uuid7())}, "invalid"),
        ({"group_name": "东组", "grid_id": str(uuid7())}, "invalid"),
    ],
    ids=[
        "a village of another town",
        "a household that there is not",
        "a grid that there is not",
        "nothing",
        "two things",
        "a group of no village",
    ],
)
async def test_what_cannot_be_assigned_is_refused(scene: Scene, entry: dict[str, Any], code: str) -> None:
    body = {"assignments": [{"officer": "张强"} | entry]}
    answer = await scene.town.post(f"{scene.path}/assignments", json=body)
    assert answer.json()["code"] == code


async def test_households_are_shared_among_the_team_by_grid_with_equal_loads(scene: Scene) -> None:
    kept = GridChanged(
        id=uuid7(), division_code=VILLAGE, version=1, number="01", name="一格", officer_name="李梅"
    )
    await scene.service.tell(kept)
    own = [household(grid_id=kept.id) for _ in range(4)]
    groups = [household(group_name=f"{number % 5}组", minimum_living=number < 3) for number in range(20)]
    elsewhere = household(NEXT_VILLAGE)
    await scene.add(*own, *groups, elsewhere)
    assert (await scene.town.put(f"{scene.path}/teams", json=TEAM)).status_code == 200
    shared = (await scene.town.post(f"{scene.path}/assignments/balance", json={"division": TOWN})).json()
    assert (shared["assigned"], shared["left"]) == (24, 1), "nobody is in a team of the other village"
    assert await officers_of(scene, own) == ["李梅"] * 4, "the grid's officer keeps the grid"
    loads = {each["officer"]: each["households"] + each["priority"] for each in shared["officers"]}
    assert abs(loads["张强"] - loads["李梅"]) <= 4, loads
    for number in range(5):
        together = await officers_of(scene, groups[number::5])
        assert len(set(together)) == 1, "a group stays together"
    left = (await scene.town.get(f"{scene.path}/assignments/open")).json()["items"]
    assert [each["id"] for each in left] == [str(elsewhere.id)]
    again = (await scene.town.post(f"{scene.path}/assignments/balance", json={"division": TOWN})).json()
    assert again["assigned"] == 0
    named = {"division": NEXT_VILLAGE, "officers": ["王芳"]}
    assert (await scene.town.post(f"{scene.path}/assignments/balance", json=named)).json()["assigned"] == 1


async def test_sharing_out_anew_leaves_what_was_visited(scene: Scene) -> None:
    homes = [household() for _ in range(6)]
    await scene.add(*homes)
    await given_to(scene, {"officer": "张强", "division_code": VILLAGE})
    await scene.visit(homes[0])
    body = {"division": VILLAGE, "officers": ["张强", "李梅"], "only_unassigned": False}
    shared = (await scene.town.post(f"{scene.path}/assignments/balance", json=body)).json()
    assert shared["assigned"] == 5
    officers = await officers_of(scene, homes)
    assert officers[0] == "张强"
    assert Counter(officers) == {"张强": 3, "李梅": 3}


async def test_what_an_officer_has_not_visited_yet_goes_to_another_with_the_reason(scene: Scene) -> None:
    homes = [household() for _ in range(3)]
    await scene.add(*homes)
    await given_to(scene, {"officer": "张强", "division_code": VILLAGE})
    await scene.visit(homes[0])
    body = {"from_officer": "张强", "to_officer": "李梅", "reason": "张强外出学习"}
    answer = await scene.town.post(f"{scene.path}/assignments/handover", json=body)
    assert answer.json() == {"changed": 2}
    listed = (await scene.town.get(f"{scene.path}/assignments")).json()["items"]
    assert [(each["officer"], each["due"], each["visited"]) for each in listed] == [
        ("张强", 1, 1),
        ("李梅", 2, 0),
    ]
    one = body | {"household_ids": [str(homes[0].id)]}
    assert (await scene.town.post(f"{scene.path}/assignments/handover", json=one)).json() == {"changed": 1}
    progress = (await scene.county.get(f"{scene.path}/progress?by=officer")).json()["officers"]
    assert [(each["officer"], each["assigned"], each["visited"]) for each in progress] == [
        ("张强", 0, 1),
        ("李梅", 3, 0),
    ]


async def test_an_officers_list_begins_with_those_to_visit_first_and_pages_in_order(scene: Scene) -> None:
    plain = [household(number=f"34062110020100{number:02}", group_name="东组") for number in range(4)]
    poor = household(number="3406211002010099", group_name="西组", minimum_living=True)
    watched = household(number="3406211002010098", group_name="东组")
    await scene.add(*plain, poor, watched)
    await scene.service.tell(
        HouseholdTagged(
            id=uuid7(),
            division_code=VILLAGE,
            version=1,
            household_id=watched.id,
            category="marginal",
            status="monitored",
            contact=None,
            tagged_on=date(2021, 5, 1),
            eliminated_on=None,
            episodes=(),
        )
    )
    await given_to(scene, {"officer": "张强", "division_code": VILLAGE})
    await scene.visit(plain[0])
    address = f"{scene.path}/assignments/households?officer=张强&limit=2"
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await scene.village.get(address + cursor)).json()
        seen += page["items"]
        if not page["next"]:
            break
        cursor = f"&cursor={page['next']}"
    assert [(each["number"][-2:], each["priority"], each["visited"]) for each in seen] == [
        ("98", True, False),
        ("99", True, False),
        ("00", False, True),
        ("01", False, False),
        ("02", False, False),
        ("03", False, False),
    ]
    open_ones = (await scene.village.get(f"{address}&visited=false")).json()["items"]
    assert [each["number"][-2:] for each in open_ones] == ["98", "99"]


async def test_an_assignment_goes_where_its_household_goes(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    await given_to(scene, {"officer": "张强", "division_code": VILLAGE})
    await scene.service.tell(
        HouseholdChanged(**home.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2}),
        HouseholdRehomed(
            household_id=home.id,
            division_code=VILLAGE,
            into_code=OTHER_VILLAGE,
            happened_on=date(2021, 6, 10),
            version=2,
        ),
    )
    assert (await scene.village.get(f"{scene.path}/assignments")).json()["items"] == []
    (there,) = (await scene.county.get(f"{scene.path}/assignments")).json()["items"]
    assert (there["division_code"], there["officer"]) == (OTHER_VILLAGE, "张强")


HOMES = st.lists(
    st.tuples(st.sampled_from([VILLAGE, NEXT_VILLAGE]), st.integers(0, 6), st.booleans()), max_size=120
)


@pytest.mark.check
@given(homes=HOMES, officers=st.integers(1, 5))
def test_loads_differ_by_no_more_than_half_a_fair_share(
    homes: list[tuple[str, int, bool]], officers: int
) -> None:
    drawn = [
        Home(UUID(int=place), code, f"{unit}组", first) for place, (code, unit, first) in enumerate(homes)
    ]
    people = [Officer(f"干部{number}", TOWN) for number in range(officers)]
    shares = share(drawn, people, loads={}, keepers={})
    assert shares.officers.keys() == {home.id for home in drawn}
    assert shares == share(list(reversed(drawn)), people, loads={}, keepers={}), "the same question"
    total = sum(home.weight for home in drawn)
    assert sum(shares.loads.values()) == total
    assert max(shares.loads.values()) - min(shares.loads.values()) <= total / officers / 2 + 4


@pytest.mark.slow
async def test_a_county_is_shared_out_in_seconds(scene: Scene) -> None:
    villages = [f"3406211{town:02}{200 + village:03}" for town in range(13) for village in range(1, 20)]
    made = 0
    for village in villages:
        homes = [
            household(village, number=f"{village}{number:04}", group_name=f"{number % 8}组")
            for number in range(203)
        ]
        await scene.add(*homes)
        made += len(homes)
    officers = [f"干部{number}" for number in range(400)]
    started = time.perf_counter()
    body = {"division": COUNTY, "officers": officers}
    shared = (await scene.county.post(f"{scene.path}/assignments/balance", json=body, timeout=120)).json()
    seconds = time.perf_counter() - started
    loads = [each["households"] for each in shared["officers"]]
    print(f"\n{made:,} households among 400 in {seconds:.1f} s, {min(loads)} to {max(loads)} each")  # noqa: T201
    assert shared["assigned"] == made
    assert seconds < 60


async def test_a_household_that_went_before_anybody_came_is_nobodys_to_visit_any_more(scene: Scene) -> None:
    seen, gone, left = (household(number=f"{place:016}") for place in range(3))
    await scene.add(seen, gone, left)
    named = [{"division_code": VILLAGE, "officer": "张强"}]
    await scene.county.post(f"{scene.path}/assignments", json={"assignments": named})
    await scene.visit(seen)
    for home in (seen, gone):
        merged = home.model_dump() | {"merged_into": left.id, "version": 2}
        await scene.service.tell(HouseholdChanged(**merged))
    (line,) = (await scene.county.get(f"{scene.path}/assignments")).json()["items"]
    assert (line["due"], line["visited"]) == (2, 1)
    (officer,) = (await scene.county.get(f"{scene.path}/progress?by=officer")).json()["officers"]
    assert (officer["assigned"], officer["visited"]) == (2, 1)
