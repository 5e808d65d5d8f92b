"""What a household has consented to: what holds on a day, what was withdrawn, and where one is missing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, OTHER_TOWN, registered


async def given(client: httpx.AsyncClient, home: str, **changes: Any) -> httpx.Response:
    consent = {
        "scopes": ["data_check"],
        "given_on": "2021-06-01",
        "evidence": "授权书 2021-017，户主手印",
    } | changes
    return await client.post(f"/households/{home}/consents", json=consent)


@pytest.fixture
async def home(county: httpx.AsyncClient) -> str:
    return str((await registered(county)).json()["id"])


async def gaps(client: httpx.AsyncClient, **more: Any) -> list[tuple[str, str | None]]:
    answer = await client.get("/consents/gaps", params={"scope": "data_check"} | more)
    assert answer.status_code == 200, answer.text
    return [(each["id"], each["until"]) for each in answer.json()["items"]]


async def test_a_consent_holds_until_it_runs_out(county: httpx.AsyncClient, home: str) -> None:
    assert await gaps(county) == [(home, None)]
    entered = await given(county, home, expires_on="2021-06-30")
    assert (entered.status_code, entered.json()["holds"]) == (201, True)
    (shown,) = (await county.get(entered.headers["location"])).json()
    assert shown == entered.json()
    assert await gaps(county) == []
    assert await gaps(county, days=20) == []
    assert await gaps(county, days=21) == [(home, "2021-06-30")]
    assert await gaps(county, scope="publicity") == [(home, None)]
    assert await gaps(county, kind="lifted", scope="publicity") == []
    past = await given(county, home, given_on="2020-01-01", expires_on="2020-12-31")
    assert past.json()["holds"] is False


async def test_a_consent_is_withdrawn_from_a_day_on(county: httpx.AsyncClient, home: str) -> None:
    consent = (await given(county, home)).json()
    path = f"/households/{home}/consents/{consent['id']}/withdrawal"
    body = {"on": "2021-06-10", "reason": "户主来电撤回"}
    assert (await county.post(path, json=body, headers={"If-Match": '"7"'})).status_code == 412
    early = await county.post(path, json=body | {"on": "2021-05-31"}, headers={"If-Match": '"1"'})
    assert early.json()["code"] == "withdrawn_before"
    withdrawn = await county.post(path, json=body, headers={"If-Match": '"1"'})
    assert (withdrawn.json()["holds"], withdrawn.json()["version"]) == (False, 2)
    again = await county.post(path, json=body, headers={"If-Match": '"2"'})
    assert again.json()["code"] == "withdrawn_already"
    assert await gaps(county) == [(home, None)]
    (listed,) = (await county.get(f"/households/{home}/consents")).json()
    assert (listed["withdrawn_on"], listed["withdrawal_reason"]) == ("2021-06-10", "户主来电撤回")
    for day, holds in (
        ("2021-05-31", False),
        ("2021-06-01", True),
        ("2021-06-09", True),
        ("2021-06-10", False),
    ):
        (listed,) = (await county.get(f"/households/{home}/consents", params={"on": day})).json()
        assert (day, listed["holds"]) == (day, holds)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"given_on": "2021-06-11"}, "date_ahead", id="tomorrow"),
        pytest.param({"expires_on": "2021-05-31"}, "expires_before", id="over before it began"),
        pytest.param({"scopes": []}, "invalid", id="to nothing"),
        pytest.param({"scopes": ["anything"]}, "invalid", id="to what there is not"),
        pytest.param({"evidence": ""}, "invalid", id="without evidence"),
        pytest.param({"member_id": "01890000-0000-7000-8000-000000000000"}, "not_found", id="of a stranger"),
    ],
)
async def test_what_is_no_consent_is_refused(
    county: httpx.AsyncClient, home: str, changes: dict[str, Any], code: str
) -> None:
    assert (await given(county, home, **changes)).json()["code"] == code
    assert (await county.get(f"/households/{home}/consents")).json() == []


async def test_one_person_consents_for_themselves(county: httpx.AsyncClient, home: str) -> None:
    spouse = (await county.get(f"/households/{home}")).json()["members"][1]["id"]
    assert (await given(county, home, member_id=spouse)).json()["member_id"] == spouse
    # The household's is still missing.
    assert await gaps(county) == [(home, None)]


async def test_consents_are_seen_where_the_household_is(
    registry: ServiceUnderTest, county: httpx.AsyncClient, home: str
) -> None:
    consent = (await given(county, home)).json()
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get(f"/households/{home}/consents")).status_code == 404
    path = f"/households/{home}/consents/{consent['id']}/withdrawal"
    body = {"on": "2021-06-10", "reason": "试"}
    assert (await elsewhere.post(path, json=body, headers={"If-Match": '"1"'})).status_code == 404
    assert await gaps(elsewhere, division=COUNTY) == []
    reader = await registry.caller("supervisor", COUNTY)
    assert (await given(reader, home)).status_code == 403
