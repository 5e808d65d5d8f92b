"""Everything breaks once under load, and nothing is lost. Slow: run with ``make test TEST_ARGS="-m slow"``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import run

import orjson
import pytest


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_was_acknowledged_is_there_once(tmp_path: Path) -> None:
    figures = tmp_path / "chaos.json"

    # A process of its own: it starts and breaks a house, and leaves this one's settings alone.
    done = run(
        [
            sys.executable,
            "-m",
            "deploy.cli",
            "chaos",
            "--size",
            "small",
            "--seed",
            "7",
            "--json",
            str(figures),
        ],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = orjson.loads(figures.read_bytes())
    assert told["acknowledged"] == told["commands"] > 0
    assert (told["lost"], told["doubled"], told["diverged"]) == (0, 0, 0)
