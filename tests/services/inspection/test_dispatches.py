"""Weekly dispatch: the weeks, the ranks, what is frozen and stays so, who reads what, and the page."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.inspection.campaigns.schemas import DivisionProgress, FindingCounts
from services.inspection.dispatches.errors import NoWeek
from services.inspection.dispatches.job import freeze_weeks
from services.inspection.dispatches.model import due_week, last_ended, week_of
from services.inspection.dispatches.rules import change_of, ranked
from shared.clock import CHINA
from shared.identity.principal import system
from tests.clients import outbox_of
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
    visit,
)
from tests.services.inspection.test_findings import PLAN, move, raised

DAYS = {"starts_on": date(2021, 6, 6), "ends_on": date(2021, 6, 28)}


@pytest.mark.check
@pytest.mark.parametrize(
    ("day", "number", "first", "last"),
    [(6, 1, 6, 6), (7, 2, 7, 13), (13, 2, 7, 13), (14, 3, 14, 20), (27, 4, 21, 27), (28, 5, 28, 28)],
    ids=["a Sunday to begin with", "Monday", "Sunday", "the next week", "the last Sunday", "a last Monday"],
)
def test_weeks_are_calendar_weeks_cut_to_the_campaign(day: int, number: int, first: int, last: int) -> None:
    assert week_of(date(2021, 6, day), **DAYS) == (number, date(2021, 6, first), date(2021, 6, last))


@pytest.mark.check
def test_a_day_outside_the_campaign_has_no_week() -> None:
    for day in (date(2021, 6, 5), date(2021, 6, 29)):
        with pytest.raises(NoWeek):
            week_of(day, **DAYS)


@pytest.mark.check
@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(2021, 6, 6, 22, 50, tzinfo=CHINA), None),
        (datetime(2021, 6, 6, 23, 50, tzinfo=CHINA), 1),
        (datetime(2021, 6, 9, 12, 0, tzinfo=CHINA), 1),
        (datetime(2021, 6, 13, 22, 50, tzinfo=CHINA), 1),
        (datetime(2021, 6, 13, 23, 50, tzinfo=CHINA), 2),
        (datetime(2021, 6, 28, 23, 50, tzinfo=CHINA), 5),
        (datetime(2021, 7, 3, 9, 0, tzinfo=CHINA), 5),
    ],
    ids=[
        "before the first evening",
        "the first evening",
        "nobody froze it then",
        "Sunday afternoon",
        "Sunday night",
        "the last night",
        "days after",
    ],
)
def test_a_week_is_frozen_on_its_last_night_or_when_it_was_missed(
    moment: datetime, number: int | None
) -> None:
    week = due_week(moment, **DAYS)
    assert (week.number if week else None) == number


@pytest.mark.check
def test_the_newest_week_that_is_over() -> None:
    assert last_ended(date(2021, 6, 6), **DAYS) is None
    over = last_ended(date(2021, 6, 20), **DAYS)
    assert over
    assert over.number == 2


def line(code: str, due: int, visited: int, raised: int = 0, closed: int = 0, overdue: int = 0) -> Any:
    """A unit's progress."""
    counts = FindingCounts(raised=raised, closed=closed, open=raised - closed, overdue=overdue)
    coverage = round(100 * visited / due, 1) if due else None
    return DivisionProgress(
        division_code=code, name=code, due=due, visited=visited, coverage=coverage, findings=counts
    )


@pytest.mark.check
def test_units_are_ranked_by_coverage_closure_and_overdue_and_equals_share_a_rank() -> None:
    units = [
        line("lazy", 100, 50, 10, 10),
        line("best", 100, 100, 10, 9),
        line("late", 100, 100, 10, 8, overdue=2),
        line("in time", 100, 100, 10, 8),
        line("equal", 100, 100, 20, 16, overdue=2),
        line("nothing to do", 0, 0),
    ]
    assert [(each.rank, each.progress.division_code) for each in ranked(units, {})] == [
        (1, "nothing to do"),
        (2, "best"),
        (3, "in time"),
        (4, "equal"),
        (4, "late"),
        (6, "lazy"),
    ]


@pytest.mark.check
def test_the_change_is_told_against_the_week_before_and_at_first_against_nought() -> None:
    now, before = line("a", 200, 150, 12, 5, 1), line("a", 200, 100, 10, 1, 3)
    assert change_of(now, before).model_dump() == {
        "visited": 50,
        "coverage": 25.0,
        "raised": 2,
        "closed": 4,
        "open": -2,
        "overdue": -2,
    }
    assert (change_of(now, None).visited, change_of(now, None).coverage) == (150, 75.0)
    assert change_of(line("none", 0, 0), None).coverage is None


async def worked(scene: Scene) -> dict[str, Any]:
    """Households in two towns, some visited; findings, one of them overdue by the 20th."""
    homes = [household(), household(NEXT_VILLAGE), household(OTHER_VILLAGE)]
    await scene.add(*homes)
    await scene.visit(homes[0], answers=[failed("A1-04")])
    await scene.county.post(f"{scene.path}/visits", json=visit(homes[2], answers=[failed("A7-01")]))
    finding = await raised(scene, deadline_on="2021-06-16")
    planned: dict[str, Any] = (await move(scene.village, finding, "plan", PLAN)).json()
    return planned


