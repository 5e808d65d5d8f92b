"""Every endpoint says who may call it, and says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import chain
from types import FunctionType
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from deploy.catalog import NAMES, load
from gateway.openapi import merge
from gateway.routes import PREFIX
from shared.assembly import Service
from shared.identity.scopes import ROLES, SCOPES
from shared.web import Router, requires
from shared.web.concurrency import if_match
from shared.web.problems import MEDIA_TYPE, Problem
from shared.web.routing import TransactionRoute
from shared.web.service_app import described
from tests.routes import routes_of, scopes_needed

pytestmark = pytest.mark.check

#: Called by those who are not known yet, and why that is right.
OPEN = {
    "POST /oauth/token": "whoever comes for a token has none",
    "GET /.well-known/jwks.json": "public keys are public",
}
#: For any known caller, whatever the scopes, and why.
FOR_ANYBODY = {
    "GET /codes": "labels that every front end shows",
    "GET /codes/{name}": "labels that every front end shows",
    "GET /divisions": "published by the state; no personal data",
    "GET /divisions/{code}": "published by the state; no personal data",
    "GET /jobs/": "a job answers only to whoever asked for it",
    "GET /api/v1/jobs/gateway-": "the same, of the gateway itself",
    "GET /datasets": "what departments may post, with blank forms; no data of anybody",
}


def name_of(route: APIRoute) -> str:
    return f"{' '.join(sorted(route.methods or ()))} {route.path}"


def undecided(service: Service) -> list[str]:
    """Return the endpoints of which nobody said who may call them, or said it twice."""
    return [
        name
        for route in routes_of(service)
        if (name := name_of(route)) not in OPEN and len(scopes_needed(route)) != 1
    ]


def unexplained(service: Service) -> list[str]:
    """Return the endpoints that any caller may use without a reason given above."""
    return [
        name
        for route in routes_of(service)
        if scopes_needed(route) == [None] and not any(map((name := name_of(route)).startswith, FOR_ANYBODY))
    ]


@pytest.mark.parametrize("service", NAMES)
def test_every_endpoint_says_who_may_call_it(service: str) -> None:
    assert undecided(load(service)) == []


@pytest.mark.parametrize("service", NAMES)
def test_an_endpoint_is_for_anybody_only_with_a_reason(service: str) -> None:
    assert unexplained(load(service)) == []


@pytest.mark.parametrize("service", NAMES)
def test_every_endpoint_says_what_it_does(service: str) -> None:
    assert [name_of(route) for route in routes_of(load(service)) if not route.description] == []


@pytest.mark.parametrize("service", NAMES)
def test_every_schema_has_a_name_of_its_own(service: str) -> None:
    """Of two that are called alike the document would name the modules: that is our business, and no caller's."""
    schemas = described(load(service)).openapi()["components"]["schemas"]
    assert [name for name in schemas if "__" in name] == []


def mistold(document: dict[str, Any]) -> list[str]:
    """Return the answers that are problems and told as something else, or the other way round."""
    return [
        f"{method.upper()} {path} {status}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        if (list(answer.get("content", {})) == [MEDIA_TYPE]) is (status[0] in "23")
    ]


@pytest.mark.parametrize("service", NAMES)
def test_a_document_tells_refusals_as_the_problems_that_are_answered(service: str) -> None:
    assert mistold(described(load(service)).openapi()) == []


@cache
def house_document() -> dict[str, Any]:
    documents = {name: described(load(name)).openapi() for name in NAMES}
    return merge(documents["gateway"], {name: documents[name] for name in NAMES if name != "gateway"})


def test_the_document_of_the_house_tells_refusals_as_each_service_does() -> None:
    house = house_document()
    assert mistold(house) == []
    assert [name for name in house["components"]["schemas"] if name.endswith("Problem")] == ["Problem"]


#: What a department's system calls, and who follows what happened.
_TOLD = re.compile(r"/api/v1/(changes|codes|comparisons|datasets|jobs|webhooks)\b")


def test_the_document_says_in_both_languages_what_a_departments_system_may_send() -> None:
    """Of a parameter the name alone says too little to whoever programs against it."""
    both = re.compile(r"[\u4e00-\u9fff].*[A-Za-z]{2}", re.DOTALL)
    untold = [
        f"{method.upper()} {path} {parameter['name']}"
        for path, item in house_document()["paths"].items()
        if _TOLD.match(path)
        for method, operation in item.items()
        for parameter in operation.get("parameters", [])
        if not both.search(parameter.get("description", ""))
    ]
    assert untold == []


