"""The private PostgreSQL: starts, stops, recovers from a crash, for root and for anybody else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import psutil
import pytest

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import Account, CannotStart, lives

#: A second process that starts a server over the folder, says so, and waits to be killed.
_HOLDER = """
import sys, time
from pathlib import Path
from tempfile import TemporaryDirectory
from deploy.local.postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""
_NOBODY = Account(65534, 65534)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    yield server
    server.destroy()


async def ask(server: EmbeddedPostgres, question: str) -> Any:
    connection = await asyncpg.connect(server.admin_url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_keeps_utc_and_orders_by_bytes(server: EmbeddedPostgres) -> None:
    assert await ask(server, "SELECT current_setting('timezone')") == "UTC"
    assert await ask(server, "SELECT 'Z' < 'a'") is True
    assert await ask(server, "SELECT pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == "UTF8"
    assert await ask(server, "SELECT '濉' ~ '^[[:alpha:]]$'") is True


async def test_it_refuses_a_wrong_password(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.admin_url.replace("postgres:", "postgres:not-"))


def test_it_listens_on_loopback_only(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    listening = psutil.Process(server.pid).net_connections(kind="inet")
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


async def test_data_outlive_a_stop(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 1")
    again = EmbeddedPostgres(folder, durable=False)
    async with again:
        assert await ask(again, "SELECT count(*) FROM kept") == 1
    again.destroy()


async def test_a_restart_keeps_the_address(server: EmbeddedPostgres) -> None:
    before = server.admin_url
    server.restart()
    assert server.admin_url == before
    assert await ask(server, "SELECT 1") == 1


async def test_committed_rows_survive_a_crash(server: EmbeddedPostgres) -> None:
    await ask(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    server.kill()
    server.start()
    assert await ask(server, "SELECT count(*) FROM kept") == 1000


def test_it_starts_again_after_it_died_by_itself(server: EmbeddedPostgres) -> None:
    dead = server.pid
    assert dead
    os.kill(dead, signal.SIGKILL)
    psutil.Process(dead).wait(5)
    server.start()
    assert server.pid not in {None, dead}


async def test_a_cancelled_start_leaves_nothing_running(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    starting = asyncio.create_task(server.__aenter__())
    await asyncio.sleep(0.1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert server.pid is None
    server.destroy()


def test_a_folder_in_use_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    with pytest.raises(CannotStart, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(folder).start()
    assert server.pid


async def test_what_another_process_uses_is_not_destroyed(server: EmbeddedPostgres, folder: Path) -> None:
    with pytest.raises(CannotStart, match="in use"):
        EmbeddedPostgres(folder).destroy()
    assert await ask(server, "SELECT 1") == 1


def orphaned_server(folder: Path) -> int:
    """Start a server in another process, kill that process and return the server's own."""
    with subprocess.Popen([sys.executable, "-c", _HOLDER, folder], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        orphan = int(holder.stdout.readline())
        holder.kill()
    assert lives(orphan)
    return orphan


async def test_the_server_of_a_killed_process_is_taken_over(folder: Path) -> None:
    orphan = await asyncio.to_thread(orphaned_server, folder)
    server = EmbeddedPostgres(folder, durable=False)
    async with server:
        assert await ask(server, "SELECT 1") == 1
        assert not lives(orphan)
    server.destroy()


def test_the_server_of_a_killed_process_is_destroyed_whole(folder: Path) -> None:
    orphan = orphaned_server(folder)
    EmbeddedPostgres(folder).destroy()
    assert not lives(orphan)
    assert not folder.exists()


def test_a_stale_pid_file_of_a_stranger_is_no_obstacle(server: EmbeddedPostgres, folder: Path) -> None:
    server.stop()
    pid_file = folder.resolve() / "data" / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{folder}\n{int(time.time())}\n{server.port}\n\n127.0.0.1\n\nready   \n"
    )
    server.start()
    assert server.pid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as somebody else")
def test_root_below_a_closed_folder_gets_a_server(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres", durable=False)
    with server:
        assert server.pid
        assert psutil.Process(server.pid).uids().real != 0
    assert closed.stat().st_mode & 0o777 == 0o700
    server.destroy()
    assert not list(closed.iterdir())


@pytest.mark.skipif(
    os.geteuid() != 0 or not (_NOBODY.can("-x", Path(sys.executable)) and _NOBODY.can("-r", Path(__file__))),
    reason="needs root, and a Python and a clone that others may read",
)
def test_a_user_without_rights_gets_a_server() -> None:
    script = _HOLDER.replace("time.sleep(600)", "server.destroy()")
    with TemporaryDirectory() as home:
        _NOBODY.own(Path(home))
        done = _NOBODY.run(sys.executable, "-c", script, f"{home}/postgres", cwd=Path.cwd())
    assert done.returncode == 0, done.stdout
    assert int(done.stdout) > 0
