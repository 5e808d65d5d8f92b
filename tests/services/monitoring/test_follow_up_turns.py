"""Whose turn it is until when, and what happens to who is late."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from services.monitoring.followups.rules import Followed, turn_after
from services.monitoring.overdue.job import act_on_limits
from shared.contracts.household import HouseholdChanged, HouseholdRehomed
from shared.domain.division import town_of
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    move,
)
from tests.services.monitoring.journey import eliminated, monitored
from tests.services.monitoring.visiting import VISIT, keep, lifted, told, turn, visited


async def test_the_job_gives_turns_to_whoever_came_under_watch_or_was_lifted_and_takes_those_of_others(
    scene: Scene,
) -> None:
    general, poor, away = household(), lifted(responsible_official="李干部"), lifted()
    await scene.known(general, poor, away)
    assert await keep(scene) == 2
    assert await keep(scene) == 0
    found = await turn(scene, poor)
    assert found
    assert (found["official"], found["kind"], found["last_on"], found["due_on"]) == (
        "李干部",
        "lifted",
        None,
        "2021-09-10",
    )
    # Under watch from 14 June, and helped by somebody else: by the month, counted from that day.
    thing = await monitored(scene, poor.id)
    await move(scene.county, f"{thing}/contact", {"name": "周联系人", "unit": "县医保局"})
    assert await keep(scene) == 1
    found = await turn(scene, poor)
    assert found
    assert (found["official"], found["kind"], found["due_on"]) == ("周联系人", "monitored", "2021-07-14")
    # Another contact changes whose turn it is, not until when.
    scene.go_to(2021, 7, 1)
    await move(scene.county, f"{thing}/contact", {"name": "吴联系人", "unit": "县医保局"})
    assert await keep(scene) == 1
    found = await turn(scene, poor)
    assert found
    assert (found["official"], found["due_on"]) == ("吴联系人", "2021-07-14")
    gone = away.model_dump() | {"members": (), "version": 2}
    await scene.service.tell(HouseholdChanged(**gone))
    assert await keep(scene) == 1
    assert await turn(scene, away) is None


async def test_a_household_is_observed_for_a_year_after_the_elimination_by_whoever_helped(
    scene: Scene,
) -> None:
    poor = lifted(responsible_official="李干部")
    await scene.known(poor)
    thing = await monitored(scene, poor.id)
    await move(scene.county, f"{thing}/contact", {"name": "吴联系人", "unit": "县医保局"})
    await keep(scene)
    scene.go_to(2021, 7, 1)
    seen = await scene.village.post(f"{thing}/follow-ups", json=VISIT | {"on": "2021-06-20"})
    assert seen.status_code == 201, seen.text
    await eliminated(scene, thing)
    await keep(scene)
    found = await turn(scene, poor)
    assert found
    assert (found["kind"], found["due_on"], found["official"]) == ("observed", "2022-03-21", "吴联系人")
    # Then by the quarter as other lifted households, from the last visit.
    scene.go_to(2022, 12, 20)
    await keep(scene)
    found = await turn(scene, poor)
    assert found
    assert (found["kind"], found["due_on"], found["official"]) == ("lifted", "2021-09-22", "李干部")


async def test_who_is_late_is_marked_told_and_goes_up_until_the_visit(scene: Scene) -> None:
    home = await scene.known(lifted())
    await scene.village.post("/follow-ups", json=VISIT | {"household_id": str(home.id)})

    async def marks(month: int, day: int) -> tuple[Any, ...]:
        scene.go_to(2021, month, day)
        await act_on_limits(scene.service.database)
        found = await turn(scene, home)
        assert found
        return found["overdue"], found["overdue_on"], found["level"], found["escalated_on"]

    # Due on Friday, 10 September. 18 September was a working Saturday, 19 to 21 the Mid-Autumn holiday.
    assert await marks(9, 10) == (False, None, "village", None)
    assert await marks(9, 13) == (True, "2021-09-11", "village", None)
    assert await marks(9, 15) == (True, "2021-09-11", "town", "2021-09-15")
    assert await marks(9, 21) == (True, "2021-09-11", "town", "2021-09-15")
    assert await marks(9, 22) == (True, "2021-09-11", "county", "2021-09-22")
    assert await act_on_limits(scene.service.database) == 0
    assert [each["data"]["level"] for each in await told(scene, "follow_up_overdue")] == [
        "village",
        "town",
        "county",
    ]
    late = (await scene.county.get("/follow-ups/due", params={"overdue": True, "level": "county"})).json()[
        "items"
    ]
    assert [each["household_id"] for each in late] == [str(home.id)]
    await scene.service.tell(visited(home, date(2021, 9, 22)))
    found = await turn(scene, home)
    assert found
    assert (found["overdue"], found["overdue_on"], found["level"], found["due_on"]) == (
        False,
        None,
        "village",
        "2021-12-22",
    )
    assert await act_on_limits(scene.service.database) == 0


async def test_the_list_is_asked_by_official_and_village_the_most_urgent_first(scene: Scene) -> None:
    homes = [
        lifted(place, responsible_official=name)
        for place, name in (
            (VILLAGE, "李干部"),
            (VILLAGE, "周干部"),
            (OTHER_VILLAGE, "李干部"),
            (VILLAGE, "李干部"),
        )
    ]
    await scene.known(*homes)
    await scene.service.tell(
        *(visited(home, date(2021, 6, 9) - timedelta(days=20 * n)) for n, home in enumerate(homes))
    )

    async def asked(**wanted: Any) -> list[int]:
        listed = (await scene.county.get("/follow-ups/due", params=wanted)).json()["items"]
        place = {str(home.id): n for n, home in enumerate(homes)}
        return [place[each["household_id"]] for each in listed]

    assert await asked() == [3, 2, 1, 0]
    assert await asked(official="李干部") == [3, 2, 0]
    assert await asked(official="李干部", division=VILLAGE) == [3, 0]
    assert await asked(until="2021-08-20") == [3, 2, 1]
    assert await asked(kind="monitored") == []
    scene.go_to(2021, 8, 1)
    assert await asked(overdue=True) == [3, 2]
    assert await asked(overdue=False) == [1, 0]
    first = (await scene.county.get("/follow-ups/due", params={"limit": 3})).json()
    rest = (await scene.county.get("/follow-ups/due", params={"limit": 3, "cursor": first["next"]})).json()
    assert len(first["items"] + rest["items"]) == 4
    own = (await scene.town.get("/follow-ups/due")).json()["items"]
    assert {each["division_code"] for each in own} == {VILLAGE}


async def test_counts_of_towns_equal_a_recount_and_turns_what_each_by_itself_would_get(scene: Scene) -> None:
    dice = random.Random(11)
    homes = [lifted(dice.choice([VILLAGE, OTHER_VILLAGE]), number=str(n)) for n in range(120)]
    await scene.known(*homes)
    await keep(scene)
    newest: dict[str, date] = {}
    visits = []
    for home in homes:
        for _ in range(dice.randint(0, 2)):
            day = date(2021, 6, 10) - timedelta(days=dice.randint(0, 150))
            visits.append(visited(home, day))
            newest[str(home.id)] = max(newest.get(str(home.id), day), day)
    await scene.service.tell(*visits)
    await act_on_limits(scene.service.database)
    listed = (await scene.county.get("/follow-ups/due", params={"limit": 200})).json()["items"]
    assert {each["household_id"]: each["due_on"] for each in listed} == {
        str(home.id): turn_after(
            Followed.LIFTED, home.division_code, newest.get(str(home.id), date(2021, 6, 10))
        ).due_on.isoformat()
        for home in homes
    }
    shown = (await scene.county.get("/follow-ups/progress", params={"division": COUNTY})).json()
    for line in shown["lines"]:
        mine = [each for each in listed if town_of(each["division_code"]) == line["division_code"]]
        assert line["households"] == len(mine)
        assert line["unvisited"] == sum(each["last_on"] is None for each in mine)
        assert line["overdue"] == sum(each["overdue"] for each in mine)
        assert line["due_soon"] == sum("2021-06-10" <= each["due_on"] <= "2021-06-16" for each in mine)
        assert line["escalated"] == sum(each["level"] != "village" for each in mine)
    names = ("households", "unvisited", "overdue", "due_soon", "escalated", "monitored")
    for name in names:
        assert shown["total"][name] == sum(line[name] for line in shown["lines"])
    assert shown["total"]["overdue"] > 0
    assert shown["total"]["escalated"] > 0


async def test_follow_ups_and_turns_go_with_their_household(scene: Scene) -> None:
    home = await scene.known(lifted())
    shown = (await scene.village.post("/follow-ups", json=VISIT | {"household_id": str(home.id)})).json()
    rehomed = HouseholdRehomed(
        household_id=home.id,
        division_code=VILLAGE,
        into_code=OTHER_VILLAGE,
        happened_on=date(2021, 6, 12),
        version=2,
    )
    there = home.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2}
    await scene.service.tell(HouseholdChanged(**there), rehomed)
    new_town = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await new_town.get(f"/follow-ups/{shown['id']}")).status_code == 200
    assert (await scene.town.get(f"/follow-ups/{shown['id']}")).status_code == 404
    for path in ("/follow-ups", "/follow-ups/due"):
        assert len((await new_town.get(path)).json()["items"]) == 1, path
        assert (await scene.town.get(path)).json()["items"] == [], path
    (event,) = await told(scene, "follow_up_rehomed")
    assert (event["area"], event["sequence"]) == (OTHER_VILLAGE, 2)
