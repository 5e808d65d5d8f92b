"""People are found by name in signs and letters, by number and phone, by their facts, within the caller's area only."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from services.household.search.writing import letters_of, write_letters
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.domain.division import within
from shared.domain.pinyin import initials, pinyin
from shared.identity.principal import system
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, number, registered

NAMES = ["王建国", "王建军", "汪静", "单雄信", "李秀英", "李秀云", "买买提·吐尔逊", "张伟", "张伟", "章薇"]
_MEMBERS = text("SELECT id, household_id, division_code, name FROM member")


async def letters_written(registry: ServiceUnderTest) -> None:
    """Do what the service's own reaction does to what it has told."""
    async with registry.database.writing(system("household")) as db:
        await write_letters(db, [tuple(row) for row in await db.rows(_MEMBERS)])


async def found(client: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    people, cursor = list[dict[str, Any]](), None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = await client.post("/people/search", json=wanted, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        people += page["items"]
        if (cursor := page["next"]) is None:
            return people


@pytest.fixture
async def people(registry: ServiceUnderTest, county: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Ten households of two, drawn from few facts, so that every filter finds some and leaves some."""
    dice = random.Random(7)
    for place, name in enumerate(NAMES):
        persons = [
            {
                "name": each,
                "relationship": relationship,
                "identity_number": number(f"19{50 + place + 20 * son}0101", f"{100 + place}"),
                "mobile": f"1390000{place:02d}{son}0",
                "health": dice.choice([["healthy"], ["chronic"], ["chronic", "disabled"]]),
                "labour": dice.choice(["ordinary", "weak"]),
                "medical_insurance": dice.choice([True, False]),
            }
            for son, (each, relationship) in enumerate([(name, "head"), (NAMES[-1 - place], "son")])
        ]
        await registered(
            county,
            village=dice.choice([VILLAGE, OTHER_VILLAGE]),
            phone=f"0561-60000{place:02d}",
            members=persons,
            kind=dice.choice(["general", "lifted"]),
            minimum_living=dice.choice([True, False]),
        )
    await letters_written(registry)
    return await found(county)


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("王", {"王建国", "王建军"}),
        ("王建国", {"王建国"}),
        ("wangjian", {"王建国", "王建军"}),
        ("WangJing", {"汪静"}),
        ("wjg", {"王建国"}),
        ("wj", {"王建国", "王建军", "汪静"}),
        ("shanx", {"单雄信"}),
        ("li", {"李秀英", "李秀云"}),
        ("lxy", {"李秀英", "李秀云"}),
        ("买买提吐", set()),
        ("买买提 · 吐", {"买买提·吐尔逊"}),
        ("zhangwei", {"张伟", "章薇"}),
        ("nobody", set()),
    ],
)
async def test_a_name_is_found_by_how_it_begins(
    county: httpx.AsyncClient, people: list[dict[str, Any]], q: str, names: set[str]
) -> None:
    shown = await found(county, q=q)
    assert {each["name"] for each in shown} == names
    assert len(shown) == sum(each["name"] in names for each in people)
    assert len({each["id"] for each in shown}) == len(shown)


@pytest.mark.parametrize("q", ["", "--", "·", "_"])
async def test_a_name_has_a_sign_or_a_letter(county: httpx.AsyncClient, q: str) -> None:
    assert (await county.post("/people/search", json={"q": q})).status_code == 422


async def test_any_combination_finds_what_a_plain_filter_finds(
    registry: ServiceUnderTest, county: httpx.AsyncClient, people: list[dict[str, Any]]
) -> None:
    assert len(people) == 2 * len(NAMES)
    dice = random.Random(11)
    town = await registry.caller("town_officer", TOWN)
    households = {each["household_id"] for each in people}
    living = {key: (await county.get(f"/households/{key}")).json()["minimum_living"] for key in households}
    for _ in range(40):
        wanted = _combination(dice)
        client, mine = dice.choice([(county, "340621"), (town, TOWN[:9])])
        expected = {
            each["id"]
            for each in people
            if each["division_code"].startswith(mine) and _holds(each, wanted, living=living)
        }
        assert {each["id"] for each in await found(client, **wanted)} == expected, wanted


def _combination(dice: random.Random) -> dict[str, Any]:
    every = {
        "q": dice.choice(["王", "wang", "z", "lx", "zhangw"]),
        "division": dice.choice([VILLAGE, TOWN, COUNTY]),
        "born_from": "1955-01-01",
        "born_to": "1975-01-01",
        "relationship": ["son"],
        "health": dice.choice([["chronic"], ["disabled", "healthy"]]),
        "labour": ["weak"],
        "medical_insurance": dice.choice([True, False]),
        "household_kind": ["lifted"],
        "minimum_living": dice.choice([True, False]),
    }
    return {name: every[name] for name in dice.sample(sorted(every), dice.randint(0, 3))}


def _holds(person: dict[str, Any], wanted: dict[str, Any], *, living: dict[str, bool]) -> bool:
    q = wanted.get("q", "")
    written = (pinyin(person["name"]), initials(person["name"])) if q.isascii() else (person["name"],)
    return (
        any(each.startswith(q) for each in written)
        and within(person["division_code"], wanted.get("division", COUNTY))
        and wanted.get("born_from", "") <= person["birth_date"] <= wanted.get("born_to", "9")
        and person["relationship"] in wanted.get("relationship", [person["relationship"]])
        and bool(set(person["health"]) & set(wanted.get("health", person["health"])))
        and person["labour"] in wanted.get("labour", [person["labour"]])
        and wanted.get("medical_insurance", person["medical_insurance"]) == person["medical_insurance"]
        and person["household_kind"] in wanted.get("household_kind", [person["household_kind"]])
        and wanted.get("minimum_living", living[person["household_id"]]) == living[person["household_id"]]
    )


@pytest.mark.parametrize("wanted", [{"phone": "139-0000-0310"}, {"phone": "13900000310"}])
async def test_a_phone_is_found_however_grouped_and_the_search_is_logged(
    county: httpx.AsyncClient, people: list[dict[str, Any]], wanted: dict[str, str]
) -> None:
    with capture_logs() as logs:
        shown = await found(county, **wanted)
    assert [each["mobile"] for each in shown] == [
        next(p["mobile"] for p in people if p["id"] == shown[0]["id"])
    ]
    assert {"event": "pii.search", "caller": "county_officer", "by": "phone", "log_level": "info"} in logs
    assert not any(wanted["phone"] in str(line) for line in logs)


async def test_a_households_phone_finds_all_of_it(
    county: httpx.AsyncClient, people: list[dict[str, Any]]
) -> None:
    shown = await found(county, phone="0561-6000003")
    assert len(shown) == 2
    assert len({each["household_id"] for each in shown}) == 1
    assert len(people) > len(shown)


async def test_a_number_is_found_exactly_or_refused(
    registry: ServiceUnderTest, county: httpx.AsyncClient, people: list[dict[str, Any]]
) -> None:
    whose = people[0]["identity_number"]
    assert [each["id"] for each in await found(county, identity_number=f" {whose[:6]} {whose[6:]}")] == [
        people[0]["id"]
    ]
    assert await found(county, identity_number=number("19990101", "777")) == []
    refused = await county.post("/people/search", json={"identity_number": whose[:-1]})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_identity_number")
    supervisor = await registry.caller("supervisor", COUNTY)
    (masked,) = await found(supervisor, identity_number=whose)
    assert "*" in masked["identity_number"]


async def test_who_left_is_found_when_asked_for(
    county: httpx.AsyncClient, people: list[dict[str, Any]]
) -> None:
    son = next(each for each in people if each["relationship"] == "son")
    path = f"/households/{son['household_id']}"
    etag = (await county.get(path)).headers["etag"]
    left = {"reason": "moved_out", "on": "2021-06-01"}
    await county.post(f"{path}/members/{son['id']}/departure", json=left, headers={"If-Match": etag})
    assert son["id"] not in {each["id"] for each in await found(county)}
    assert [each["id"] for each in await found(county, present=False)] == [son["id"]]
    assert len(await found(county, present=None)) == len(people)


def test_letters_are_those_of_the_name() -> None:
    assert letters_of("单雄信") == ("shanxiongxin", "sxx")


async def test_news_that_comes_late_does_not_bring_an_old_name_back(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    answer = await registered(county)
    head = next(each for each in answer.json()["members"] if each["relationship"] == "head")
    path = f"{answer.headers['location']}/members/{head['id']}"
    renamed = await county.patch(path, json={"name": "周明"}, headers={"If-Match": answer.headers["etag"]})
    assert renamed.status_code == 200, renamed.text
    old, new = [each["data"] for each in await outbox_of(registry)][-2:]
    await registry.tell(HouseholdChanged.model_validate(new))
    await registry.tell(HouseholdRegistered.model_validate(old))
    assert [each["name"] for each in await found(county, q="zm")] == ["周明"]
    assert await found(county, q="wjg") == []
