"""``fangfan demo``: a fresh installation, the story, its summary; then it keeps serving, if it is let."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from deploy.demo.story import play
from deploy.demo.summary import tell
from deploy.local.installation import Bus, discard, installed
from deploy.local.serve import house
from deploy.serving import stop_signal
from shared import logging

_FOLDER = Path(".fangfan/demo")
_OUT = Path("out")


async def run_demo(
    *,
    keep_serving: bool,
    summary_file: Path | None,
    households: int,
    seed: int,
    bus: Bus,
    processes: bool,
    port: int,
    console: Console,
) -> bool:
    """Play the story; tell whether every check held."""
    discard(_FOLDER)
    _FOLDER.mkdir(parents=True)
    clock_file = (_FOLDER / "clock").absolute()
    clock_file.write_text("2021-06-06T00:00:00+00:00")
    # Every process of the house reads the same rehearsal clock, and may push changes to the stand-in on loopback.
    rehearsal = {
        "FANGFAN_CLOCK_FILE": str(clock_file),
        "FANGFAN_GATEWAY_ALLOW_PRIVATE_WEBHOOKS": "true",
        "FANGFAN_LOG_LEVEL": "WARNING",
    }
    logging.configure("house", "WARNING")
    console.print("防返 Fangfan：濉溪县 2021 年集中排查，从动员到自查报告。")
    async with installed(_FOLDER.absolute(), bus=bus, port=port) as installation:
        installation.environment |= rehearsal
        os.environ.update(installation.environment)
        async with house(installation, processes=processes):
            summary = await play(installation, _OUT, households=households, seed=seed)
            token = summary.pop("token")
            tell(console, summary, summary_file)
            if keep_serving:
                stop = stop_signal()
                _invite(console, installation.public_url, token)
                await stop.wait()
    return all(summary["checks"].values())


def _invite(console: Console, url: str, token: str) -> None:
    console.print(
        f"接口文档 API documentation: [bold]{url}/docs[/]   报告 reports: [bold]{_OUT}/[/]   Ctrl+C ends."
    )
    # Not through the table: a line that is to be copied must not be wrapped.
    print(f"curl -s -H 'Authorization: Bearer {token}' '{url}/api/v1/reports/findings?dimension=area'")
