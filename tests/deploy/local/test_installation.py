"""A local installation keeps its keys as long as its data: there is no other copy of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.local import installation
from deploy.local.installation import installed
from deploy.local.processes import CannotStart


class FullDiskError(OSError):
    """No space left on device."""


def _keys(folder: Path) -> str:
    return str(json.loads((folder / "environment.json").read_text())["FANGFAN_KEY_RING"])


async def test_keys_survive_a_disk_that_is_full_just_then_and_are_never_made_anew_beside_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installed(tmp_path) as first:
        assert Path(first.environment["FANGFAN_SPOOL_DIR"]).is_absolute()
    keys = _keys(tmp_path)
    assert keys == first.environment["FANGFAN_KEY_RING"]
    assert (tmp_path / "environment.json").stat().st_mode & 0o077 == 0

    def full(*_: Any, **__: Any) -> None:
        raise FullDiskError

    with monkeypatch.context() as disk:
        disk.setattr(json, "dump", full)
        with pytest.raises(FullDiskError):
            async with installed(tmp_path):
                pass
    assert _keys(tmp_path) == keys

    (tmp_path / "environment.json").rename(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="not the keys"):
        async with installed(tmp_path):
            pass


async def test_an_installation_whose_first_start_was_cut_short_starts_with_the_same_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_short(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as start:
        start.setattr(installation, "provision", cut_short)
        with pytest.raises(KeyboardInterrupt):
            async with installed(tmp_path):
                pass
    keys = _keys(tmp_path)
    async with installed(tmp_path) as again:
        assert again.environment["FANGFAN_KEY_RING"] == keys
