"""A service for the tests of the shared rooms: notes that stand in a village and keep their history."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from shared import database
from shared.assembly import Service
from shared.database import Identified, Page, Placed, Recorded, new_registry
from shared.messaging.reactions import Reactions
from shared.refusal import NotFound, Refusal, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, receive_upload, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded
from shared.web.uploads import TABLES, taking


class Row(database.Row, registry=new_registry()):
    """Base of the tables."""


class Note(Row, Identified, Placed, Recorded, table=True):
    """A note."""

    words: str
    rank: int = 0


class Unwelcome(Refusal):
    """That is not to be written down."""

    status = 409
    code = "unwelcome"
    zh = "不予记录"


class NewNote(BaseModel):
    """A note to write."""

    model_config = ConfigDict(extra="forbid")

    division_code: str
    words: Annotated[str, Field(max_length=20)]
    rank: int = 0
    #: Seconds that writing takes.
    slowly: float = 0


class NoteView(BaseModel):
    """A note."""

    id: UUID
    division_code: str
    words: str
    rank: int
    version: int


class Received(BaseModel):
    """What became of a file."""

    kind: str
    size: int
    digest: str
    filename: str


router = Router(prefix="/notes", tags=["notes"])


@router.post("", status_code=201, dependencies=[requires("findings:write")], responses=refusals(Unwelcome))
async def write(db: Writing, new: NewNote, response: Response) -> NoteView:
    """Write a note; some words are refused after they were written."""
    note = Note(division_code=new.division_code, words=new.words, rank=new.rank)
    db.add(note)
    await db.flush()
    await asyncio.sleep(new.slowly)
    if new.words == "unwelcome":
        raise Unwelcome
    response.headers["Location"] = f"/notes/{note.id}"
    tagged(response, note)
    return _shown(note)


@router.get("", dependencies=[requires("findings:read")])
async def notes(db: Reading, page: Paging) -> Page[NoteView]:
    """List notes by rank."""
    found = await db.page(select(Note), order=[Note.rank, Note.id], page=page)
    return Page(items=[_shown(each) for each in found.items], next=found.next, total=found.total)


@router.get("/broken", dependencies=[requires(None)])
async def broken() -> NoteView:
    """Break, with words that nobody should read."""
    raise ValueError("340621199003078275 is not in the list")


@router.get("/{note_id}", dependencies=[requires("findings:read")], responses=refusals(NotFound))
async def note(db: Reading, response: Response, note_id: UUID) -> NoteView:
    """Return a note."""
    found = await db.get(Note, note_id)
    tagged(response, found)
    return _shown(found)


@router.patch(
    "/{note_id}",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, PreconditionNeeded),
)
async def change(db: Writing, response: Response, note_id: UUID, version: IfMatch, new: NewNote) -> NoteView:
    """Change a note."""
    found = (await db.get(Note, note_id)).expect(version)
    found.words, found.rank = new.words, new.rank
    await db.flush()
    tagged(response, found)
    return _shown(found)


@router.post(
    "/files", status_code=202, dependencies=[requires("findings:write")], openapi_extra=taking(*TABLES)
)
async def take(request: Request, _db: Writing) -> Received:
    """Take a file, and let go of it."""
    upload = await receive_upload(request)
    upload.path.unlink()
    return Received.model_validate(upload, from_attributes=True)


def _shown(note: Note) -> NoteView:
    return NoteView.model_validate(note, from_attributes=True)


SERVICE = Service(
    name="notes",
    title="记事 Notes",
    room="tests.shared.notes",
    metadata=Row.metadata,
    routers=[router],
    reactions=Reactions("notes"),
)
