"""What a file is, by its content: what its sender says of it is not asked."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import puremagic

from shared.refusal import Refusal

#: No format has its signature further in.
_HEAD = 4096


class UnknownMedia(Refusal):
    """The file is of no kind that is taken here."""

    status = 415
    code = "unknown_media"
    zh = "不支持的文件类型"


def media_type_of(path: Path, allowed: Collection[str]) -> str:
    """Return the file's media type, or refuse one that is not allowed."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    try:
        # The most probable first; of a format that is only guessed at nothing is allowed here.
        found: str = puremagic.magic_string(head)[0].mime_type
    except (puremagic.PureError, ValueError, IndexError):
        found = ""
    if found not in allowed:
        taken = ", ".join(sorted(allowed))
        raise UnknownMedia(f"taken are {taken}", zh_detail=f"可接收的类型：{taken}")
    return found
