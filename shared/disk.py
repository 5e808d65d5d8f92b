"""What must outlive a power cut: whoever was told that a file is here does not send it again."""

from __future__ import annotations

import os
from pathlib import Path


def keep_on_disk(file: Path, *, below: Path) -> None:
    """Wait until a file's content is on the disk, and the folders in which it stands, up to ``below``.

    A database's commit is; files beside it would be there in name only, cut short or empty.
    """
    folders = [folder for folder in file.parents if folder.is_relative_to(below)]
    for path in (file, *folders):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
