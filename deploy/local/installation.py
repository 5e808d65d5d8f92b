"""A whole installation on one machine, in one folder: database server, broker, keys, databases, ports."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.bus import declare_bus
from deploy.catalog import NAMES, load
from deploy.local.keys import new_keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import CannotStart, free_port, require_free
from deploy.local.rabbitmq import PrivateRabbitMQ
from deploy.provision import provision
from shared.database.migrating import migrate
from shared.disk import keep_on_disk

Bus = Literal["memory", "amqp"]
_ENVIRONMENT = "environment.json"


@dataclass
class Installation:
    """What runs, and the environment that each process of the house needs to find it."""

    folder: Path
    environment: dict[str, str]
    postgres: EmbeddedPostgres
    rabbitmq: PrivateRabbitMQ | None

    @property
    def public_url(self) -> str:
        """Where the gateway listens."""
        return self.environment["FANGFAN_GATEWAY_PUBLIC_URL"]


@asynccontextmanager
async def installed(folder: Path, *, bus: Bus = "memory", port: int = 0) -> AsyncIterator[Installation]:
    """Start the servers over ``folder``, make or reuse its keys and databases, and migrate them.

    ``port`` is the gateway's; 0 takes a free one.
    """
    require_free(port)
    folder.mkdir(parents=True, exist_ok=True)
    known = _remembered(folder)
    if known is None:
        _refuse_data_without_keys(folder)
        known = new_keys()
        # Before there is anything that they could open: whatever ends this process, no data are left without keys.
        _remember(folder, known)
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "postgres"))
        rabbitmq = PrivateRabbitMQ(folder / "rabbitmq") if bus == "amqp" else None
        if rabbitmq:
            await stack.enter_async_context(rabbitmq)
        environment = {
            **known,
            **await provision(postgres.admin_url, NAMES, known),
            **_addresses(port),
            "FANGFAN_BUS_URL": rabbitmq.url if rabbitmq else "memory://",
            "FANGFAN_SPOOL_DIR": str(folder.resolve() / "spool"),
            "FANGFAN_STORAGE_URL": (folder.resolve() / "attachments").as_uri(),
        }
        _remember(folder, environment)
        for name in NAMES:
            service = load(name)
            await migrate(
                service.migrations, service.metadata, environment[f"FANGFAN_{name.upper()}_OWNER_URL"]
            )
        await declare_bus(environment["FANGFAN_BUS_URL"])
        yield Installation(folder, environment, postgres, rabbitmq)


def discard(folder: Path) -> None:
    """Delete an installation, wherever its data are, and end what a crash left running of it.

    Raises ``CannotStart`` while another process runs it: nobody loses a database that is in use.
    """
    EmbeddedPostgres(folder / "postgres").destroy()
    PrivateRabbitMQ(folder / "rabbitmq").destroy()
    shutil.rmtree(folder.resolve(), ignore_errors=True)


def _addresses(gateway_port: int) -> dict[str, str]:
    ports = {name: free_port() for name in NAMES}
    ports["gateway"] = gateway_port or ports["gateway"]
    services = {name: f"http://127.0.0.1:{port}" for name, port in ports.items() if name != "gateway"}
    return {
        **{f"FANGFAN_{name.upper()}_PORT": str(port) for name, port in ports.items()},
        **{f"FANGFAN_{name.upper()}_WORKER_PORT": str(free_port()) for name in NAMES},
        "FANGFAN_GATEWAY_SERVICES": json.dumps(services),
        "FANGFAN_GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{ports['gateway']}",
    }


def _remembered(folder: Path) -> dict[str, str] | None:
    path = folder / _ENVIRONMENT
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _refuse_data_without_keys(folder: Path) -> None:
    """Make no new keys beside old data: they would open none of them, and find nobody by the old indexes."""
    if (folder / "postgres" / "data" / "PG_VERSION").exists():
        message = (
            f"{folder} holds data, but not the keys that open them: put {_ENVIRONMENT} back from a copy, "
            "or choose another folder."
        )
        raise CannotStart(message)


def _remember(folder: Path, environment: dict[str, str]) -> None:
    """Write aside and rename: a full disk or a kill in between must not cost the only copy of the keys."""
    draft = folder / f"{_ENVIRONMENT}.draft"
    draft.unlink(missing_ok=True)
    # Holds keys and passwords: nobody but the owner of the installation may read it.
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(environment, file, indent=1)
    keep_on_disk(draft, below=folder)
    keep_on_disk(draft.replace(folder / _ENVIRONMENT), below=folder)
