"""The command line: what whoever types can mend is told in a line, and not as a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local import serve
from deploy.local.keys import new_keys
from shared.keys import uuid7
from tests.infrastructure.databases import DatabaseOf, ServiceDatabase


def said(*arguments: str, **environment: str) -> tuple[int, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FANGFAN_")}
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        env=bare | environment,
        capture_output=True,
        check=False,
        text=True,
    )
    return ended.returncode, " ".join((ended.stdout + ended.stderr).split())


def test_settings_that_are_missing_are_named() -> None:
    code, words = said("run", "household", "api", FANGFAN_BUS_URL="amqp://house:secret@bus/")
    assert code == 1
    assert "key_ring: Field required" in words
    assert "Traceback" not in words
    assert "secret" not in words


def test_settings_that_cannot_serve_are_told_in_a_line(tmp_path: Path) -> None:
    sound = new_keys() | {
        "FANGFAN_BUS_URL": "memory://",
        "FANGFAN_SPOOL_DIR": str(tmp_path),
        "FANGFAN_STORAGE_URL": tmp_path.as_uri(),
        "FANGFAN_HOUSEHOLD_DATABASE_URL": "postgresql+asyncpg://app@db/x",
    }
    code, words = said("run", "household", "api", **sound | {"FANGFAN_KEY_RING": "secret"})
    assert (code, words) == (1, "CommonSettings (FANGFAN_…): key_ring: not a key ring in JSON")
    # The machine has no such address (RFC 5737).
    code, words = said("run", "household", "api", **sound, FANGFAN_HOUSEHOLD_HOST="203.0.113.9")
    assert (code, "Traceback" in words) == (1, False)
    assert "cannot listen on 203.0.113.9:0" in words


def test_a_folder_that_is_no_installation_is_named(tmp_path: Path) -> None:
    code, words = said("--installation", str(tmp_path), "dead", "list", "household")
    assert (code, "Traceback" in words) == (1, False)
    assert "is no installation" in words


@pytest.mark.check
def test_processes_of_their_own_are_served_over_a_bus_that_joins_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {}

    async def serve_house(_folder: Path, **options: Any) -> None:
        asked.update(options)

    monkeypatch.setattr(serve, "serve_house", serve_house)
    assert CliRunner().invoke(app, ["serve", "--processes"]).exit_code == 0
    assert (asked["bus"], asked["processes"]) == ("amqp", True)


def _environment(database: ServiceDatabase, folder: Path) -> dict[str, str]:
    return new_keys() | {
        "FANGFAN_BUS_URL": "memory://",
        "FANGFAN_SPOOL_DIR": str(folder),
        "FANGFAN_STORAGE_URL": folder.as_uri(),
        "FANGFAN_HOUSEHOLD_DATABASE_URL": database.url,
    }


async def test_an_event_that_is_not_dead_is_told_and_keeps_no_other_waiting(
    database_of: DatabaseOf, tmp_path: Path
) -> None:
    database = await database_of("household")
    environment = _environment(database, tmp_path)
    one, other = str(uuid7()), str(uuid7())
    code, words = said("dead", "replay", "household", one, other, **environment)
    assert (code, words) == (1, f"{one}: no such dead event {other}: no such dead event")
    code, words = said("dead", "show", "household", one, **environment)
    assert (code, words.startswith("There is no such thing"), "Traceback" in words) == (1, True, False)


async def test_an_event_that_was_not_sent_goes_into_the_outbox_again(
    database_of: DatabaseOf, tmp_path: Path
) -> None:
    database = await database_of("household")
    event = {"id": str(uuid7()), "type": "household.division_changed.v1"}
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(
        "INSERT INTO dead_event (event_id, type, subject, body, reason, attempts, unsent) "
        "VALUES ($1, $2, '340621000001', $3, 'not sent: too large', 1, true)",
        event["id"],
        event["type"],
        orjson.dumps(event).decode(),
    )
    code, words = said("dead", "replay", "household", **_environment(database, tmp_path))
    waiting = await admin.fetchrow("SELECT type, events, body FROM outbox")
    dead = await admin.fetchval("SELECT count(*) FROM dead_event")
    await admin.close()
    assert (code, words, dead) == (0, f"{event['id']}: in the outbox", 0)
    assert (waiting["type"], waiting["events"]) == (event["type"], 1)
    assert orjson.loads(waiting["body"]) == [event]
