"""What must outlive a power cut is asked of the disk: the file, and each folder in which its name stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.disk import keep_on_disk
from shared.storage import Storage


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was written to the disk for certain, in its order."""
    paths, whole = list[Path](), os.fsync

    def noted(descriptor: int) -> None:
        paths.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        whole(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


def test_a_file_and_its_folders_are_written_and_no_others(tmp_path: Path, synced: list[Path]) -> None:
    file = tmp_path / "a" / "b" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    keep_on_disk(file, below=tmp_path / "a")
    assert synced == [file, tmp_path / "a" / "b", tmp_path / "a"]


async def test_a_photo_is_on_the_disk_before_anybody_is_told_that_it_is_kept(
    tmp_path: Path, synced: list[Path]
) -> None:
    photo = tmp_path / "photo.upload"
    photo.write_bytes(b"photo")
    await Storage((tmp_path / "store").as_uri(), "inspection").put("abcdef", photo)
    root = tmp_path / "store" / "inspection"
    assert synced == [root / "ab" / "cd" / "abcdef", root / "ab" / "cd", root / "ab", root]
