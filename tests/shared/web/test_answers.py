"""What every service answers: versions, pages, problems in two languages, and nothing of what was sent."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from shared.identity.internal import HEADER
from shared.web.concurrency import PreconditionNeeded
from shared.web.encoded import EncodedBody
from tests.clients import ServiceUnderTest
from tests.shared.conftest import COUNTY, a_note
from tests.shared.notes.app import Unwelcome

NUMBER = "340621199003078275"


def _forged(values: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


async def test_a_version_goes_out_and_must_come_back(writer: httpx.AsyncClient) -> None:
    written = await writer.post("/notes", json=a_note())
    path, etag = written.headers["location"], written.headers["etag"]
    missing = await writer.patch(path, json=a_note("用电"))
    assert (missing.status_code, missing.json()["title"]) == (428, PreconditionNeeded.zh)
    for stale in ('"7"', '"x"', "*", "9" * 5000):
        assert (await writer.patch(path, json=a_note("用电"), headers={"If-Match": stale})).status_code == 412
    changed = await writer.patch(path, json=a_note("用电"), headers={"If-Match": etag})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    late = await writer.patch(path, json=a_note("道路"), headers={"If-Match": etag})
    assert late.status_code == 412
    assert (await writer.get(path)).json()["words"] == "用电"


async def test_the_document_tells_which_headers_an_answer_sends(writer: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "once"}
    await writer.post("/notes", json=a_note(), headers=once)
    again = await writer.post("/notes", json=a_note(), headers=once)
    shown = await writer.get(again.headers["location"])
    changed = await writer.patch(
        again.headers["location"], json=a_note("用电"), headers={"If-Match": shown.headers["etag"]}
    )
    known = {"If-None-Match": changed.headers["etag"]}
    unchanged = await writer.get(again.headers["location"], headers=known)
    paths = (await writer.get("/openapi.json")).json()["paths"]
    for answer, path, told in (
        (unchanged, "/notes/{note_id}", {"ETag"}),
        (again, "/notes", {"Location", "ETag", "Idempotency-Replayed"}),
        (shown, "/notes/{note_id}", {"ETag"}),
        (changed, "/notes/{note_id}", {"ETag"}),
    ):
        document = paths[path][answer.request.method.lower()]["responses"][str(answer.status_code)]
        assert document["headers"].keys() == told
        assert told == {name for name in told if name in answer.headers}


@pytest.mark.parametrize("words", ["饮\0水", "\0"])
async def test_a_sign_that_no_text_may_hold_is_refused(writer: httpx.AsyncClient, words: str) -> None:
    refused = await writer.post("/notes", json=a_note(words))
    assert (refused.status_code, refused.json()["code"]) == (422, "cannot_be_stored")
    assert (await writer.get("/notes")).json()["items"] == []


@pytest.mark.parametrize("rank", [2**31, -(2**31) - 1, 2**63])
async def test_a_number_beyond_all_bounds_is_refused(writer: httpx.AsyncClient, rank: int) -> None:
    refused = await writer.post("/notes", json=a_note(rank=rank))
    assert (refused.status_code, refused.json()["code"]) == (422, "cannot_be_stored")
    forged = _forged([("v", 2**40), ("u", "0192f0c1-0000-7000-8000-000000000000")])
    assert (await writer.get("/notes", params={"cursor": forged})).status_code == 422


async def test_who_has_the_present_version_gets_no_body(writer: httpx.AsyncClient) -> None:
    path = (await writer.post("/notes", json=a_note())).headers["location"]
    answer = await writer.get(path, headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert (await writer.get(path, headers={"If-None-Match": '"0"'})).status_code == 200


async def test_pages_show_each_row_once_whatever_comes_in_between(writer: httpx.AsyncClient) -> None:
    for rank in (3, 1, 2, 2, 5):
        await writer.post("/notes", json=a_note(rank=rank))
    seen, cursor = list[int](), None
    while True:
        page = (
            await writer.get("/notes", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [each["rank"] for each in page["items"]]
        if (cursor := page["next"]) is None:
            break
        # In front of where the reader is: not shown, and nothing is shown twice because of it.
        await writer.post("/notes", json=a_note(rank=0))
    assert seen == [1, 2, 2, 3, 5]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "e30",
        "🙂",
        *map(_forged, ([["u", 1]], [["v", 1]], [["v", "a"], ["v", "b"]], [["x", 1], ["v", 1]])),
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(writer: httpx.AsyncClient, cursor: str) -> None:
    answer = await writer.get("/notes", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "x"])
async def test_a_page_has_a_size(writer: httpx.AsyncClient, limit: str) -> None:
    assert (await writer.get("/notes", params={"limit": limit})).status_code == 422


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("zh-CN,zh;q=0.9", Unwelcome.zh),
        ("en", Unwelcome.title()),
        ("de, en;q=0.5", Unwelcome.title()),
        ("", Unwelcome.zh),
    ],
)
async def test_a_refusal_speaks_the_callers_language(
    writer: httpx.AsyncClient, language: str, title: str
) -> None:
    answer = await writer.post("/notes", json=a_note("unwelcome"), headers={"Accept-Language": language})
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (409, "unwelcome")
    assert problem["title"] == title
    assert problem["trace_id"] == answer.headers["trace-id"]


async def test_what_is_wrong_is_named_and_not_repeated(writer: httpx.AsyncClient) -> None:
    answer = await writer.post("/notes", json=a_note() | {"words": NUMBER + "长" * 20, "more": NUMBER})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/words", "/more"}
    assert NUMBER not in answer.text


async def test_what_cannot_be_read_is_refused(writer: httpx.AsyncClient) -> None:
    for language, words in (
        ("zh", "不是有效的 JSON（第 9 个字符处）"),
        ("en", "no JSON, from character 9 on"),
    ):
        headers = {"Content-Type": "application/json", "Accept-Language": language}
        answer = await writer.post("/notes", content=b'{"words"="x"}', headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
        # Where it is said in words: a pointer leads into JSON that there is.
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"], error["message"]) == ("", "json_invalid", words)


async def test_an_error_of_ours_says_nothing_of_the_data(writer: httpx.AsyncClient) -> None:
    answer = await writer.get("/notes/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert NUMBER not in answer.text
    assert answer.json()["trace_id"]


async def test_nothing_is_there(writer: httpx.AsyncClient) -> None:
    for method, path, code in (
        ("GET", "/nowhere", "no_such_path"),
        ("DELETE", "/notes", "method_not_allowed"),
        ("GET", "/notes/01890000-0000-7000-8000-000000000000", "not_found"),
    ):
        assert (await writer.request(method, path)).json()["code"] == code


@pytest.mark.parametrize(
    "path", ["/notes/", "/notes/broken/", "/docs/", "/docs/assets", "/healthz/", "//notes"]
)
async def test_an_address_with_a_slash_too_many_or_too_few_leads_nowhere(
    writer: httpx.AsyncClient, path: str
) -> None:
    # A redirect would name the host that the caller says this is, or one of the inside.
    answer = await writer.get(path, headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "identity, BR"),
        ("Content-Encoding", "x-unknown"),
        ("Transfer-Encoding", "gzip, chunked"),
    ],
)
async def test_a_packed_body_is_refused_before_it_is_read(
    writer: httpx.AsyncClient, header: str, coding: str
) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    for path in ("/notes", "/notes/files", "/nowhere"):
        answer = await writer.post(path, content=body(), headers={header: coding})
        assert (answer.status_code, answer.json()["code"]) == (415, "encoded_body"), path
        assert (answer.json()["title"], answer.headers["accept-encoding"]) == (EncodedBody.zh, "identity")
        assert "trace-id" in answer.headers


async def test_a_body_that_says_that_it_is_not_packed_is_taken(writer: httpx.AsyncClient) -> None:
    for coding in ("identity", "Identity", ""):
        answer = await writer.post("/notes", json=a_note(), headers={"Content-Encoding": coding})
        assert answer.status_code == 201


@pytest.mark.parametrize("identity", ["", "x", "forged"])
async def test_nobody_unknown_is_answered(writer: httpx.AsyncClient, identity: str) -> None:
    known = writer.headers[HEADER]
    identities = {"forged": known[:-10] + "AAAAAAAAAA"}
    answer = await writer.get("/notes", headers={HEADER: identities.get(identity, identity)})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_who_may_read_may_not_write(notes: ServiceUnderTest) -> None:
    supervisor = await notes.caller("supervisor", COUNTY)
    assert (await supervisor.get("/notes")).status_code == 200
    answer = await supervisor.post("/notes", json=a_note())
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_what_it_depends_on_is_unreachable_for_a_reason_that_operators_are_told(
    notes: ServiceUnderTest, writer: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = notes.database.engine
    wrong = create_async_engine(engine.url.set(password="wrong"))
    notes.database.engine = wrong
    try:
        assert (await writer.get("/readyz")).json()["checks"]["database"] == "failing"
    finally:
        notes.database.engine = engine
        await wrong.dispose()
    told = capsys.readouterr().out
    # Not only that there was an error, as there is where the network is away.
    assert "dependency.unreachable" in told
    assert "password authentication failed" in told


async def test_it_tells_how_it_is_and_explains_itself(
    notes: ServiceUnderTest, writer: httpx.AsyncClient
) -> None:
    assert (await writer.get("/healthz")).json() == {"status": "alive"}
    assert (await writer.get("/readyz")).json() == {"checks": {"database": "ok", "draining": "ok"}}
    page = (await writer.get("/docs")).text
    assert "http://" not in page.replace("http://service", "")
    assert "https://" not in page
    assert (await writer.get("/docs/assets/swagger-ui.css")).status_code == 200
    await writer.get("/notes")
    assert 'fangfan_http_request_seconds_count{method="GET",route="/notes",service="notes"' in (
        (await writer.get("/metrics")).text
    )
    notes.runtime.draining = True
    assert (await writer.get("/readyz")).status_code == 503
