"""Every check finds what it is for, and nothing in a household that is as it should be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.household.quality.catalog import checks
from services.household.quality.gauges import show_quality
from services.household.quality.job import QUALITY_CHECKS, check_all
from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    number,
    registered,
)
from tests.services.household.duplicating import worked

_ADULT = {"labour": "ordinary", "education": "junior", "medical_insurance": True, "health": ["healthy"]}
MEMBERS: list[dict[str, Any]] = [
    {"name": "王建国", "relationship": "head", "identity_number": number("19800101", "113"), **_ADULT},
    {"name": "李秀英", "relationship": "spouse", "identity_number": number("19820203", "124"), **_ADULT},
    {
        "name": "王小雨",
        "relationship": "daughter",
        "identity_number": number("20100901", "126"),
        "school_status": "primary",
        "medical_insurance": True,
        "health": ["healthy"],
    },
]
_OF = {
    "head": "relationship = 'head'",
    "spouse": "relationship = 'spouse'",
    "daughter": "relationship = 'daughter'",
}


def member(who: str, change: str) -> list[str]:
    return [f"UPDATE member SET {change} WHERE {_OF[who]} AND household_id = :home"]  # noqa: S608 - the test's own


def household(change: str) -> list[str]:
    return [f"UPDATE household SET {change} WHERE id = :home"]  # noqa: S608 - the test's own


#: What is done to a household that is as it should be, by the check that finds it.
SPOILED: dict[str, list[str]] = {
    "head_missing": member("head", "relationship = 'other'"),
    "two_heads": member("spouse", "relationship = 'head'"),
    "nobody_left": [
        "UPDATE member SET left_on = '2021-06-01', leave_reason = 'moved_out' WHERE household_id = :home",
        *household("member_count = 0"),
    ],
    "people_in_merged": household("merged_into = :home"),
    "summary_differs": household("member_count = 7"),
    "village_closed": ["UPDATE division SET valid_until = '2021-06-01' WHERE code = '340621100001'"],
    "dead_but_active": [
        "UPDATE member SET left_on = '2021-06-01', leave_reason = 'death' WHERE household_id <> :home",
        """
        UPDATE member m SET name = d.name, birth_date = d.birth_date, sex = d.sex FROM member d
        WHERE d.household_id <> :home AND m.household_id = :home
            AND (d.relationship, m.relationship) = ('spouse', 'spouse')
        """,
    ],
    "number_not_held": ["DELETE FROM person_number WHERE household_id = :home"],
    "number_kept": member("daughter", "left_on = '2021-06-01', leave_reason = 'moved_out'"),
    "household_number_not_held": ["DELETE FROM household_number WHERE household_id = :home"],
    "number_missing": member("spouse", "number_index = NULL"),
    "birth_unknown": member("spouse", "birth_date = NULL"),
    "dates_disordered": member("spouse", "joined_on = '1970-01-01'"),
    "sex_against_relationship": member("daughter", "sex = 'male'"),
    "age_against_relationship": member(
        "daughter", "birth_date = '1985-01-01', school_status = NULL, education = 'none'"
    ),
    "two_spouses": member("daughter", "relationship = 'spouse'"),
    "married_early": member("daughter", "marital_status = 'married'"),
    "head_underage": member("head", "birth_date = '2008-01-01', labour = 'none', school_status = 'primary'"),
    "schooling_unknown": member("daughter", "school_status = NULL"),
    "dropout_unexplained": member("daughter", "school_status = 'dropped_out'"),
    "age_against_schooling": member("daughter", "school_status = 'kindergarten'"),
    "education_unknown": member("spouse", "education = NULL"),
    "labour_against_age": member("daughter", "labour = 'ordinary'"),
    "child_at_work": member("daughter", "work_place = 'outside', work_months = 3"),
    "work_incomplete": member("head", "work_place = 'outside'"),
    "disability_incomplete": member("head", "health = '{disabled}', disability_kind = '4'"),
    "healthy_and_ill": member("head", "health = '{healthy,chronic}'"),
    "insurance_missing": member("head", "medical_insurance = NULL"),
    "insurance_differs": member("head", "medical_insurance_kind = 'none'"),
    "support_differs": member("head", "receives_minimum_living = true"),
    "income_missing": ["DELETE FROM income WHERE household_id = :home"],
    "income_without_people": [
        "UPDATE income SET year = 2021 WHERE household_id = :home",
        *household("member_count = 0, head_name = NULL"),
    ],
    "sharers_differ": ["UPDATE income SET sharers = 5 WHERE household_id = :home"],
    "house_unsafe": household("housing_grade = 'D', housing_graded_year = 2019"),
    "water_differs": household("water_safe = false"),
    "resettlement_missing": household("relocated = true"),
    "kind_against_year": household("lifted_year = NULL"),
    "official_missing": household("official_name = NULL"),
    "official_unreachable": household("official_phone = NULL"),
    "official_differs": household("official_name = '钱进'"),
    "phone_shared": ["UPDATE household SET phone_index = decode('ab', 'hex')"],
    "grid_missing": [
        "INSERT INTO grid (id, division_code, number, name) VALUES (gen_random_uuid(), '340621100001', '01', '一')"
    ],
}


@pytest.fixture
async def home(county: httpx.AsyncClient) -> str:
    """A lifted household that is as it should be; four neighbours elsewhere."""
    facts = {"kind": "lifted", "lifted_year": 2018, "housing_grade": "B", "group_name": "东庄组"}
    answer = await registered(county, members=MEMBERS, **facts)
    path = f"/households/{answer.json()['id']}"
    official = {"name": "赵敏", "unit": "县财政局", "phone": "13900001234"}
    await county.post(f"{path}/responsible-official", json=official, headers={"If-Match": '"1"'})
    await county.post(f"{path}/incomes", json={"year": 2020, "wage": "30000"}, headers={"If-Match": '"2"'})
    for order in ("301", "401", "501", "601"):
        await registered(county, village=OTHER_VILLAGE, order=order, phone=f"13900000{order}")
    return str(answer.json()["id"])


async def details(client: httpx.AsyncClient, code: str, **where: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/quality/checks/{code}/details", params={"division": VILLAGE} | where)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def ran(registry: ServiceUnderTest, client: httpx.AsyncClient, division: str) -> dict[str, Any]:
    answer = await client.post("/quality/runs", json={"division": division})
    assert answer.status_code == 202, answer.text
    result = await worked(registry, QUALITY_CHECKS, answer.headers["location"])
    async with registry.database.writing(system("household")) as db:
        # As the queue forgets a job that was done: one that waits would be enough for whoever asks next.
        await db.execute(text("DELETE FROM pgqueuer"))
    return result


def test_every_check_is_tried() -> None:
    assert sorted(check.code for check in checks()) == sorted(SPOILED)


@pytest.mark.parametrize("code", SPOILED)
async def test_a_check_finds_what_it_is_for(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str, code: str
) -> None:
    assert await details(county, code) == []
    async with registry.database.writing(system("household")) as db:
        for statement in SPOILED[code]:
            await db.execute(text(statement), {"home": home} if ":home" in statement else {})
    (found,) = await details(county, code)
    assert (found["household_id"], found["division_code"]) == (home, VILLAGE)
    assert found["found"]
    # The count is the same truth.
    run = await ran(registry, county, VILLAGE)
    assert run["by_check"][code] == len(found["found"])


async def test_a_run_is_told_by_check_and_by_place(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    first = await ran(registry, county, COUNTY)
    async with registry.database.writing(system("household")) as db:
        await db.execute(text(SPOILED["two_heads"][0]), {"home": home})
    registry.clock.moment += timedelta(hours=1)
    second = await ran(registry, county, COUNTY)
    view = (await county.get(f"/quality/runs/{second['run_id']}")).json()
    figures = {check["code"]: (check["findings"], check["before"]) for check in view["checks"]}
    assert figures["two_heads"] == (1, 0)
    assert sum(count for count, _ in figures.values()) == second["findings"]
    assert sum(count for _, count in figures.values()) == first["findings"]
    places = {place["division_code"]: place for place in view["places"]}
    assert (places[TOWN]["error"], places[OTHER_TOWN]["error"]) == (1, 0)
    one = (await county.get(f"/quality/runs/{second['run_id']}", params={"division": TOWN})).json()
    assert {place["division_code"] for place in one["places"]} == {VILLAGE}


async def test_runs_are_read_as_a_trend(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    first = await ran(registry, county, COUNTY)
    async with registry.database.writing(system("household")) as db:
        await db.execute(text(SPOILED["two_heads"][0]), {"home": home})
    registry.clock.moment += timedelta(days=1)
    second = await ran(registry, county, COUNTY)

    async def trend(**query: str) -> dict[str, int]:
        runs = (await county.get("/quality/runs", params=query)).json()["items"]
        assert all(run["finished_at"] for run in runs)
        return {run["id"]: run["error"] for run in runs}

    assert await trend(division=TOWN) == {first["run_id"]: 0, second["run_id"]: 1}
    assert await trend(division=OTHER_TOWN) == {first["run_id"]: 0, second["run_id"]: 0}
    assert list(await trend(since="2021-06-11")) == [second["run_id"]]


async def test_a_run_that_was_killed_counts_nothing_twice(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    async with registry.database.writing(system("household")) as db:
        await db.execute(text(SPOILED["two_heads"][0]), {"home": home})
    location = (await county.post("/quality/runs", json={"division": COUNTY})).headers["location"]
    whole = await worked(registry, QUALITY_CHECKS, location)
    # The second check had counted, and its checkpoint was not written.
    again = await worked(registry, QUALITY_CHECKS, location, done=1)
    assert again == whole


async def test_a_town_sees_and_checks_its_own_only(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    async with registry.database.writing(system("household")) as db:
        await db.execute(text(SPOILED["two_heads"][0]), {"home": home})
    run = await ran(registry, county, COUNTY)
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    assert await details(elsewhere, "two_heads", division=COUNTY) == []
    view = (await elsewhere.get(f"/quality/runs/{run['run_id']}")).json()
    assert {check["code"]: check["findings"] for check in view["checks"]}["two_heads"] == 0
    assert {place["division_code"] for place in view["places"]} == {OTHER_TOWN}
    refused = await elsewhere.post("/quality/runs", json={"division": COUNTY})
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_area")
    (run_seen,) = (await elsewhere.get("/quality/runs")).json()["items"]
    assert (run_seen["id"], run_seen["error"]) == (run["run_id"], 0)
    department = await registry.caller("department", COUNTY)
    assert (await department.get("/quality/checks")).status_code == 403


async def test_a_run_counts_what_whoever_asked_may_see(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    # The dead are registered in another town.
    async with registry.database.writing(system("household")) as db:
        for statement in SPOILED["dead_but_active"]:
            await db.execute(text(statement), {"home": home})
    town = await registry.caller("town_officer", TOWN)
    assert await details(town, "dead_but_active", division=TOWN) == []
    assert "dead_but_active" not in (await ran(registry, town, TOWN))["by_check"]
    assert (await ran(registry, county, TOWN))["by_check"]["dead_but_active"] == 1


async def test_the_night_shows_its_findings_as_gauges(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    async with registry.database.writing(system("household")) as db:
        await db.execute(text(SPOILED["house_unsafe"][0]), {"home": home})
    await check_all(registry.runtime)
    async with registry.database.reading(system("household")) as db:
        job = await db.scalar(text("SELECT id FROM job WHERE name = :name"), {"name": QUALITY_CHECKS.name})
    await worked(registry, QUALITY_CHECKS, f"/jobs/household-{job}")
    await show_quality(registry.runtime)
    labels = {"check": "house_unsafe", "severity": "error"}
    assert REGISTRY.get_sample_value("fangfan_quality_findings", labels) == 1
    shown = (await county.get("/metrics")).text
    assert 'fangfan_quality_findings{check="house_unsafe",severity="error"} 1.0' in shown


async def test_checks_are_told_in_both_languages(county: httpx.AsyncClient) -> None:
    zh = (await county.get("/quality/checks")).json()
    en = (await county.get("/quality/checks", headers={"Accept-Language": "en"})).json()
    assert [check["code"] for check in zh] == [check["code"] for check in en]
    assert (zh[0]["title"], en[0]["title"]) == ("缺少户主", "No head")
    assert (await county.get("/quality/checks/nothing/details")).status_code == 404
