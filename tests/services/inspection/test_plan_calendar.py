"""The plan's calendar: the campaign of 6 to 28 June 2021, day by day, with a moving clock.

Part four of the county's plan: four phases, towns staggered inside them (压茬推进), nothing after the 28th. The 12th to
14th is the Dragon Boat Festival; the 12th and 13th, 19th and 20th, 26th and 27th are weekends.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from services.inspection.deadlines.job import act_on_deadlines
from services.inspection.dispatches.job import freeze_weeks
from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.services.inspection.conftest import (
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    Scene,
    failed,
    household,
    on,
    visit,
)
from tests.services.inspection.test_campaigns import phases
from tests.services.inspection.test_findings import DONE, PLAN, move

#: The other town begins and ends its fieldwork two days later.
LATER = phases((6, 10), (11, 17), (18, 25), (26, 28))
#: What the jobs told of the two findings of 9 June that nobody touches: A1-04 is critical and due in five working days,
#: A2-01 general and due in ten. 一: the first, 二: the second.
TOLD = {
    # The 17th is three working days away: the 15th, 16th and 17th.
    11: {"finding_due 一"},
    18: {"finding_overdue 一", "finding_escalated 一 town"},
    # The Monday after: the second working day of the one, three before the 24th of the other.
    21: {"finding_escalated 一 county", "finding_due 二"},
    25: {"finding_overdue 二"},
    28: {"finding_escalated 二 town"},
}


async def test_the_campaign_of_june_2021_goes_by_the_plan(scene: Scene) -> None:
    play = Play(scene)
    await play.prepare()
    for day in range(6, 30):
        play.day = day
        scene.service.clock.moment = on(day)
        await act_on_deadlines(scene.service.database)
        await play.visits_of_the_day()
        scene.service.clock.moment = on(day).replace(hour=15, minute=50)
        play.frozen[day] = await freeze_weeks(scene.service.database)
    assert {day for day, taken in play.first_visits[TOWN].items() if taken} == set(range(9, 16))
    assert {day for day, taken in play.first_visits[OTHER_TOWN].items() if taken} == set(range(11, 18))
    assert {day for day, taken in play.follow_ups.items() if taken} == set(range(10, 26))
    assert play.reasons[OTHER_TOWN][10] == "可走访日期为2021-06-11至2021-06-17"
    assert play.reasons[TOWN][16] == "可走访日期为2021-06-09至2021-06-15"
    assert await play.told() == TOLD
    assert {day for day, weeks in play.frozen.items() if weeks} == {6, 13, 20, 27, 28}


async def test_what_overruns_the_plan_is_refused_with_the_reason(scene: Scene) -> None:
    late = phases((6, 10), (11, 17), (18, 27), (28, 29))
    answer = await scene.town.put(f"{scene.path}/schedule", json={"division_code": TOWN, "phases": late})
    assert (answer.json()["code"], answer.json()["detail"]) == (
        "outside_campaign",
        "工作总结阶段2021-06-28至2021-06-29，超出全县排查期限2021-06-06至2021-06-28",
    )
    home = household()
    await scene.add(home)
    recorded = await scene.visit(home, answers=[failed("A1-04"), failed("A2-01")])
    found = [(await scene.county.get(f"/findings/{each}")).json() for each in recorded.json()["finding_ids"]]
    assert [each["deadline_on"] for each in found] == ["2021-06-17", "2021-06-24"], "holidays do not count"
    beyond = await move(scene.village, found[0], "plan", PLAN | {"deadline_on": "2021-06-29"})
    assert beyond.json()["code"] == "deadline_after_campaign"
    scene.service.clock.moment = on(15)
    capped = await scene.visit(
        home, visited_at="2021-06-15T09:00:00+08:00", answers=[failed("A1-03", "墙体开裂")]
    )
    finding = (await scene.county.get(f"/findings/{capped.json()['finding_ids'][0]}")).json()
    assert finding["deadline_on"] == "2021-06-28", "ten working days would be the 29th"


async def test_rectification_in_time_is_pressed_by_nobody(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    recorded = await scene.visit(home, answers=[failed("A1-04")])
    finding = (await scene.county.get(f"/findings/{recorded.json()['finding_ids'][0]}")).json()
    for day, caller, name, body in (
        (10, scene.village, "plan", PLAN),
        (16, scene.village, "rectification", DONE),
        (17, scene.county, "verification", {}),
    ):
        scene.service.clock.moment = on(day)
        await act_on_deadlines(scene.service.database)
        finding = (await scene.county.get(f"/findings/{finding['id']}")).json()
        finding = (await move(caller, finding, name, body)).json()
    for day in range(18, 30):
        scene.service.clock.moment = on(day)
        assert await act_on_deadlines(scene.service.database) == 0
    shown = (await scene.county.get(f"/findings/{finding['id']}/timeline")).json()
    assert [(each["step"], each["on"][8:]) for each in shown["steps"]] == [
        ("raised", "09"),
        ("planned", "10"),
        ("due_soon", "16"),
        ("submitted", "16"),
        ("closed", "17"),
    ]


class Play:
    """The campaign as it is played, and what was noted on each day."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.day = scene, 0
        self.homes: dict[str, list[HouseholdRegistered]] = {}
        self.first_visits: dict[str, dict[int, bool]] = defaultdict(dict)
        self.reasons: dict[str, dict[int, str]] = defaultdict(dict)
        self.follow_ups: dict[int, bool] = {}
        self.frozen: dict[int, int] = {}
        self.findings: dict[str, str] = {}

    async def prepare(self) -> None:
        """Let the other town be later, and register a household for each day in both."""
        body = {"division_code": OTHER_TOWN, "phases": LATER}
        assert (await self.scene.county.put(f"{self.scene.path}/schedule", json=body)).status_code == 200
        for town, village in ((TOWN, {}), (OTHER_TOWN, {"division_code": OTHER_VILLAGE})):
            self.homes[town] = [household(**village) for _ in range(24)]
            await self.scene.add(*self.homes[town])

    async def visits_of_the_day(self) -> None:
        """Try to visit a new household in each town, and one again that was visited on the 9th."""
        for town in (TOWN, OTHER_TOWN):
            home = self.homes[town][self.day - 6]
            answers = [failed("A1-04"), failed("A2-01")] if (town, self.day) == (TOWN, 9) else []
            answer = await self._visit(home, answers)
            self.first_visits[town][self.day] = answer.get("first", False)
            self.reasons[town][self.day] = answer.get("detail", "")
            if answers:
                self.findings = dict(zip(answer["finding_ids"], "一二", strict=True))
        if self.day > 9:
            again = await self._visit(self.homes[TOWN][9 - 6], [])
            self.follow_ups[self.day] = again.get("first") is False

    async def _visit(self, home: HouseholdRegistered, answers: list[dict[str, Any]]) -> dict[str, Any]:
        draft = visit(home, visited_at=on(self.day).isoformat(), answers=answers)
        answer = await self.scene.county.post(f"{self.scene.path}/visits", json=draft)
        assert answer.status_code in (201, 409), answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def told(self) -> dict[int, set[str]]:
        """What the jobs told, by day: the event, which finding, and the table that it went to."""
        days: dict[int, set[str]] = defaultdict(set)
        for event in await outbox_of(self.scene.service):
            kind = str(event["type"]).split(".")[1]
            if kind in {"finding_due", "finding_overdue", "finding_escalated"}:
                words = [kind, self.findings[str(event["subject"])]]
                words += [event["data"]["level"]] if kind == "finding_escalated" else []
                days[int(str(event["time"])[8:10])].add(" ".join(words))
        return dict(days)
