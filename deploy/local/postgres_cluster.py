"""The folder of a private PostgreSQL: its place, its account, its data and the superuser's password."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from deploy.local.postgres_binaries import find_binaries
from deploy.local.processes import Account, CannotStart

#: Where root puts data whose wanted folder the server's account cannot reach.
_REACHABLE = "/var/tmp"  # noqa: S108 - mkdtemp makes an unguessable folder of our own there


class Running(NamedTuple):
    """What a server tells of itself in ``postmaster.pid``."""

    pid: int
    port: int
    is_ready: bool


class Cluster:
    """What ``initdb`` makes, below ``folder``: ``data``, ``password`` and ``server.log``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    @property
    def folder(self) -> Path:
        """The folder itself, behind the link that root may have had to make."""
        return self._folder.resolve()

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server writes to its standard error."""
        return self.folder / "server.log"

    @property
    def account(self) -> Account:
        """Who the server runs as: the owner of existing data, so that it stays the same over the years."""
        return Account.unprivileged(self.data)

    @property
    def binaries(self) -> Path:
        """PostgreSQL's programs in the version that wrote the data."""
        return find_binaries(self.account, self._major())

    @property
    def password(self) -> str:
        """The superuser's password."""
        return (self.folder / "password").read_text()

    @property
    def exists(self) -> bool:
        """Whether ``initdb`` has done its work here."""
        return self._major() is not None

    @property
    def running(self) -> Running | None:
        """The server that runs here, or did when it crashed."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        match lines:
            case [pid, _, _, port, _, _, _, state, *_]:
                return Running(int(pid), int(port), state.strip() == "ready")
            case _:
                # The file grows while the server starts.
                return None

    def prepare(self) -> None:
        """Make the folder where there is none, in the server account's reach."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        if self._folder.is_symlink() and not self._folder.exists():
            self._folder.unlink()
        self._folder.mkdir(exist_ok=True)
        if not self.account.can("-x", self.folder):
            self._move_to_reach()

    def create(self, *, durable: bool) -> None:
        """Run ``initdb`` beside and rename, so that an interrupted one is never taken for a cluster."""
        account, binaries = self.account, find_binaries(self.account)
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.own(draft)
        password = self._generate_password(account)
        done = account.run(
            binaries / "initdb",
            f"--pgdata={draft}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--lc-collate=C",
            "--lc-ctype=C.UTF-8",
            *([] if durable else ["--no-sync"]),
            cwd=draft,
        )
        if done.returncode:
            message = f"PostgreSQL's initdb failed:\n{done.stdout}"
            raise CannotStart(message)
        draft.rename(self.data)

    def destroy(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._folder.is_symlink():
            self._folder.unlink()

    def _generate_password(self, account: Account) -> Path:
        path = self.folder / "password"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
        account.own(path)
        return path

    def _major(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _move_to_reach(self) -> None:
        """Put a link in the folder's place: root may work below a closed folder, the account may not."""
        reachable = Path(tempfile.mkdtemp(prefix="fangfan-postgres-", dir=_REACHABLE))
        reachable.chmod(0o711)
        self._folder.rmdir()
        self._folder.symlink_to(reachable)
