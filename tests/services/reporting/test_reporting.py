"""Figures of any moment, each traced to what it counts, and the reports made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import docx
import pytest

from services.reporting.app import SERVICE
from shared.contracts.household import DivisionChanged, HouseholdChanged, HouseholdRegistered, MemberState
from shared.contracts.inspection import CampaignOpened, FindingClosed, FindingRaised, HouseholdVisited
from shared.contracts.monitoring import EpisodeState, HouseholdTagged, RiskEliminated
from shared.documents import DOCX, PDF
from shared.keys import uuid7
from tests.clients import ServiceUnderTest, under_test
from tests.documents import words_of
from tests.infrastructure.databases import DatabaseOf

COUNTY, TOWN, OTHER_TOWN = "340621000000", "340621100000", "340621101000"
VILLAGE, OTHER_VILLAGE = "340621100201", "340621101201"
START = datetime(2021, 6, 9, 1, 0, tzinfo=UTC)
CAMPAIGN = UUID(int=7)


@pytest.fixture
async def reporting(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    async with under_test(SERVICE, await database_of("reporting"), tmp_path, moment=START) as service:
        names = ((COUNTY, "濉溪县", "county"), (TOWN, "濉溪镇", "town"), (OTHER_TOWN, "韩村镇", "town"))
        divisions = [
            DivisionChanged(code=code, name=name, level=level, version=1) for code, name, level in names
        ]
        campaign = CampaignOpened(
            id=CAMPAIGN,
            division_code=COUNTY,
            version=1,
            name="濉溪县2021年集中排查",
            year=2021,
            starts_on=date(2021, 6, 6),
            ends_on=date(2021, 6, 28),
            status="open",
        )
        await service.tell(*divisions, campaign)
        yield service


def household(village: str = VILLAGE, **changes: Any) -> HouseholdRegistered:
    person = MemberState(
        id=uuid7(), name="王", number_index=None, sex=None, birth_date=None, relationship="head"
    )
    facts = {"id": uuid7(), "number": "1", "division_code": village, "kind": "lifted", "head_name": "王"}
    return HouseholdRegistered(**(facts | {"members": (person,), "version": 1} | changes))


def visit(of: HouseholdRegistered) -> HouseholdVisited:
    return HouseholdVisited(
        id=uuid7(),
        division_code=of.division_code,
        version=1,
        campaign_id=CAMPAIGN,
        household_id=of.id,
        visited_at=START,
        officer="张强",
    )


def finding(kind: type[FindingRaised | FindingClosed] = FindingRaised, **changes: Any) -> Any:
    facts = {
        "id": uuid7(),
        "division_code": VILLAGE,
        "version": 1,
        "campaign_id": CAMPAIGN,
        "item": "A1-04",
        "object_kind": "household",
        "source": "visit",
        "status": "raised",
        "raised_on": date(2021, 6, 9),
        "deadline_on": date(2021, 6, 11),
    }
    return kind(**(facts | changes))


async def figures(service: ServiceUnderTest, report: str, **query: Any) -> dict[str, Any]:
    county = await service.caller("county_officer", COUNTY)
    answer = await county.get(f"/reports/{report}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_progress_counts_by_town(reporting: ServiceUnderTest) -> None:
    one, two, three = household(), household(), household(OTHER_VILLAGE)
    await reporting.tell(one, two, three, visit(one), visit(one), visit(three), finding())
    found = await figures(reporting, "progress", campaign_id=str(CAMPAIGN))
    rows = {row["division_name"]: row["figures"] for row in found["rows"]}
    assert rows["濉溪镇"] | {"members": 0} == {
        "households": 2,
        "members": 0,
        "visited": 1,
        "visits": 2,
        "raised": 1,
        "closed": 0,
        "overdue": 0,
    }
    assert found["total"]["visited"] == 2


async def test_a_past_moment_is_counted_as_it_was(reporting: ServiceUnderTest) -> None:
    raised = finding()
    await reporting.tell(raised)
    reporting.clock.moment += timedelta(days=5)
    await reporting.tell(
        finding(FindingClosed, id=raised.id, version=2, status="closed", closed_on=date(2021, 6, 14))
    )
    now = (await figures(reporting, "findings"))["total"]
    then = (await figures(reporting, "findings", as_of="2021-06-12T08:00:00+08:00"))["total"]
    assert (now["closed"], now["open"], now["overdue"]) == (1, 0, 0)
    assert (then["closed"], then["open"], then["overdue"]) == (0, 1, 1)


async def test_nobody_reports_of_a_moment_that_has_not_come(reporting: ServiceUnderTest) -> None:
    await reporting.tell(finding())
    county, tomorrow = await reporting.caller("county_officer", COUNTY), START + timedelta(days=3)
    new = {"campaign_id": str(CAMPAIGN), "division_code": TOWN, "as_of": tomorrow.isoformat()}
    answers = [
        await county.get("/reports/findings", params={"as_of": tomorrow.isoformat()}),
        await county.get(
            "/reports/findings/trace", params={"figure": "overdue", "as_of": tomorrow.isoformat()}
        ),
        await county.post("/reports/self-inspections", json=new),
    ]
    assert [answer.json()["code"] for answer in answers] == ["moment_not_come"] * 3
    assert (await county.get("/reports/self-inspections")).json()["items"] == []


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("0001-01-01T00:00:00+14:00", id="before all time"),
        pytest.param("9999-12-31T23:59:59-12:00", id="after all time"),
        pytest.param("2021-06-09T08:00:00", id="of nobody knows where"),
    ],
)
async def test_a_moment_that_is_none_is_refused(reporting: ServiceUnderTest, moment: str) -> None:
    county = await reporting.caller("county_officer", COUNTY)
    answer = await county.get("/reports/progress", params={"as_of": moment})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 0, 2, 1, 1)])
async def test_late_and_repeated_events_find_their_place(
    reporting: ServiceUnderTest, order: tuple[int, ...]
) -> None:
    first = household()
    again = [
        HouseholdChanged(**first.model_dump() | {"version": version, "kind": kind})
        for version, kind in ((2, "general"), (3, "lifted"))
    ]
    events = [first, *again]
    for position in order:
        await reporting.tell(events[position])
    assert (await figures(reporting, "progress"))["total"]["households"] == 1


async def test_a_figure_is_traced_to_what_it_counts(reporting: ServiceUnderTest) -> None:
    late, timely = finding(), finding(deadline_on=date(2021, 7, 1))
    await reporting.tell(late, timely)
    reporting.clock.moment += timedelta(days=4)
    assert (await figures(reporting, "findings"))["total"]["overdue"] == 1
    traced = await figures(reporting, "findings/trace", figure="overdue")
    assert [item["id"] for item in traced["items"]] == [str(late.id)]


async def test_figures_split_by_a_dimension(reporting: ServiceUnderTest) -> None:
    await reporting.tell(finding(), finding(item="A3-01"), finding(item="A3-04"))
    found = await figures(reporting, "findings", dimension="area", by="county")
    assert {row["dimension"]: row["figures"]["raised"] for row in found["rows"]} == {"A1": 1, "A3": 2}
    county = await reporting.caller("county_officer", COUNTY)
    refused = await county.get("/reports/findings", params={"dimension": "colour"})
    assert refused.json()["code"] == "unknown_dimension"


async def test_a_town_counts_its_own_only(reporting: ServiceUnderTest) -> None:
    await reporting.tell(household(), household(OTHER_VILLAGE))
    town = await reporting.caller("town_officer", TOWN)
    rows = (await town.get("/reports/progress")).json()["rows"]
    assert [row["division_code"] for row in rows] == [TOWN]


async def test_one_statement_a_table_whatever_the_county_holds(reporting: ServiceUnderTest) -> None:
    await reporting.tell(*(household() for _ in range(30)))
    async with reporting.statements() as sent:
        await figures(reporting, "progress")
    # Households, visits and findings, and the names of the divisions.
    assert len([statement for statement in sent if "set_config" not in statement]) == 4


def tagged(**changes: Any) -> HouseholdTagged:
    episode = EpisodeState(id=uuid7(), risk_type="illness", tagged_on=date(2021, 6, 20))
    facts = {"id": uuid7(), "household_id": uuid7(), "division_code": VILLAGE, "category": "marginal"}
    facts |= {"status": "monitored", "episodes": (episode,), "tagged_on": date(2021, 6, 20), "version": 1}
    return HouseholdTagged(**(facts | changes))


async def test_monitored_objects_are_counted_through_their_life(reporting: ServiceUnderTest) -> None:
    one, two = tagged(), tagged()
    gone = RiskEliminated(**one.model_dump() | {"version": 2, "status": "eliminated"})
    await reporting.tell(one, two, gone)
    total = (await figures(reporting, "monitored"))["total"]
    assert (total["tagged"], total["open"], total["eliminated"], total["retagged"]) == (2, 1, 1, 0)


async def test_a_report_says_what_the_plan_asks_for_and_stays_as_it_was(reporting: ServiceUnderTest) -> None:
    one = household()
    await reporting.tell(one, visit(one), finding(), tagged())
    county = await reporting.caller("county_officer", COUNTY)
    new = {"campaign_id": str(CAMPAIGN), "division_code": TOWN, "next_steps": ["七月底前完成回头看。"]}
    made = await county.post("/reports/self-inspections", json=new)
    assert made.status_code == 201, made.text
    await reporting.tell(finding())
    path = made.headers["location"]
    kept = (await county.get(path)).json()
    assert kept["content"]["findings"]["total"]["raised"] == 1
    file = await county.get(path, headers={"Accept": DOCX})
    document = docx.Document(BytesIO(file.content))
    words = [paragraph.text for paragraph in document.paragraphs]
    for heading in ("一、集中排查开展情况", "二、排查问题及整改落实情况", "三、下一步工作安排"):
        assert heading in words
    assert any("排查率 100.0%" in text for text in words)
    assert "七月底前完成回头看。" in words
    assert len(document.tables) == 3
    printed = words_of((await county.get(path, headers={"Accept": PDF})).content)
    assert all(
        words.replace(" ", "") in printed for words in ["濉溪镇", "附表3监测对象", "七月底前完成回头看。"]
    )


async def test_reports_are_refused_where_they_make_no_sense(reporting: ServiceUnderTest) -> None:
    county = await reporting.caller("county_officer", COUNTY)
    unknown = {"campaign_id": str(UUID(int=9)), "division_code": TOWN}
    assert (await county.post("/reports/self-inspections", json=unknown)).json()["code"] == "unknown_campaign"
    village = {"campaign_id": str(CAMPAIGN), "division_code": VILLAGE}
    assert (await county.post("/reports/self-inspections", json=village)).status_code in (404, 422)
    town = await reporting.caller("town_officer", TOWN)
    other = {"campaign_id": str(CAMPAIGN), "division_code": OTHER_TOWN}
    assert (await town.post("/reports/self-inspections", json=other)).status_code == 404
