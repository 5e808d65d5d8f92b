"""Who is responsible for a lifted household, in time; how they keep contact, and what they carry."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdChanged
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE, registered

ZHAO = {"name": "赵敏", "unit": "县医保局", "phone": "13911112222"}
QIAN = {"name": "钱进", "unit": "县财政局"}


async def lifted(client: httpx.AsyncClient, **changes: Any) -> str:
    return str((await registered(client, **{"kind": "lifted", "lifted_year": 2018} | changes)).json()["id"])


async def named(client: httpx.AsyncClient, home: str, **official: Any) -> httpx.Response:
    path = f"/households/{home}"
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/responsible-official", json=official, headers={"If-Match": etag})


async def contacted(client: httpx.AsyncClient, home: str, on: str, **changes: Any) -> httpx.Response:
    contact = {"happened_on": on, "way": "visit", "words": "了解收入和就医情况"} | changes
    return await client.post(f"/households/{home}/contacts", json=contact)


async def test_one_follows_another_and_the_terms_tell(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    home = await lifted(county)
    assert (await named(county, home, **ZHAO, since="2021-01-05")).json()["official_name"] == "赵敏"
    second = await named(county, home, **QIAN, since="2021-06-01")
    assert (second.json()["official_name"], second.headers["etag"]) == ("钱进", '"3"')
    for day in ("2021-02-01", "2021-05-31", "2021-06-05"):
        assert (await contacted(county, home, day)).status_code == 201
    terms = (await county.get(f"/households/{home}/officials")).json()
    assert [(t["name"], t["since"], t["until"], t["contacts"], t["last_contact_on"]) for t in terms] == [
        ("赵敏", "2021-01-05", "2021-06-01", 2, "2021-05-31"),
        ("钱进", "2021-06-01", None, 1, "2021-06-05"),
    ]
    told = [each for each in await outbox_of(registry) if each["type"] == "household.changed.v1"]
    assert [each["data"]["responsible_official"] for each in told] == ["赵敏", "钱进"]
    assert "13911112222" not in str(told)
    reader = await registry.caller("supervisor", COUNTY)
    await named(county, home, **ZHAO)
    assert (await reader.get(f"/households/{home}")).json()["official_phone"] == "139******22"


async def test_the_same_person_goes_on(county: httpx.AsyncClient) -> None:
    home = await lifted(county)
    await named(county, home, **ZHAO, since="2021-01-05")
    again = await named(county, home, **ZHAO | {"phone": "13933334444"})
    assert again.json()["official_phone"] == "13933334444"
    assert len((await county.get(f"/households/{home}/officials")).json()) == 1


async def test_a_term_ends_without_another(county: httpx.AsyncClient) -> None:
    home = await lifted(county)
    await named(county, home, **ZHAO, since="2021-01-05")
    path = f"/households/{home}/responsible-official/end"
    ended = await county.post(path, json={"on": "2021-06-09", "reason": "调离"}, headers={"If-Match": '"2"'})
    assert (ended.status_code, ended.json()["official_name"], ended.json()["official_phone"]) == (
        200,
        None,
        None,
    )
    (term,) = (await county.get(f"/households/{home}/officials")).json()
    assert (term["until"], term["reason"]) == ("2021-06-09", "调离")
    again = await county.post(path, json={"on": "2021-06-09", "reason": "调离"}, headers={"If-Match": '"3"'})
    assert again.json()["code"] == "nobody_responsible"
    assert (await contacted(county, home, "2021-06-10")).json()["code"] == "nobody_responsible"
    assert (await contacted(county, home, "2021-06-10", official_name="孙强")).status_code == 201
    overlapping = await named(county, home, **QIAN, since="2021-06-08")
    assert overlapping.json()["code"] == "before_term"
    assert (await named(county, home, **QIAN, since="2021-06-09")).json()["official_name"] == "钱进"


@pytest.mark.parametrize(
    ("kind", "since", "code"),
    [
        pytest.param("general", "2021-06-01", "not_lifted", id="a general household has none"),
        pytest.param("lifted", "2021-06-11", "date_ahead", id="from tomorrow on"),
        pytest.param("lifted", "2021-01-04", "before_term", id="before the one who is"),
    ],
)
async def test_what_cannot_be_is_refused(county: httpx.AsyncClient, kind: str, since: str, code: str) -> None:
    home = await lifted(county)
    await named(county, home, **ZHAO, since="2021-01-05")
    await county.patch(f"/households/{home}", json={"kind": kind}, headers={"If-Match": '"2"'})
    assert (await named(county, home, **QIAN, since=since)).json()["code"] == code
    assert (await county.get(f"/households/{home}")).json()["official_name"] == "赵敏"
    stale = await county.post(
        f"/households/{home}/responsible-official", json=QIAN, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412


async def test_all_of_one_official_are_handed_over(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    homes = [await lifted(county, order=order) for order in ("123", "301", "501")]
    elsewhere = await lifted(county, order="701", village=OTHER_VILLAGE)
    for home in (*homes[:2], elsewhere):
        await named(county, home, **ZHAO, since="2021-01-05")
    zhao = {"name": ZHAO["name"], "unit": ZHAO["unit"]}
    handover = {"to": QIAN, "official": zhao, "division": TOWN, "reason": "工作调动"}
    assert (await county.post("/officials/handover", json=handover)).json() == {"households": 2}
    names = [
        (await county.get(f"/households/{home}")).json()["official_name"] for home in (*homes, elsewhere)
    ]
    assert names == ["钱进", "钱进", None, "赵敏"]
    changed = [each for each in await outbox_of(registry) if each["type"] == "household.changed.v1"]
    assert [each["data"]["responsible_official"] for each in changed[-2:]] == ["钱进", "钱进"]
    assert changed[-1]["data"]["version"] == 3
    by_name = {"to": QIAN, "household_ids": [homes[2]], "reason": "新安排"}
    assert (await county.post("/officials/handover", json=by_name)).json() == {"households": 1}
    nobody = await county.post(
        "/officials/handover", json={"to": ZHAO, "official": QIAN | {"name": "无"}, "reason": "x"}
    )
    assert (nobody.status_code, nobody.json()["code"]) == (422, "nothing_to_hand_over")
    # Who sees one of two may not hand over both: nothing is done.
    town = await registry.caller("town_officer", TOWN)
    both = {"to": ZHAO, "household_ids": [homes[0], elsewhere], "reason": "试"}
    assert (await town.post("/officials/handover", json=both)).status_code == 404
    assert (await county.get(f"/households/{homes[0]}")).json()["official_name"] == "钱进"


async def test_the_load_of_each_and_where_nobody_comes(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    one, two = await lifted(county), await lifted(county, order="301")
    three = await lifted(county, order="501", village=OTHER_VILLAGE)
    await lifted(county, order="701")
    for home in (one, two, three):
        await named(county, home, **(ZHAO if home != three else QIAN), since="2020-01-05")
    await contacted(county, one, "2021-06-01")
    await contacted(county, two, "2021-01-01")
    first = (await county.get("/officials", params={"limit": 1})).json()
    rest = (await county.get("/officials", params={"limit": 1, "cursor": first["next"]})).json()
    load = {"villages": 1, "last_contact_on": "2021-06-01", "overdue": 1, "households": 2, "people": 4}
    assert first["items"] == [{"name": "赵敏", "unit": "县医保局"} | load]
    assert [(each["name"], each["last_contact_on"]) for each in rest["items"]] == [("钱进", None)]
    assert rest["next"] is None
    # A stricter rule finds more.
    strict = (await county.get("/officials", params={"q": "赵", "days": 5})).json()["items"]
    assert [each["overdue"] for each in strict] == [2]
    for unit, names in (("县医", ["赵敏"]), ("医", [])):
        of_unit = (await county.get("/officials", params={"unit": unit})).json()["items"]
        assert [each["name"] for each in of_unit] == names
    nobody = (await county.get("/officials/gaps")).json()["items"]
    assert [each["official_name"] for each in nobody] == [None]
    idle = (await county.get("/officials/gaps", params={"what": "no_contact"})).json()["items"]
    assert {(each["id"], each["last_contact_on"]) for each in idle if each["official_name"]} == {
        (two, "2021-01-01"),
        (three, None),
    }
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    seen = (await elsewhere.get("/officials", params={"division": COUNTY})).json()["items"]
    assert [each["name"] for each in seen] == ["钱进"]


async def terms(client: httpx.AsyncClient, home: str) -> list[tuple[str, str, str | None]]:
    listed = (await client.get(f"/households/{home}/officials")).json()
    return [(each["name"], each["since"], each["until"]) for each in listed]


async def test_a_household_that_splits_off_keeps_the_official(county: httpx.AsyncClient) -> None:
    home = (await registered(county, kind="lifted", lifted_year=2018)).json()
    await named(county, home["id"], **ZHAO, since="2021-01-05")
    split = {"on": "2021-06-01", "members": [{"member_id": home["members"][1]["id"], "relationship": "head"}]}
    answer = await county.post(f"/households/{home['id']}/split", json=split, headers={"If-Match": '"2"'})
    assert answer.status_code in {200, 201}, answer.text
    (new,) = [each for each in (await county.get("/households")).json()["items"] if each["id"] != home["id"]]
    assert await terms(county, new["id"]) == [("赵敏", "2021-06-01", None)]
    assert await terms(county, home["id"]) == [("赵敏", "2021-01-05", None)]
    change = (await county.get(f"/households/{new['id']}/changes")).json()["items"][0]["id"]
    undone = await county.post(
        f"/households/{new['id']}/changes/{change}/undo", json={"reason": "误录"}, headers={"If-Match": '"1"'}
    )
    assert undone.status_code == 200, undone.text
    assert await terms(county, new["id"]) == [("赵敏", "2021-06-01", "2021-06-01")]


async def test_a_household_that_nobody_lives_in_has_no_official(county: httpx.AsyncClient) -> None:
    home, into = await lifted(county), await lifted(county, order="301")
    await named(county, home, **ZHAO, since="2021-01-05")
    head, spouse = (await county.get(f"/households/{home}")).json()["members"]
    joining = [
        {"member_id": head["id"], "relationship": "other"},
        {"member_id": spouse["id"], "relationship": "other"},
    ]
    merger = {"merged": home, "into": into, "on": "2021-06-01", "members": joining}
    merged = await county.post("/households/merge", json=merger, headers={"If-Match": '"1"'})
    assert merged.status_code == 200, merged.text
    assert await terms(county, home) == [("赵敏", "2021-01-05", "2021-06-01")]
    assert (await county.get("/officials")).json()["items"] == []
    change = (await county.get(f"/households/{home}/changes")).json()["items"][0]["id"]
    etag = (await county.get(f"/households/{home}")).headers["etag"]
    path = f"/households/{home}/changes/{change}/undo"
    undone = await county.post(path, json={"reason": "误录"}, headers={"If-Match": etag})
    assert undone.status_code == 200, undone.text
    assert (await terms(county, home))[1:] == [("赵敏", "2021-06-01", None)]


async def test_terms_follow_what_the_household_shows(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    home = await lifted(county)
    await named(county, home, **ZHAO, since="2021-01-05")
    for etag, kind, expected in (
        ('"2"', "general", [("赵敏", "2021-01-05", "2021-06-10")]),
        ('"3"', "lifted", [("赵敏", "2021-01-05", "2021-06-10"), ("赵敏", "2021-06-10", None)]),
    ):
        await county.patch(f"/households/{home}", json={"kind": kind}, headers={"If-Match": etag})
        await told(registry)
        assert await terms(county, home) == expected
        # Once more: what is true stays.
        await told(registry)
        assert await terms(county, home) == expected


async def told(registry: ServiceUnderTest) -> None:
    """Let the registry hear its own last news."""
    last = (await outbox_of(registry))[-1]
    await registry.tell(HouseholdChanged.model_validate(last["data"]))


async def test_contacts_are_listed_and_checked(registry: ServiceUnderTest, county: httpx.AsyncClient) -> None:
    home = await lifted(county)
    await named(county, home, **ZHAO, since="2021-01-05")
    assert (await contacted(county, home, "2021-06-11")).json()["code"] == "date_ahead"
    assert (await contacted(county, home, "2021-06-01", way="pigeon")).status_code == 422
    await contacted(county, home, "2021-06-01")
    await contacted(county, home, "2021-03-01", way="phone", official_name="孙强")
    listed = (await county.get(f"/households/{home}/contacts")).json()["items"]
    assert [(each["happened_on"], each["way"], each["official_name"]) for each in listed] == [
        ("2021-06-01", "visit", "赵敏"),
        ("2021-03-01", "phone", "孙强"),
    ]
    path = f"/households/{home}/contacts"
    first = (await county.get(path, params={"limit": 1})).json()
    rest = (await county.get(path, params={"limit": 1, "cursor": first["next"]})).json()
    assert (first["items"] + rest["items"], rest["next"]) == (listed, None)
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    for part in ("contacts", "officials"):
        assert (await elsewhere.get(f"/households/{home}/{part}")).status_code == 404
    reader = await registry.caller("supervisor", VILLAGE)
    assert (await contacted(reader, home, "2021-06-01")).status_code == 403
