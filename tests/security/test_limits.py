"""What is too large is refused as a problem, and nothing of it stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.catalog import load
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf

NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)
COUNTY = "340621000000"
LARGE = b'{"division_code": "' + b"0" * (1024**2 + 1) + b'"}'


@pytest.fixture
async def registry(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    async with under_test(load("household"), await database_of("household"), tmp_path, moment=NOW) as service:
        yield service


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}], ids=["plain", "with a key"])
async def test_a_body_beyond_the_limit_is_refused(
    registry: ServiceUnderTest, headers: dict[str, str]
) -> None:
    officer = await registry.caller("county_officer", COUNTY)
    answer = await officer.post(
        "/households", content=LARGE, headers={"Content-Type": "application/json"} | headers
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_without_a_stated_length_is_refused_before_its_end(registry: ServiceUnderTest) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b" " * 256 * 1024

    officer = await registry.caller("county_officer", COUNTY)
    answer = await officer.post(
        "/households", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert sent < 8


async def test_an_upload_has_a_limit_of_its_own(registry: ServiceUnderTest, tmp_path: Path) -> None:
    officer = await registry.caller("county_officer", COUNTY)
    registry.runtime.common.max_upload_bytes = 2 * 1024**2
    fits = b"code,name\n" + b"x" * 1024**2
    imports = f"/households/imports?division={COUNTY}"
    taken = await officer.post(imports, content=fits)
    refused = await officer.post(imports, content=fits * 3)
    in_a_form = await officer.post(imports, files={"file": ("a.csv", fits * 3)})
    assert taken.status_code == httpx.codes.ACCEPTED
    assert [refused.json()["code"], in_a_form.json()["code"]] == ["too_large", "too_large"]
    assert len(_left_in(tmp_path)) == 1


def _left_in(spool: Path) -> list[Path]:
    return list(spool.rglob("*.upload"))
