"""The photos and signatures of an archive, made ready for its pages."""

from __future__ import annotations

import asyncio
from uuid import UUID

from services.monitoring.archive.schemas import Archive, PaperView
from shared.documents import Picture, presentable
from shared.domain.codes import code_lists
from shared.storage import Storage, StorageUnreachable

#: A document of more would be too heavy to send and to print; all others are listed with their digests.
_MOST = 40
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})


async def pictures_of(storage: Storage, archive: Archive) -> dict[UUID, Picture]:
    """Return those papers that can be shown; one whose content the store does not give is only listed."""
    pictures: dict[UUID, Picture] = {}
    for paper in (paper for step in archive.steps for paper in step.papers):
        if len(pictures) == _MOST:
            break
        if paper.media_type in _SHOWN and paper.digest:
            # One after the other: photos are large before they are made small.
            picture = await _picture(storage, paper, paper.digest)
            pictures |= {paper.id: picture} if picture else {}
    return pictures


async def _picture(storage: Storage, paper: PaperView, digest: str) -> Picture | None:
    kind = code_lists()["attachment_kind"].label(paper.kind or "")
    try:
        content = b"".join([chunk async for chunk in await storage.open(digest)])
    except StorageUnreachable:
        return None
    return await asyncio.to_thread(presentable, content, f"{kind} {paper.name or ''}".strip())
