"""Fixtures that start PostgreSQL and RabbitMQ once a session, by whichever worker needs them first."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import lives
from deploy.local.rabbitmq import PrivateRabbitMQ

_START_SECONDS = 120
_STOP_SECONDS = 30
#: A file system in memory: a test's database is made of hundreds of files, and disks are slow to make files.
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes an unguessable folder of our own there
_MEMORY_BYTES = 4 << 30
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Session:
    """One run of pytest, with all its workers."""

    folder: Path
    pid: int

    def server(self, kind: str) -> Path:
        """Return the folder of the session's server of that kind, started if nobody has yet."""
        folder = self.folder / kind
        folder.mkdir(exist_ok=True)
        with locked(folder / "lock"):
            if not (folder / "ready").exists():
                self._start(kind, folder)
        return folder / "server"

    def end(self) -> None:
        """Stop the servers and wait for their keepers."""
        for pid_file in self.folder.glob("*/keeper"):
            _terminate(int(pid_file.read_text()))
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, kind: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.infrastructure.keeper", kind, str(folder), str(self.pid)]
        with (folder / "log").open("wb") as log:
            keeper = subprocess.Popen(
                command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        (folder / "keeper").write_text(str(keeper.pid))
        deadline = time.monotonic() + _START_SECONDS
        while not (folder / "ready").exists():
            if keeper.poll() is not None or time.monotonic() > deadline:
                pytest.exit(f"{kind} did not start:\n{(folder / 'log').read_text()}", returncode=1)
            time.sleep(0.05)
        # Somebody else's child from now on: it is ended by the session, not waited for by this worker.
        keeper.returncode = 0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock among the session's workers."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


SESSION = pytest.StashKey[Session]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the session in the controlling process; a worker is told of it."""
    told: dict[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        config.stash[SESSION] = Session(Path(told["session_folder"]), told["session_pid"])
        return
    folder = Path(tempfile.mkdtemp(prefix="fangfan-tests-", dir=_memory()))
    # When we are root, PostgreSQL runs as another user, who has to get through.
    folder.chmod(0o711)
    config.stash[SESSION] = Session(folder, os.getpid())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a pytest-xdist worker of the session."""
    session = node.config.stash[SESSION]
    node.workerinput |= {"session_folder": str(session.folder), "session_pid": session.pid}


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session's servers with the session."""
    if SESSION in config.stash and not hasattr(config, "workerinput"):
        config.stash[SESSION].end()


@pytest.fixture(scope="session")
def test_session(pytestconfig: pytest.Config) -> Session:
    """Return this run of pytest, as all its workers share it."""
    return pytestconfig.stash[SESSION]


@pytest.fixture(scope="session")
def postgres_admin_url(test_session: Session) -> str:
    """Return the superuser's URL of the session's PostgreSQL."""
    return EmbeddedPostgres.running_in(test_session.server("postgres")).admin_url


@pytest.fixture(scope="session")
def rabbitmq(test_session: Session) -> PrivateRabbitMQ:
    """Return the session's RabbitMQ node, shared by all tests: not to be stopped."""
    return PrivateRabbitMQ.running_in(test_session.server("rabbitmq"))


@pytest.fixture(scope="module")
def amqp_url(rabbitmq: PrivateRabbitMQ, request: pytest.FixtureRequest) -> str:
    """Return the URL of a virtual host of the test module's own."""
    return rabbitmq.add_vhost(f"{request.path.stem}-{uuid4().hex[:8]}")


def _memory() -> Path | None:
    """Return where to keep servers in memory, if there is room for all that the tests write; a container has little."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES
    return _MEMORY if roomy else None


def _terminate(pid: int) -> None:
    if lives(pid):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
