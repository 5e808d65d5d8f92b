"""Registering the first client: a slip of the pen is told in words, and not as a traceback."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local.keys import new_keys
from tests.infrastructure.databases import DatabaseOf


def said(arguments: str, environment: dict[str, str] | None = None) -> str:
    result = CliRunner().invoke(app, ["client", *arguments.split()], env=environment)
    # Without the frame around it, which breaks lines where it likes.
    return f"{result.exit_code} {' '.join(re.sub('[│╭╮╰╯─]', '', result.output).split())}"


@pytest.mark.check
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("yb --role county_officer --area 340621000000", "client_id: String should match pattern"),
        ("yibao --role officer --area 340621000000", "roles/0: Input should be 'village_officer',"),
        ("yibao --role department --area 340621000000", "a department's system, and no other client, names"),
    ],
)
def test_what_does_not_hold_is_told_in_words(arguments: str, words: str) -> None:
    told = said(arguments)
    assert told.startswith("2 ")
    assert words in told


async def test_a_client_is_registered_once(database_of: DatabaseOf, tmp_path: Path) -> None:
    database = await database_of("gateway")
    environment = new_keys() | {
        "FANGFAN_BUS_URL": "memory://",
        "FANGFAN_SPOOL_DIR": str(tmp_path),
        "FANGFAN_STORAGE_URL": tmp_path.as_uri(),
        "FANGFAN_GATEWAY_DATABASE_URL": database.url,
    }
    arguments = "county-office --role county_officer --area 340621000000"
    told = [await asyncio.to_thread(said, arguments, environment) for _ in range(2)]
    assert '"client_secret"' in told[0]
    assert told[1].startswith("2 ")
    assert "该客户端标识已存在" in told[1]