async def test_a_week_is_frozen_once_for_the_county_and_each_town(scene: Scene) -> None:
    await worked(scene)
    scene.service.clock.moment = on(12)
    address = f"{scene.path}/dispatches"
    assert (await scene.town.post(address)).json()["code"] == "outside_area"
    first = await scene.county.post(address)
    assert (first.status_code, first.headers["location"]) == (201, f"{address}/2")
    assert first.json() == {"week": 2, "starts_on": "2021-06-07", "ends_on": "2021-06-13", "units": 3}
    before = (await scene.county.get(f"{address}/2")).json()
    assert [(each["rank"], each["progress"]["name"]) for each in before["lines"]] == [
        (1, "韩村镇"),
        (2, "濉溪镇"),
    ]
    assert before["areas"]["A2"]["raised"] == 1
    late = household()
    await scene.add(late)
    await scene.visit(late, answers=[failed("A1-03")])
    again = await scene.county.post(address)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await scene.county.get(f"{address}/2")).json() == before, "what is frozen stays"
    told = [event for event in await outbox_of(scene.service) if "dispatch" in str(event["type"])]
    assert [event["area"] for event in told] == [COUNTY, TOWN, OTHER_TOWN]
    async with scene.service.database.writing(system("inspection")) as db:
        with pytest.raises(IntegrityError, match="stays as it is"):
            await db.execute(text("UPDATE dispatch SET content = '{}'"))


async def test_the_next_week_tells_what_changed_and_whom_and_what_to_watch(scene: Scene) -> None:
    finding = await worked(scene)
    address = f"{scene.path}/dispatches"
    scene.service.clock.moment = on(13).replace(hour=15, minute=50)
    assert await freeze_weeks(scene.service.database) == 1
    assert await freeze_weeks(scene.service.database) == 0
    late = household()
    await scene.add(late)
    await scene.visit(late, answers=[failed("A1-03")])
    scene.service.clock.moment = on(20).replace(hour=15, minute=50)
    assert await freeze_weeks(scene.service.database) == 1
    county = (await scene.county.get(f"{address}/3")).json()
    assert county["change"] == {
        "visited": 1,
        "coverage": 8.3,
        "raised": 1,
        "closed": 0,
        "open": 1,
        "overdue": county["total"]["findings"]["overdue"],
    }
    assert county["watch"]["people"] == [
        {"unit": "县水利局", "person": "周明", "open": 1, "overdue": 1, "working_days": 2}
    ]
    matter = county["watch"]["matters"][0]
    assert matter["deadline_on"] <= finding["deadline_on"]
    assert finding["id"] in {each["finding_id"] for each in county["watch"]["matters"]}
    listed = (await scene.county.get(county["sources"]["overdue"])).json()["items"]
    assert len(listed) == county["total"]["findings"]["overdue"]
    weeks = (await scene.county.get(address)).json()["items"]
    assert [(each["week"], each["frozen_by"]) for each in weeks] == [
        (2, "系统（inspection）"),
        (3, "系统（inspection）"),
    ]


async def test_a_town_reads_the_countys_ranking_but_is_told_whom_to_watch_only_of_its_own(
    scene: Scene,
) -> None:
    await worked(scene)
    await scene.county.post(f"{scene.path}/dispatches")
    address = f"{scene.path}/dispatches/2"
    county = (await scene.town.get(address)).json()
    assert (len(county["lines"]), county["watch"]) == (2, None)
    own = (await scene.town.get(f"{address}?division={TOWN}")).json()
    assert {each["progress"]["division_code"] for each in own["lines"]} == {VILLAGE, NEXT_VILLAGE}
    assert own["watch"] is not None
    assert (await scene.town.get(f"{address}?division={OTHER_TOWN}")).status_code == 404
    assert (await scene.village.get(f"{address}?division={TOWN}")).json()["watch"] is None


async def test_two_who_freeze_at_once_freeze_one_week(scene: Scene) -> None:
    await worked(scene)
    address = f"{scene.path}/dispatches"
    answers = await asyncio.gather(*(scene.county.post(address) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 200, 201]
    assert len((await scene.county.get(address)).json()["items"]) == 1


class Page(HTMLParser):
    """What of a page is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data.strip())


async def test_the_page_shows_the_frozen_figures_draws_them_and_needs_nothing_else(scene: Scene) -> None:
    await worked(scene)
    await raised(scene, item="A2-02", object_name="<script>alert(1)</script>", deadline_on="2021-06-10")
    scene.service.clock.moment = on(12)
    await scene.county.post(f"{scene.path}/dispatches")
    address = f"{scene.path}/dispatches/2"
    data = (await scene.county.get(address)).json()
    answer = await scene.county.get(address, headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page()
    page.feed(answer.text)
    bars = [float(attrs["width"] or 0) for tag, attrs in page.tags if attrs.get("class") == "coverage"]
    assert bars == [each["progress"]["coverage"] * 5 for each in data["lines"]]
    assert {"濉溪县集中排查周调度", "韩村镇", "县水利局"} & set(page.words) >= {
        "濉溪县集中排查周调度",
        "韩村镇",
    }
    assert f"{data['total']['coverage']:.1f}%" in page.words
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe"}
    assert "<script>alert(1)</script>" in page.words, "as words"
