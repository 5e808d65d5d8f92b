"""Who may be one person is found after every change, shown to who covers both, and asked about once."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from services.household.duplicates.job import FIND_DUPLICATES
from services.household.imports.job import IMPORT
from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.services.household.changing import House
from tests.services.household.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    number,
    registered,
)
from tests.services.household.duplicating import BORN, one_pair, pairs, registered_as, told, worked

HEAD, OF_ANOTHER_COUNTY = number(), number(region="341222")


@pytest.mark.parametrize(
    ("facts", "field", "how"),
    [
        pytest.param(BORN, "name", "same", id="no number"),
        pytest.param({"name": "王建國"} | BORN, "name", "variant", id="another writing"),
        pytest.param(
            {"identity_number": OF_ANOTHER_COUNTY, "village": VILLAGE},
            "number",
            "different",
            id="a second number",
        ),
        pytest.param({"identity_number": number("19650107")}, "number", "one_digit", id="one digit off"),
        pytest.param(
            {"name": "wangjianguo", "village": VILLAGE} | BORN, "name", "same_pinyin", id="in letters"
        ),
    ],
)
async def test_a_second_record_is_found_with_how_it_agrees(
    registry: ServiceUnderTest, county: httpx.AsyncClient, facts: dict[str, str], field: str, how: str
) -> None:
    pair = await one_pair(registry, county, **facts)
    agreed = {each["field"]: each["how"] for each in pair["agreements"]}
    assert (pair["state"], agreed[field]) == ("open", how)
    assert pair["score"] >= 0.5


async def test_people_who_are_not_alike_raise_nothing(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    await registered_as(county, name="王建国", identity_number=number("19920505", "357"))
    await registered_as(county, name="赵德海", identity_number=number("19650101", "125"))
    await told(registry)
    assert await pairs(county) == []


async def test_a_pair_is_seen_by_those_who_cover_both(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN)
    assert pair["division_code"] == COUNTY
    for area in (VILLAGE, TOWN, OTHER_TOWN):
        assert await pairs(await registry.caller("town_officer", area)) == [], area
    supervisor = await registry.caller("supervisor", COUNTY)
    (seen,) = await pairs(supervisor)
    assert HEAD not in str(seen)
    refused = await supervisor.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "核实过"})
    assert refused.status_code == 403


async def test_a_dismissal_is_remembered_until_a_number_changes(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    second = await registered_as(county, **BORN)
    await told(registry)
    (pair,) = await pairs(county)
    answer = await county.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "入户核实是两人"})
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("not_duplicate", "county_officer")
    again = await county.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "再说一次"})
    assert (again.status_code, again.json()["code"]) == (409, "pair_decided")
    member = f"/households/{second['id']}/members/{second['members'][0]['id']}"
    await county.patch(member, json={"education": "primary"}, headers={"If-Match": '"1"'})
    await told(registry)
    assert await pairs(county) == []
    given = await county.patch(
        member, json={"identity_number": number("19650101", "125")}, headers={"If-Match": '"2"'}
    )
    assert given.status_code == 200
    await told(registry)
    (raised,) = await pairs(county)
    assert (raised["id"], raised["decided_by"]) == (pair["id"], None)


async def test_a_pair_lapses_with_who_leaves_or_was_corrected(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    second = await registered_as(county, **BORN)
    await told(registry)
    member = f"/households/{second['id']}/members/{second['members'][0]['id']}"
    await county.patch(member, json={"name": "赵德海"}, headers={"If-Match": '"1"'})
    await told(registry)
    assert [each["state"] for each in await pairs(county, state=["open", "lapsed"])] == ["lapsed"]
    await county.patch(member, json={"name": "王建国"}, headers={"If-Match": '"2"'})
    await told(registry)
    assert len(await pairs(county)) == 1
    left = {"reason": "moved_out", "on": "2021-06-01"}
    await county.post(f"{member}/departure", json=left, headers={"If-Match": '"3"'})
    await told(registry)
    assert await pairs(county) == []


async def test_news_heard_twice_writes_nothing_anew(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN)
    async with registry.statements() as sent:
        await told(registry)
    assert len(sent) < 60
    assert await pairs(county) == [pair]


async def test_the_surest_pairs_stand_first(registry: ServiceUnderTest, county: httpx.AsyncClient) -> None:
    await registered(county)
    await registered_as(county, village=VILLAGE, identity_number=OF_ANOTHER_COUNTY)
    await registered_as(county, village=VILLAGE, **BORN)
    await told(registry)
    scores = [each["score"] for each in await pairs(county)]
    assert len(scores) == 3
    assert scores[1] > scores[2]
    assert scores == sorted(scores, reverse=True)
    first = await county.get("/duplicates", params={"limit": 1})
    second = await county.get("/duplicates", params={"limit": 2, "cursor": first.json()["next"]})
    assert [each["score"] for each in first.json()["items"] + second.json()["items"]] == scores
    assert len(await pairs(county, score_from=scores[1])) == 2


async def test_an_import_is_looked_through_like_everything_else(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    lines = [
        "户编号,行政区划代码,姓名,证件号码,与户主关系",
        f"H-7,{OTHER_VILLAGE},王建国,{number('19650107')},户主",
    ]
    taken = await county.post(
        "/households/imports",
        params={"mode": "commit", "division": COUNTY},
        content="\n".join(lines).encode(),
        headers={"X-Filename": "households.csv"},
    )
    result = await worked(registry, IMPORT, str(taken.headers["location"]))
    assert (result["accepted"], result["rejected"]) == (1, 0)
    await told(registry)
    (pair,) = await pairs(county)
    assert {"field": "number", "how": "one_digit"}.items() <= pair["agreements"][3].items()


async def test_who_is_away_for_a_time_is_looked_at_still(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    household = (await registered(county)).json()
    spouse = household["members"][1]
    away = {"reason": "student", "on": "2021-06-01"}
    path = f"/households/{household['id']}/members/{spouse['id']}/departure"
    assert (await county.post(path, json=away, headers={"If-Match": '"1"'})).status_code == 200
    await registered_as(
        county, village=VILLAGE, name="李秀英", birth_date=spouse["birth_date"], sex=spouse["sex"]
    )
    await told(registry)
    (pair,) = await pairs(county)
    assert spouse["id"] in (pair["one"]["member_id"], pair["other"]["member_id"])


async def test_a_killed_scan_goes_on_where_it_was(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    await registered_as(county, **BORN)
    asked = await county.post("/duplicates/scan", json={"division": COUNTY})
    location = asked.headers["location"]
    assert (await worked(registry, FIND_DUPLICATES, location, done=1))["open"] == 0, "the first was done"
    assert (await worked(registry, FIND_DUPLICATES, location))["open"] == 1


async def test_households_are_found_whose_news_was_never_heard(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    await registered_as(county, **BORN)
    town = await registry.caller("town_officer", TOWN)
    assert (await town.post("/duplicates/scan", json={"division": COUNTY})).status_code == 403
    answer = await county.post("/duplicates/scan", json={"division": COUNTY})
    assert answer.status_code == 202
    result = await worked(registry, FIND_DUPLICATES, answer.headers["location"])
    assert result == {"division": COUNTY, "households": 2, "open": 1}
    (pair,) = await pairs(county)
    assert pair["found_by"] == "scan"


async def test_an_entry_that_was_undone_is_nobodys_duplicate(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    elsewhere = House(county, await registered_as(county, name="张伟", birth_date="1970-01-01"))
    # Typed into the wrong household, and seen before it is undone.
    mistaken = {"name": "王建国", "relationship": "other", "birth_date": "1965-01-01", "sex": "male"}
    await elsewhere.do("/members", **mistaken)
    await told(registry)
    (pair,) = await pairs(county)
    assert (await elsewhere.undo()).status_code == 200
    assert (await county.get(f"/duplicates/{pair['id']}")).status_code == 404
    await told(registry)
    assert await pairs(county) == []
    async with registry.database.reading(system("tests")) as db:
        orphans = "SELECT count(*) FROM match_key WHERE member_id NOT IN (SELECT id FROM member)"
        assert await db.scalar(text(orphans)) == 0


async def test_nothing_of_a_number_is_kept_in_the_clear(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await one_pair(registry, county, identity_number=number("19650107"))
    async with registry.database.reading(system("tests")) as db:
        stored = "SELECT to_jsonb(k) FROM match_key k UNION ALL SELECT to_jsonb(d) FROM probable_duplicate d"
        rows = "".join(str(row) for (row,) in await db.rows(text(stored)))
    assert "one_digit" in rows
    assert not [part for part in ("19650101", "19650107", HEAD[6:], "wangjianguo", "王建国") if part in rows]
