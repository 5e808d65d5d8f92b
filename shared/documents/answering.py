"""A document as the answer to a request whose ``Accept`` asks for one."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

from fastapi import Response

from shared.documents.docx import to_docx
from shared.documents.model import Document
from shared.documents.pdf import to_pdf

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF: Final = "application/pdf"
_WRITERS = {DOCX: ("docx", to_docx), PDF: ("pdf", to_pdf)}


async def answered(document: Document, form: str) -> Response:
    """Return a document to be saved under its title."""
    ending, write = _WRITERS[form]
    # Off the event loop: other requests do not wait for a page to be set.
    content = await asyncio.to_thread(write, document)
    name = quote(f"{document.title}.{ending}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        # It names people: kept by whoever asked, by no cache between.
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=form, headers=headers)
