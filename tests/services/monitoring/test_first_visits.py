"""Whoever applies themselves is visited in time, or it is marked, told and goes up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.monitoring.clues.model import Clue
from tests.replaying import history_replays
from tests.services.monitoring.adding import act, late, shown
from tests.services.monitoring.applying import applied
from tests.services.monitoring.conftest import (
    Scene,
    household,
    numbered,
)
from tests.services.monitoring.visiting import visited


async def test_nobody_who_came_in_time_is_marked_told_and_goes_up(scene: Scene) -> None:
    await scene.known(household(members=(numbered(relationship="head"),)))
    await applied(scene.village)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    found: dict[int, tuple[Any, ...]] = {}
    for day in range(15, 26):
        await act(scene, date(2021, 6, day))
        assert await act(scene, date(2021, 6, day)) == 0, "each mark once"
        now = await shown(scene.county, clue["id"])
        found[day] = (now["level"], now["visit_overdue_on"], now["overdue_on"])
    # Two working days end on Tuesday, after the holiday: to the town on Wednesday, to the county on Friday.
    visit, verdict = "2021-06-16", "2021-06-19"
    assert found == {
        15: ("village", None, None),
        **dict.fromkeys((16, 17), ("town", visit, None)),
        18: ("county", visit, None),
        **dict.fromkeys(range(19, 26), ("county", visit, verdict)),
    }
    assert await late(scene) == [
        ("first_visit", "2021-06-15", visit, "village"),
        ("first_visit", "2021-06-15", visit, "town"),
        ("first_visit", "2021-06-15", visit, "county"),
        ("verdict", "2021-06-18", verdict, "county"),
    ]
    await history_replays(scene.service, Clue, await shown(scene.county, clue["id"]), unlike={"evidence"})


@pytest.mark.parametrize(
    ("day", "marked"),
    [pytest.param(15, None, id="in time, told of late"), pytest.param(17, "2021-06-16", id="late")],
)
async def test_a_visit_ends_what_is_late_and_one_in_time_was_never_late(
    scene: Scene, day: int, marked: str | None
) -> None:
    home = await scene.known(household(members=(numbered(relationship="head"),)))
    await applied(scene.village)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    assert await act(scene, date(2021, 6, 17)) == 2
    await scene.service.tell(visited(home, date(2021, 6, day)))
    now = await shown(scene.county, clue["id"])
    assert (now["visited_on"], now["visit_overdue_on"]) == (f"2021-06-{day}", marked)
    assert (await scene.county.get("/clues?visit_overdue=true")).json()["items"] == []
    assert len((await scene.county.get("/clues?visit_overdue=false")).json()["items"]) == 1
    assert await act(scene, date(2021, 6, 18)) == 0


async def test_what_nobody_applied_for_has_no_first_visit(scene: Scene) -> None:
    home = await scene.known(household())
    await scene.clue(home.id)
    assert await act(scene, date(2021, 6, 18)) == 0
    assert len((await scene.county.get("/clues?visit_overdue=false")).json()["items"]) == 1
