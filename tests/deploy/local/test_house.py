"""A house of processes of its own that does not come up says which one, and leaves none behind."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from deploy.catalog import NAMES
from deploy.local import house
from deploy.local.house import ManyProcesses
from deploy.local.processes import CannotStart, free_port


async def test_a_process_that_is_never_ready_is_named_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "_READY_SECONDS", 0.5)
    kinds = ("PORT", "WORKER_PORT")
    ports = {f"FANGFAN_{name.upper()}_{kind}": str(free_port()) for name in NAMES for kind in kinds}
    with pytest.raises(CannotStart, match=rf"is not ready after 0.5 seconds: see {tmp_path}/\w+-\w+\.log"):
        async with ManyProcesses(ports, tmp_path):
            pass
    ours = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert [command for command in ours if "deploy.cli run" in command] == []
