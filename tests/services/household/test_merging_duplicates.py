"""A merge is previewed, chosen field by field, told of, and can be undone to the last byte."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shared.identity.principal import system
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, VILLAGE, number, registered
from tests.services.household.duplicating import BORN, one_pair, pairs, registered_as, told

STAMPS = ["version", "changed_at", "changed_by", "change_reason"]
REASON = {"reason": "经核实为同一人"}


async def side_by_side(client: httpx.AsyncClient, pair: dict[str, Any], **query: str) -> httpx.Response:
    answer = await client.get(f"/duplicates/{pair['id']}", params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def decided(client: httpx.AsyncClient, pair: dict[str, Any], how: str, **body: Any) -> httpx.Response:
    """Merge or un-merge at the version that is now."""
    etag = (await side_by_side(client, pair)).headers["etag"]
    path = f"/duplicates/{pair['id']}/{how}"
    return await client.post(path, json=REASON | body, headers={"If-Match": etag})


async def rows(registry: ServiceUnderTest) -> dict[str, list[Any]]:
    """Return every row of the registry as it is stored, its stamps aside."""
    async with registry.database.reading(system("tests")) as db:
        return {
            table: [
                row
                for (row,) in await db.rows(
                    text(f"SELECT to_jsonb(t) - CAST(:stamps AS text[]) FROM {table} t ORDER BY 1"),  # noqa: S608
                    {"stamps": STAMPS},
                )
            ]
            for table in ("household", "member", "person_number", "household_number", "match_key")
        }


async def test_a_merge_is_previewed_field_by_field(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN, education="primary", health=["healthy"])
    view = (await side_by_side(county, pair)).json()
    preview = view["preview"]
    numbered, other = view["sides"]
    assert preview["keep"] == numbered["member"]["id"]
    fields = {each["field"]: each for each in preview["fields"]}
    assert fields["education"] == {
        "field": "education",
        "kept": None,
        "other": "primary",
        "agrees": False,
        "take": True,
    }
    assert (fields["name"]["agrees"], fields["name"]["take"]) == (True, False)
    assert not {"birth_date", "relationship"} & fields.keys()
    assert (preview["emptied"], preview["obstacle"]) == ([other["household_id"]], None)
    turned = (await side_by_side(county, pair, keep=other["member"]["id"])).json()["preview"]
    assert {each["field"]: each["take"] for each in turned["fields"]}["identity_number"]
    assert turned["obstacle"] == "head_cannot_leave"


async def test_a_caller_without_the_right_sees_numbers_masked(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN, mobile="13911112222")
    supervisor = await registry.caller("supervisor", COUNTY)
    seen = await side_by_side(supervisor, pair)
    assert number() not in seen.text
    assert "13911112222" not in seen.text
    assert number() in (await side_by_side(county, pair)).text


async def test_a_merge_keeps_one_and_both_households_are_told_of(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN, education="primary")
    view = (await decided(county, pair, "merge")).json()
    assert (view["state"], view["kept_id"], view["preview"]) == ("merged", pair["one"]["member_id"], None)
    kept, gone = (side["member"] for side in view["sides"])
    assert (kept["education"], kept["left_on"]) == ("primary", None)
    assert (gone["left_on"], gone["leave_reason"]) == ("2021-06-10", "duplicate")
    emptied = (await county.get(f"/households/{view['sides'][1]['household_id']}")).json()
    assert (emptied["member_count"], emptied["head_name"]) == (0, None)
    told_of = {
        event["subject"] for event in await outbox_of(registry) if event["type"] == "household.changed.v1"
    }
    assert told_of == {side["household_id"] for side in view["sides"]}
    await told(registry)
    assert await pairs(county) == []


@pytest.mark.parametrize(
    ("second", "choice"),
    [
        pytest.param(
            BORN | {"education": "primary", "health": ["healthy"]}, {}, id="what was lacking is taken"
        ),
        pytest.param(
            {"identity_number": number("19650107"), "mobile": "13911112222"},
            {"take": ["identity_number", "mobile", "name"]},
            id="the other's number is taken",
        ),
        pytest.param({"identity_number": number("19650107")}, {"take": []}, id="nothing is taken"),
    ],
)
async def test_an_unmerge_restores_both_sides_exactly(
    registry: ServiceUnderTest, county: httpx.AsyncClient, second: dict[str, Any], choice: dict[str, Any]
) -> None:
    pair = await one_pair(registry, county, **second)
    before = await rows(registry)
    merged = await decided(county, pair, "merge", keep=pair["one"]["member_id"], **choice)
    assert merged.status_code == 200, merged.text
    await told(registry)
    assert await rows(registry) != before
    undone = await decided(county, pair, "unmerge")
    assert (undone.status_code, undone.json()["state"]) == (200, "unmerged")
    await told(registry)
    assert await rows(registry) == before
    assert await pairs(county) == [], "what was un-merged is not asked about again by itself"


async def test_who_is_registered_twice_in_one_household_stays_its_head(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    twice = {"name": "欧阳海川", "relationship": "other", "identity_number": number("19650107")}
    head = {"name": "欧阳海川", "relationship": "head", "identity_number": number()}
    await county.post("/households", json={"division_code": VILLAGE, "members": [head, twice]})
    await told(registry)
    (pair,) = await pairs(county)
    before = await rows(registry)
    keep = pair["other"]["member_id"]
    view = (await decided(county, pair, "merge", keep=keep)).json()
    (household,) = {side["household_id"] for side in view["sides"]}
    shown = (await county.get(f"/households/{household}")).json()
    assert (shown["head_name"], shown["member_count"], shown["version"]) == ("欧阳海川", 1, 2)
    await decided(county, pair, "unmerge")
    await told(registry)
    assert await rows(registry) == before


async def test_what_was_changed_since_stays_unless_the_merge_had_changed_it(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN, education="primary")
    view = (await decided(county, pair, "merge")).json()
    household, member = view["sides"][0]["household_id"], view["sides"][0]["member"]["id"]
    path = f"/households/{household}/members/{member}"
    await county.patch(path, json={"labour": "ordinary"}, headers={"If-Match": '"2"'})
    assert (await decided(county, pair, "unmerge")).status_code == 200
    shown = (await county.get(f"/households/{household}")).json()["members"][0]
    assert (shown["labour"], shown["education"]) == ("ordinary", None)

    await decided(county, pair, "merge")
    version = (await county.get(f"/households/{household}")).headers["etag"]
    await county.patch(path, json={"education": "junior"}, headers={"If-Match": version})
    refused = await decided(county, pair, "unmerge")
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_since_merge")


async def test_a_number_taken_since_stands_in_the_way(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    other = number("19650107")
    pair = await one_pair(registry, county, identity_number=other)
    await decided(county, pair, "merge", keep=pair["one"]["member_id"], take=[])
    await registered_as(county, name="赵德海", identity_number=other)
    refused = await decided(county, pair, "unmerge")
    assert (refused.status_code, refused.json()["code"]) == (409, "person_registered")


async def test_nobody_is_put_back_into_a_household_that_is_no_more(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN)
    view = (await decided(county, pair, "merge")).json()
    kept, emptied = (side["household_id"] for side in view["sides"])
    async with registry.database.writing(system("tests")) as db:
        merged = text("UPDATE household SET merged_into = :kept WHERE id = :emptied")
        await db.execute(merged, {"kept": kept, "emptied": emptied})
    refused = await decided(county, pair, "unmerge")
    assert (refused.status_code, refused.json()["code"]) == (409, "household_merged")


@pytest.mark.parametrize(
    ("how", "body", "code"),
    [
        pytest.param("unmerge", {}, "not_merged", id="nothing was merged"),
        pytest.param("merge", {"take": ["relationship"]}, "unknown_choice", id="what cannot be chosen"),
        pytest.param("merge", {"keep": "{nobody}"}, "unknown_choice", id="keep somebody else"),
        pytest.param("merge", {"keep": "{other}"}, "head_cannot_leave", id="others would have no head"),
    ],
)
async def test_what_cannot_be_merged_is_refused(
    registry: ServiceUnderTest, county: httpx.AsyncClient, how: str, body: dict[str, Any], code: str
) -> None:
    pair = await one_pair(registry, county, **BORN)
    names = {"{other}": pair["other"]["member_id"], "{nobody}": pair["id"]}
    before = await rows(registry)
    answer = await decided(
        county, pair, how, **{key: names.get(str(value), value) for key, value in body.items()}
    )
    assert answer.json()["code"] == code
    assert await rows(registry) == before


async def test_of_two_decisions_at_once_one_stands(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    pair = await one_pair(registry, county, **BORN)
    etag = (await side_by_side(county, pair)).headers["etag"]
    path = f"/duplicates/{pair['id']}"
    answers = await asyncio.gather(
        county.post(f"{path}/merge", json=REASON, headers={"If-Match": etag}),
        county.post(f"{path}/dismissal", json=REASON),
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 412])
    state = (await side_by_side(county, pair)).json()["state"]
    assert state == ("merged" if answers[0].status_code == 200 else "not_duplicate")


async def test_a_decision_rests_on_what_was_seen(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    second = await registered_as(county, **BORN)
    await told(registry)
    (pair,) = await pairs(county)
    etag = (await side_by_side(county, pair)).headers["etag"]
    path = f"/households/{second['id']}/members/{second['members'][0]['id']}"
    await county.patch(path, json={"education": "primary"}, headers={"If-Match": '"1"'})
    merge = f"/duplicates/{pair['id']}/merge"
    assert (await county.post(merge, json=REASON)).status_code == 428
    assert (await county.post(merge, json=REASON, headers={"If-Match": etag})).status_code == 412
