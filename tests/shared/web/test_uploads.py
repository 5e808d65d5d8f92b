"""Files are streamed, limited, recognised by what is in them, and leave nothing behind when refused."""

from __future__ import annotations

import asyncio
import codecs
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy.pool import QueuePool

from tests.clients import ServiceUnderTest
from tests.shared.conftest import COUNTY
from tests.shared.messaging.station import eventually

#: In UTF-16 some of its signs hold the bytes of separators: 医, 三, 上, 第 and 一.
UNMARKED = "姓名,医疗类别,医疗费用\n王一,医院第三门诊,1200\n上官一,医疗,5\n"
CSV = "户编号,姓名\n1,王建国\n".encode()


def files_in(spool: Path) -> list[Path]:
    return [path for path in spool.rglob("*") if path.is_file()]


async def test_a_body_and_a_form_are_the_same_file(writer: httpx.AsyncClient) -> None:
    raw = await writer.post("/notes/files", content=CSV, headers={"X-Filename": quote("农户.csv")})
    form = await writer.post("/notes/files", files={"file": ("农户.csv", CSV)})
    expected = {
        "kind": "csv",
        "size": len(CSV),
        "digest": hashlib.sha256(CSV).hexdigest(),
        "filename": "农户.csv",
    }
    assert raw.json() == form.json() == expected


@pytest.mark.parametrize("name", ["Content-Digest", "Repr-Digest"])
async def test_what_is_not_what_its_digest_tells_is_refused(
    writer: httpx.AsyncClient, tmp_path: Path, name: str
) -> None:
    told = f"sha-512=:YWJj:, sha-256=:{b64encode(hashlib.sha256(CSV).digest()).decode()}:"
    taken = await writer.post("/notes/files", content=CSV, headers={name: told})
    assert taken.status_code == 202
    for content, digest in ((CSV[:-1], told), (CSV, "sha-256=:AAAA:"), (CSV, "sha-256=:no base64:")):
        answer = await writer.post("/notes/files", content=content, headers={name: digest})
        assert (answer.status_code, answer.json()["code"]) == (422, "digest_differs")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04rest", "xlsx"),
        (b'\xef\xbb\xbf{"a":1}\n', "ndjson"),
        ("姓名\n王".encode("gb18030"), "csv"),
        ("姓名\t备注\n王\t".encode("utf-16"), "csv"),
        (codecs.BOM_UTF16_BE + "姓名\n王".encode("utf-16-be"), "csv"),
        ("姓名,备注\n王\0建国,住\0\0\0院\n".encode(), "csv"),
        ("姓名,备注\n王建国\0\0\0,住院\0\0\0\0\n".encode("gb18030"), "csv"),
        ("姓名\t备注\n王\0建国\t".encode("utf-16"), "csv"),
        (b'{"a": "b\0"}\n', "ndjson"),
    ],
)
async def test_the_kind_is_what_is_in_it(writer: httpx.AsyncClient, content: bytes, kind: str) -> None:
    answer = await writer.post("/notes/files", content=content, headers={"X-Filename": "a.pdf"})
    assert answer.json()["kind"] == kind


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0old",
        b"\x1f\x8bgz",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00",
        b"SQLite format 3\x00\x10\x00\x01\x01",
        b"  \n",
        b"\x00 \x00\n",
        UNMARKED.encode("utf-16-le"),
        UNMARKED.encode("utf-16-be"),
        "name,note\n1,2\n".encode("utf-16-le"),
        "name,note\n1,2\n".encode("utf-16-be"),
        b"",
        "\n ".encode("utf-16"),
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        '{"a": 1}'.encode("utf-16-be"),
    ],
)
async def test_what_is_no_table_is_refused(writer: httpx.AsyncClient, tmp_path: Path, content: bytes) -> None:
    answer = await writer.post("/notes/files", content=content)
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_file_kind")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "文件是空的", id="nothing"),
        pytest.param(b"\xef\xbb\xbf \r\n", "文件是空的", id="blanks"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "旧版 Excel（.xls）或加密的文件：请另存为不加密的 .xlsx",
            id="of an old or a locked Excel",
        ),
    ],
)
async def test_what_offices_send_by_mistake_is_called_by_its_name(
    writer: httpx.AsyncClient, content: bytes, why: str
) -> None:
    answer = await writer.post("/notes/files", content=content)
    assert (answer.json()["code"], answer.json().get("detail")) == ("unknown_file_kind", why)


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\passwd", "a/passwd\n"])
async def test_a_name_is_no_path(writer: httpx.AsyncClient, name: str) -> None:
    answer = await writer.post("/notes/files", content=CSV, headers={"X-Filename": quote(name)})
    assert answer.json()["filename"] == "passwd"


async def test_what_is_too_large_is_refused_before_it_has_all_come(
    notes: ServiceUnderTest, writer: httpx.AsyncClient, tmp_path: Path
) -> None:
    notes.runtime.common.max_upload_bytes = 3_000_000
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1_000_000
            yield b"a" * 1_000_000

    answer = await writer.post("/notes/files", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert files_in(tmp_path) == []


async def test_a_form_without_a_file_is_refused(writer: httpx.AsyncClient) -> None:
    answer = await writer.post("/notes/files", files={"other": ("a.csv", CSV)})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


async def test_a_form_of_many_fields_is_refused(writer: httpx.AsyncClient) -> None:
    for fields, status in ((10, 202), (11, 400)):
        told = {f"field{number}": "x" for number in range(fields)}
        answer = await writer.post("/notes/files", files={"file": ("a.csv", CSV)}, data=told)
        assert answer.status_code == status, fields


async def test_a_body_that_is_no_upload_has_a_limit_of_its_own(
    notes: ServiceUnderTest, writer: httpx.AsyncClient
) -> None:
    notes.runtime.common.max_body_bytes = 1000
    answer = await writer.post("/notes", content=b'{"words": "' + b"a" * 2000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_whoever_goes_away_in_the_middle_of_a_file_breaks_nothing(notes: ServiceUnderTest) -> None:
    def answered(status: str) -> float:
        labels = {"service": "notes", "method": "POST", "route": "/notes/files", "status": status}
        return REGISTRY.get_sample_value("fangfan_http_request_seconds_count", labels) or 0

    async def is_told() -> bool:
        return answered("499") == 1

    async with begun_file(notes) as sending:
        await asyncio.sleep(0.3)
        sending.close()
        await eventually(is_told)
    assert answered("500") == 0
    assert files_in(notes.runtime.spool) == []


async def test_a_file_on_its_way_holds_no_connection(notes: ServiceUnderTest) -> None:
    async def is_received() -> bool:
        return len(files_in(notes.runtime.spool)) == 1

    async with begun_file(notes, {"Idempotency-Key": "k-1"}):
        await eventually(is_received)
        pool = notes.database.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0


@asynccontextmanager
async def begun_file(
    notes: ServiceUnderTest, further: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[asyncio.StreamWriter]:
    """Send the beginning of a file."""
    async with notes.served("county_officer", COUNTY) as (url, headers):
        _, sending = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
        lines = ["POST /notes/files HTTP/1.1", "Host: here", "Content-Length: 9000"]
        lines += [f"{name}: {value}" for name, value in {**headers, **further}.items()]
        sending.write("\r\n".join([*lines, "", "a,b"]).encode())
        await sending.drain()
        try:
            yield sending
        finally:
            sending.close()
