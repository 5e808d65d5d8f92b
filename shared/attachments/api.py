"""Attachments over HTTP, below whatever path a service gives them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from shared.assembly import Runtime
from shared.attachments import commands, errors, queries
from shared.attachments.model import Attachments
from shared.attachments.schemas import AttachmentDraft, AttachmentQuery, AttachmentView, AwaitedAttachment
from shared.database import Page
from shared.refusal import NotFound
from shared.storage import StorageUnreachable, UnknownMedia, media_type_of
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.document import answered
from shared.web.edge import OutsideArea
from shared.web.problems import TooLarge
from shared.web.uploads import DigestDiffers, received_file, taking

#: What a browser shows itself; everything else is only saved.
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})
#: A drawing (SVG) can hold a script and is none of them.
_TAKEN = _SHOWN | {"image/heif", "image/heic"}
_UPLOAD_REFUSED = (
    NotFound,
    OutsideArea,
    UnknownMedia,
    TooLarge,
    DigestDiffers,
    StorageUnreachable,
    errors.AttachmentIdReused,
)
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/*": {}, "application/pdf": {}},
        "headers": answered("ETag", "内容摘要。The digest of the content."),
        "description": "The content",
    }
}
Wanted = Annotated[AttachmentQuery, Query()]


async def _of_this_service(request: Request) -> Attachments:
    runtime: Runtime = request.app.state.runtime
    return runtime.attachments


Room = Annotated[Attachments, Depends(_of_this_service)]


async def upload(
    request: Request,
    db: Writing,
    room: Room,
    draft: Annotated[AttachmentDraft, Query()],
    response: Response,
) -> AttachmentView:
    """Send in a photo, signature (JPEG, PNG, WebP, HEIC) or document (PDF, too) as the request's body.

    Its kind is found in its content. With an id of the client's own making it can be sent again without harm, and
    may be named before it arrives.
    """
    runtime: Runtime = request.app.state.runtime
    async with received_file(request, runtime.common.max_attachment_bytes) as spooled:
        media_type = await asyncio.to_thread(media_type_of, spooled.path, _TAKEN)
        kept, known = await commands.keep(db, room, runtime.storage, draft, spooled, media_type=media_type)
    response.status_code = 200 if known else 201
    response.headers["Location"] = f"{request.url.path}/{kept.id}"
    return AttachmentView.model_validate(kept)


async def list_attachments(db: Reading, room: Room, query: Wanted, page: Paging) -> Page[AttachmentView]:
    """List attachments: of what names them, of a household, within a division."""
    return (await queries.page_of_attachments(db, room, query, page)).each(AttachmentView.model_validate)


async def list_awaited(db: Reading, room: Room, query: Wanted, page: Paging) -> Page[AwaitedAttachment]:
    """List what is named and has not arrived: somebody still has it on a phone."""
    return (await queries.page_of_awaited(db, room, query, page)).each(AwaitedAttachment.model_validate)


async def get_one(attachment_id: UUID, db: Reading, room: Room) -> AttachmentView:
    """Show what is known of an attachment."""
    return AttachmentView.model_validate(await db.get(room.kept, attachment_id))


async def content(attachment_id: UUID, request: Request, db: Reading, room: Room) -> StreamingResponse:
    """Return an attachment's content as it was sent."""
    runtime: Runtime = request.app.state.runtime
    kept = await db.get(room.kept, attachment_id)
    where = "inline" if kept.media_type in _SHOWN else "attachment"
    headers = {
        "Content-Length": str(kept.size),
        "Content-Disposition": f"{where}; filename*=UTF-8''{quote(kept.name or str(kept.id))}",
        "ETag": f'"{kept.digest}"',
        # Never taken for a page, whatever it looks like; and of no cache but the reader's own.
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return StreamingResponse(
        await runtime.storage.open(kept.digest), media_type=kept.media_type, headers=headers
    )


def attachments_router(prefix: str, tag: str) -> Router:
    """Return the endpoints for a service that has attachments."""
    router = Router(prefix=prefix, tags=[tag])
    sends, reads = [requires("attachments:write")], [requires("attachments:read")]
    router.post(
        "",
        status_code=201,
        dependencies=sends,
        responses=refusals(*_UPLOAD_REFUSED),
        openapi_extra=taking(*sorted(_TAKEN)),
    )(upload)
    router.get("", dependencies=reads)(list_attachments)
    router.get("/awaited", dependencies=reads)(list_awaited)
    router.get("/{attachment_id}", dependencies=reads, responses=refusals(NotFound))(get_one)
    router.get(
        "/{attachment_id}/content",
        dependencies=reads,
        response_class=StreamingResponse,
        responses=refusals(NotFound, StorageUnreachable) | _CONTENT,
    )(content)
    return router
