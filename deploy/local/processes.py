"""Child processes of a private server: start them under the right account, end them, leave none behind."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psutil

_LAST_WORDS = 2000
#: Below those that the kernel gives to outgoing connections, which could take one before its server does.
_PORTS = range(15_000, 32_000)


class CannotStart(RuntimeError):  # noqa: N818 - named for what happened, as refusals are
    """A private server did not start; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a server runs as: ourselves, or another user where we are root and the server refuses to be."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def unprivileged(cls, folder: Path) -> Self:
        """Return ourselves, or for root the owner of ``folder``, else ``postgres``, else ``nobody``."""
        if os.geteuid() != 0:
            return cls()
        if folder.exists() and (owner := folder.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = known.get("postgres") or known["nobody"]
        return cls(entry.pw_uid, entry.pw_gid)

    def run(
        self, *command: str | Path, cwd: Path = Path("/"), timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; what it wrote, errors included, is in ``stdout``."""
        return subprocess.run(
            command,
            cwd=cwd,
            user=self.uid,
            group=self.gid,
            extra_groups=self._groups(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def spawn(
        self, *command: str | Path, cwd: Path, log: Path, env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a server in a session of its own: a Ctrl-C reaches us alone, and we stop it in order."""
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                user=self.uid,
                group=self.gid,
                extra_groups=self._groups(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def own(self, path: Path) -> None:
        """Hand a file or an empty folder over."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, test: str, path: Path) -> bool:
        """Ask ``test(1)`` as this account, such as ``-w``: no second guess at modes, lists and mounts."""
        return self.run("test", test, path).returncode == 0

    def _groups(self) -> list[int] | None:
        return None if self.uid is None else []


def free_port() -> int:
    """Return a loopback port that nobody listens on, drawn at random: two who ask at once do not meet."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def require_free(port: int) -> None:
    """Refuse a loopback port that somebody listens on, before anything is started in vain."""
    with socket.socket() as probe:
        # As servers do: what is left of connections that have just ended is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            message = f"Port {port} is in use; stop what listens there, or choose another with --port."
            raise CannotStart(message) from None


def claim(folder: Path) -> IO[str]:
    """Hold the folder for this process as long as the answer stays open; refuse if another does."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        message = f"{folder} is in use by process {holder}; stop it first, or choose another folder."
        raise CannotStart(message) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def end(process: subprocess.Popen[bytes], politely: signal.Signals, patience: float) -> None:
    """Ask the server to stop, wait for it, and kill its whole session when patience ends."""
    if process.poll() is None:
        process.send_signal(politely)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the server and its children at once, as a crash of the machine would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_leftovers(folder: Path, names: frozenset[str], politely: signal.Signals) -> None:
    """Stop what an earlier, killed process left running in ``folder``.

    Found by working directory, not by pid file alone: after a crash the file may be gone or name a stranger.
    Names are compared as well, so that somebody's shell in that folder lives on.
    """
    left = [process for process in psutil.process_iter() if _runs_in(process, folder, names)]
    for which, patience in ((politely, 20), (signal.SIGKILL, 5)):
        for process in left:
            _signal(process, which)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            # Looked up anew: a dead orphan that nobody reaps keeps its number, but no working directory.
            left = [process for process in left if _runs_in(process, folder, names)]


def lives(pid: int) -> bool:
    """Say whether the process runs; one that ended and waits to be reaped does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def last_words(log: Path) -> str:
    """Return the end of a server's log, for the message that says why it did not start."""
    return log.read_text(errors="replace")[-_LAST_WORDS:] if log.exists() else ""


def _runs_in(process: psutil.Process, folder: Path, names: frozenset[str]) -> bool:
    try:
        return process.name() in names and Path(process.cwd()) == folder
    except psutil.Error:
        return False


def _signal(process: psutil.Process, which: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(which)
