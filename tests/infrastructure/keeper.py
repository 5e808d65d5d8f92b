"""Keeps one server for as long as a test session lives.

A process of its own: the worker that first needs the server may end before the others, and a session that is
killed must leave nothing running. Started as ``python -m tests.infrastructure.keeper KIND FOLDER PID``.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.private_server import PrivateServer
from deploy.local.rabbitmq import PrivateRabbitMQ

#: Nobody follows this server: a database that is copied file by file is then not told to the log.
_ALONE = {"wal_level": "minimal", "max_wal_senders": "0"}
_KINDS: dict[str, Callable[[Path], PrivateServer]] = {
    "postgres": lambda folder: EmbeddedPostgres(folder, durable=False, settings=_ALONE),
    "rabbitmq": PrivateRabbitMQ,
}


def keep(kind: str, folder: Path, session_pid: int) -> None:
    """Run the server until the session's process is gone, then delete all of it."""
    server = _KINDS[kind](folder / "server")
    try:
        server.start()
        (folder / "ready").touch()
        psutil.Process(session_pid).wait()
    except psutil.NoSuchProcess:
        pass
    finally:
        # The data are thrown away, so there is nothing to be orderly for.
        server.kill()
        server.destroy()
        shutil.rmtree(folder, ignore_errors=True)
        # A session that was killed cannot tidy up: whoever is last does.
        with suppress(OSError):
            folder.parent.rmdir()


def main() -> None:
    """Read the command line; SIGTERM ends it as the session's end does."""
    kind, folder, session_pid = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    keep(kind, Path(folder), int(session_pid))


if __name__ == "__main__":
    main()