def unfolded(node: Any, document: dict[str, Any], above: tuple[str, ...] = ()) -> Any:
    """Return what a part of a document says without names of schemas; one that stands in itself is cut there."""
    if isinstance(node, list):
        return [unfolded(item, document, above) for item in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        return {} if reference in above else unfolded(schema, document, (*above, reference))
    return {key: unfolded(value, document, above) for key, value in node.items()}


@pytest.mark.parametrize("service", NAMES)
def test_the_document_of_the_house_says_of_an_endpoint_what_its_service_does(service: str) -> None:
    own = described(load(service)).openapi()
    house = house_document()
    prefix = "" if service == "gateway" else PREFIX
    wrong = [
        path
        for path, item in own["paths"].items()
        if unfolded(house["paths"][prefix + path], house) != unfolded(item, own)
    ]
    assert wrong == []


def test_the_rules_catch_a_refusal_that_is_told_as_plain_json() -> None:
    app = FastAPI(responses={"default": {"model": Problem}})

    @app.get("/secrets")
    async def list_secrets() -> list[str]:
        """List them."""
        return []

    assert mistold(app.openapi()) == ["GET /secrets default"]


@pytest.mark.parametrize("service", NAMES)
def test_whoever_takes_a_file_says_so_in_the_document(service: str) -> None:
    """A client made from the document could not send one otherwise."""
    taking = [
        route
        for route in routes_of(load(service))
        if "413" in map(str, route.responses) and route.body_field is None
    ]
    assert [name_of(route) for route in taking if "requestBody" not in (route.openapi_extra or {})] == []


@pytest.mark.parametrize("service", NAMES)
def test_the_document_tells_the_headers_that_an_endpoint_goes_by(service: str) -> None:
    """A client made from the document would never repeat safely, and be refused wherever a version is asked for."""
    document = described(load(service)).openapi()
    for route in routes_of(load(service)):
        if not isinstance(route, TransactionRoute):
            continue
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            headers = [each for each in operation.get("parameters", []) if each["in"] == "header"]
            needed = {each["name"]: each.get("required", False) for each in headers}
            versioned = any(each.call is if_match for each in route.dependant.dependencies)
            assert len(needed) == len(headers)
            assert ("Idempotency-Key" in needed) is (method == "POST"), name_of(route)
            assert needed.get("If-Match", False) is versioned, name_of(route)
            assert ({"412", "428"} <= operation["responses"].keys()) is versioned, name_of(route)


def sent_by(call: Callable[..., Any], seen: set[Callable[..., Any]]) -> set[str]:
    """Return which headers an endpoint's code, and what it calls, names: those that tell the version or an address."""
    seen.add(call)
    assert isinstance(call, FunctionType)
    # The names of several headers at once are a tuple.
    named = [each if isinstance(each, tuple) else (each,) for each in call.__code__.co_consts]
    sent = {"ETag", "Location"}.intersection(chain(*named))
    for name in call.__code__.co_names:
        called = call.__globals__.get(name)
        if isinstance(called, FunctionType) and called not in seen:
            sent |= sent_by(called, seen)
    return sent


@pytest.mark.parametrize("service", NAMES)
def test_the_document_tells_the_headers_that_an_endpoint_sends(service: str) -> None:
    document = described(load(service)).openapi()
    for route in routes_of(load(service)):
        if not isinstance(route, TransactionRoute):
            continue
        for method in route.methods or ():
            answers = document["paths"][route.path_format][method.lower()]["responses"]
            told = [set(answer.get("headers", {})) for status, answer in answers.items() if status[0] == "2"]
            sent = sent_by(route.endpoint, set()) | ({"Idempotency-Replayed"} if method == "POST" else set())
            # What is made may have a version: a document tells so wherever it has an address.
            may_be = {"ETag"} if route.status_code == 201 and "Location" in sent else set()
            assert all(sent <= each <= sent | may_be for each in told), (name_of(route), told, sent)


@pytest.mark.parametrize("service", NAMES)
def test_the_document_tells_where_an_answer_may_be_that_nothing_has_changed(service: str) -> None:
    document = described(load(service)).openapi()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            versioned = method == "get" and "ETag" in operation["responses"].get("200", {}).get("headers", {})
            asked = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            assert ("If-None-Match" in asked) is versioned, path
            assert ("304" in operation["responses"]) is versioned, path
            if versioned:
                assert operation["responses"]["304"]["headers"].keys() == {"ETag"}


def test_every_scope_is_needed_somewhere_and_held_by_somebody() -> None:
    needed = {
        scope for name in NAMES for route in routes_of(load(name)) for scope in scopes_needed(route) if scope
    }
    held = frozenset().union(*ROLES.values())
    assert needed <= held, "nobody may call these"
    assert held <= set(SCOPES)


def test_the_rules_catch_an_endpoint_without_a_decision() -> None:
    router = Router(prefix="/secrets")

    @router.get("")
    async def list_secrets() -> list[str]:
        """List them."""
        return []

    @router.get("/open", dependencies=[requires(None)])
    async def list_open_secrets() -> list[str]:
        """List them."""
        return []

    service = _service_with(router)
    assert undecided(service) == ["GET /secrets"]
    assert unexplained(service) == ["GET /secrets/open"]


def _service_with(router: APIRouter) -> Service:
    household = load("household")
    return Service("made_up", "Made up", household.metadata, [router], household.reactions)
