"""The limit of the whole procedure acts, too: from the accepted clue to the county's approval."""

from __future__ import annotations

from datetime import date

from services.monitoring.overdue.job import act_on_limits
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.journey import open_case, walk


async def act(scene: Scene, day: date) -> int:
    """Let the job run in the morning of a day."""
    scene.go_to(day.year, day.month, day.day)
    return await act_on_limits(scene.service.database)


async def test_a_procedure_that_takes_too_long_goes_up_though_each_step_was_in_time(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    # Fifteen working days end on Friday the 2nd of July; the step has a limit of its own, behind that.
    scene.go_to(2021, 7, 1)
    await walk(scene, case, until="data-check")
    assert await act(scene, date(2021, 7, 2)) == 0
    await act(scene, date(2021, 7, 5))
    shown = (await scene.county.get(case)).json()
    assert (shown["procedure_due_on"], shown["due_on"]) == ("2021-07-02", "2021-07-06")
    assert (shown["overdue"], shown["overdue_on"]) == (True, "2021-07-03")
    (late,) = [each["data"] for each in await outbox_of(scene.service) if "case_overdue" in str(each["type"])]
    assert isinstance(late, dict)
    assert (late["due_on"], late["overdue_on"]) == ("2021-07-02", "2021-07-03")
    assert len((await scene.county.get("/cases?overdue=true")).json()["items"]) == 1
    await move(scene.county, f"{case}/data-check", forms.DATA_CHECK)
    await act(scene, date(2021, 7, 6))
    assert (await scene.county.get(case)).json()["level"] == "county", "whoever has it next is late, too"


async def test_what_the_county_has_approved_is_measured_by_its_last_step_alone(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    scene.go_to(2021, 6, 28)
    await walk(scene, case, until="announcement")
    assert scene.service.clock.moment.date() == date(2021, 7, 2)
    assert await act(scene, date(2021, 7, 5)) == 0
    assert not (await scene.county.get(case)).json()["overdue"]
