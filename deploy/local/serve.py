"""``fangfan serve``: the whole house on this machine until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from deploy.local.house import ManyProcesses, one_process
from deploy.local.installation import Bus, Installation, installed
from deploy.serving import stop_signal
from shared import logging


def house(installation: Installation, *, processes: bool) -> AbstractAsyncContextManager[object]:
    """Return the house over an installation, in one process or in many."""
    if processes:
        return ManyProcesses(installation.environment, installation.folder / "logs")
    return one_process(installation.environment)


async def serve_house(
    folder: Path, *, port: int, bus: Bus, processes: bool, say: Callable[[str], object]
) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = stop_signal()
    logging.configure("house", "WARNING")
    async with (
        installed(folder, bus=bus, port=port) as installation,
        house(installation, processes=processes),
    ):
        say(f"[bold]{installation.public_url}/docs[/]  接口文档 API documentation (Ctrl+C ends)")
        await stop.wait()
