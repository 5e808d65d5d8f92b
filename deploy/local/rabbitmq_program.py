"""Where RabbitMQ's own scripts are, and how to get them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from deploy.local.processes import CannotStart

#: Not the wrappers in ``/usr/sbin``: those change user and read the system's node's settings.
_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
_MISSING = (
    "RabbitMQ is not installed. Install it with `apt-get install rabbitmq-server` (its system service is not "
    "needed and may stay stopped)."
)


def find() -> Path | None:
    """Return the folder of RabbitMQ's scripts, or None where it is not installed."""
    return _SCRIPTS if (_SCRIPTS / "rabbitmq-server").exists() else None


def find_or_install() -> Path:
    """Return the folder of RabbitMQ's scripts; root on Debian gets it installed, others are told how."""
    if found := find():
        return found
    if os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        _install()
        if found := find():
            return found
    raise CannotStart(_MISSING)


def _install() -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", "rabbitmq-server"]):
        done = subprocess.run(
            ["/usr/bin/apt-get", "-qq", *step],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"{_MISSING}\napt-get {step[0]} failed:\n{done.stderr}"
            raise CannotStart(message)
