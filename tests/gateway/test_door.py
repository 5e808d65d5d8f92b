"""Who gets in, under which identity, and what is passed on."""

from __future__ import annotations

import httpx
import pytest

from gateway.limits import RateLimits, TooManyRequests
from shared.identity.internal import HEADER
from tests.gateway.conftest import COUNTY, Gateway


async def test_credentials_are_exchanged_for_a_token(gateway: Gateway) -> None:
    secret = await gateway.client("county_officer")
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answer = await client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("office", secret)
        )
        keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert answer.json()["token_type"] == "Bearer"
    assert "households:read" in answer.json()["scope"].split()
    assert keys[0]["crv"] == "Ed25519"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="another grant"),
        pytest.param(
            {"grant_type": "client_credentials", "client_id": "office", "client_secret": "x"},
            "invalid_client",
            id="a wrong secret",
        ),
        pytest.param(
            {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"},
            "invalid_client",
            id="an unknown client",
        ),
    ],
)
async def test_bad_credentials_are_refused_alike(gateway: Gateway, form: dict[str, str], code: str) -> None:
    await gateway.client("county_officer")
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        assert (await client.post("/oauth/token", data=form)).json()["code"] == code


async def test_guessing_is_slowed_down(gateway: Gateway) -> None:
    form = {"grant_type": "client_credentials", "client_id": "office", "client_secret": "x"}
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        statuses = [(await client.post("/oauth/token", data=form)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic eDp5"])
async def test_nobody_comes_in_without_a_token(gateway: Gateway, header: str | None) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answer = await client.get("/api/v1/households", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_the_service_learns_who_calls_and_nothing_else(gateway: Gateway) -> None:
    caller = await gateway.caller("town_officer")
    forged = {HEADER: "forged", "X-Reason": "kept"}
    seen = (await caller.get("/api/v1/households/x%20y?q=%E7%8E%8B", headers=forged)).json()
    assert (seen["path"], seen["query"]) == ("/households/x y", "q=%E7%8E%8B")
    assert "authorization" not in seen["headers"]
    assert seen["headers"]["x-reason"] == "kept"
    principal = gateway.verifier.verify(seen["headers"][HEADER])
    assert (principal.subject, principal.areas) == ("office", (COUNTY,))
    assert "cases:approve" not in principal.scopes


async def test_bodies_stream_through_both_ways(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    sent = await caller.post("/api/v1/households/imports", content=b"x" * 5_000_000)
    assert sent.json()["size"] == 5_000_000
    streamed = await caller.get("/api/v1/households/stream")
    assert len(streamed.text.splitlines()) == 1000


async def test_addresses_are_those_of_the_outside(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    created = await caller.get("/api/v1/households/created")
    assert created.headers["location"] == "/api/v1/households/7"
    assert "trace-id" in created.headers


async def test_a_service_that_is_down_is_said_to_be(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    answer = await caller.get("/api/v1/findings")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"


async def test_an_overview_names_what_is_missing(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    answer = await caller.get("/api/v1/households/01a209b2-f131-7245-bd16-f23b914eb6fd/overview")
    assert answer.status_code == 200
    assert set(answer.json()["missing"]) == {"findings", "clues", "cases", "monitored"}


async def test_a_client_that_hurries_is_slowed_down(gateway: Gateway) -> None:
    caller = await gateway.caller("county_officer")
    answers = [await caller.get("/api/v1/households") for _ in range(60)]
    assert answers[0].headers["ratelimit"].startswith('"client";r=49')
    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[-1].headers["retry-after"] == "1"
    other = await gateway.caller("county_officer", client_id="other")
    assert (await other.get("/api/v1/households")).status_code == 200


async def test_one_document_describes_the_house(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        document = (await client.get("/openapi.json")).json()
        docs = (await client.get("/docs")).text
        script = await client.get("/docs/assets/swagger-ui-bundle.js")
    assert "/api/v1/households" in document["paths"]
    assert "/oauth/token" in document["paths"]
    assert "inspection" in document["info"]["description"]
    assert "http://" not in docs.replace(gateway.url, "").replace("http://127.0.0.1", "")
    assert script.status_code == 200


async def test_clients_are_registered_by_administrators_only(gateway: Gateway) -> None:
    administrator = await gateway.caller("administrator")
    new = {
        "client_id": "yibao",
        "name": "县医保局",
        "roles": ["department"],
        "areas": [COUNTY],
        "departments": ["medical_insurance"],
    }
    made = await administrator.post("/api/v1/clients", json=new)
    assert made.status_code == 201
    assert made.json()["client_secret"]
    assert (await administrator.post("/api/v1/clients", json=new)).json()["code"] == "client_exists"
    officer = await gateway.caller("county_officer", client_id="officer")
    assert (await officer.post("/api/v1/clients", json=new)).json()["code"] == "forbidden"
    await administrator.post("/api/v1/clients/yibao/disabling")
    form = {
        "grant_type": "client_credentials",
        "client_id": "yibao",
        "client_secret": made.json()["client_secret"],
    }
    assert (await administrator.post("/oauth/token", data=form)).status_code == 401


async def test_an_administrator_lets_nobody_in_beyond_the_own_areas(gateway: Gateway) -> None:
    administrator = await gateway.caller("administrator")
    await gateway.client("department", areas=("340622000000",), client_id="theirs")
    await gateway.client("county_officer", areas=(COUNTY, "340622000000"), client_id="of-both")
    new = {"client_id": "spy", "name": "县局", "roles": ["county_officer"]}
    for areas in (["340622000000"], [COUNTY, "340622000000"], ["340000000000"]):
        refused = await administrator.post("/api/v1/clients", json=new | {"areas": areas})
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_area"), areas
    inside = await administrator.post("/api/v1/clients", json=new | {"areas": ["340621100000"]})
    assert inside.status_code == 201
    listed = (await administrator.get("/api/v1/clients", params={"count": "exact"})).json()
    assert [client["client_id"] for client in listed["items"]] == ["office", "spy"]
    assert listed["total"] == 2
    named = {"departments": ["health"]}
    answers = [
        await administrator.post("/api/v1/clients/of-both/disabling"),
        await administrator.put("/api/v1/clients/theirs/departments", json=named),
    ]
    assert [answer.json()["code"] for answer in answers] == ["not_found"] * 2


async def test_a_department_s_system_sends_in_the_name_of_departments_that_an_administrator_names(
    gateway: Gateway,
) -> None:
    administrator = await gateway.caller("administrator")
    new = {"client_id": "yibao", "name": "县医保局", "roles": ["department"], "areas": [COUNTY]}
    for departments in ([], ["weather"]):
        answer = await administrator.post("/api/v1/clients", json=new | {"departments": departments})
        assert answer.status_code == 422, departments
    officer = new | {"roles": ["county_officer"], "departments": ["education"]}
    assert (await administrator.post("/api/v1/clients", json=officer)).status_code == 422
    made = await administrator.post("/api/v1/clients", json=new | {"departments": ["medical_insurance"]})
    assert made.json()["departments"] == ["medical_insurance"]

    async def told() -> tuple[str, ...]:
        form = {"grant_type": "client_credentials", "client_id": "yibao"}
        form["client_secret"] = made.json()["client_secret"]
        token = (await administrator.post("/oauth/token", data=form)).json()["access_token"]
        there = {"Authorization": f"Bearer {token}"}
        seen = (await administrator.get("/api/v1/households", headers=there)).json()
        return gateway.verifier.verify(seen["headers"][HEADER]).departments

    assert await told() == ("medical_insurance",)
    address = "/api/v1/clients/yibao/departments"
    changed = await administrator.put(address, json={"departments": ["health", "civil_affairs", "health"]})
    assert changed.json()["departments"] == ["civil_affairs", "health"]
    assert await told() == ("civil_affairs", "health")
    assert (await administrator.put(address, json={"departments": []})).status_code == 422
    other = await administrator.put("/api/v1/clients/office/departments", json={"departments": ["health"]})
    assert (other.status_code, other.json()["code"]) == (409, "no_department")
    nobody = await administrator.put("/api/v1/clients/nobody/departments", json={"departments": ["health"]})
    assert nobody.status_code == 404


async def test_a_person_without_a_token_comes_to_self_applications_only_and_slowly(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=f"{gateway.url}/api/v1") as anybody:
        for method, path in (
            ("GET", "/self-applications"),
            ("POST", "/self-applications/x/refusal"),
            ("POST", "/clues"),
            ("GET", "/households"),
        ):
            assert (await anybody.request(method, path)).status_code == 401
        # The service behind it is down: they were let in.
        answers = [(await anybody.post("/self-applications", json={})).status_code for _ in range(12)]
        assert answers == [503] * 10 + [429] * 2
        refused = await anybody.post("/self-applications/status", json={})
        assert refused.status_code == 429
        # At one in ten seconds whoever comes again sooner is refused again.
        assert int(refused.headers["retry-after"]) in (9, 10)


@pytest.mark.check
def test_callers_who_have_been_idle_are_forgotten_and_busy_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("gateway.limits.time.monotonic", lambda: now)
    monkeypatch.setattr("gateway.limits._REMEMBERED", 3)
    limits = RateLimits(per_second=1, burst=2)
    for caller in ("early", "busy", "late"):
        limits.take(caller)
        now += 1
    limits.take("busy")
    limits.take("busy")
    now += 0.5
    limits.take("fourth")
    assert set(limits._buckets) == {"busy", "late", "fourth"}
    with pytest.raises(TooManyRequests):
        limits.take("busy")
