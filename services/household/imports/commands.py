"""Taking a file in: once, however often it is sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from services.household.imports.model import HouseholdImport
from services.household.imports.schemas import Wanted
from shared.database import Writer
from shared.jobs import enqueue
from shared.keys import uuid7
from shared.web import Upload


async def take_in(db: Writer, upload: Upload, wanted: Wanted, *, division_code: str) -> HouseholdImport:
    """Ask for the import of a file; one that was sent before with the same wishes is the import that it was then."""
    owner, options = db.principal.subject, f"{division_code} {wanted.model_dump_json()}"
    known = await db.first(
        select(HouseholdImport)
        .where(HouseholdImport.owner == owner, HouseholdImport.digest == upload.digest)
        .where(HouseholdImport.options == options)
    )
    if known is not None and not await _failed(db, known):
        upload.path.unlink(missing_ok=True)
        return known
    taken = known or HouseholdImport(
        id=uuid7(),
        owner=owner,
        digest=upload.digest,
        filename=upload.filename,
        mode=wanted.mode,
        atomic=wanted.atomic,
        options=options,
        division_code=division_code,
        requested_at=db.now,
    )
    db.add(taken)
    await db.flush()
    taken.job_id = await _enqueue(db, taken, upload, wanted)
    await db.flush()
    return taken


async def _failed(db: Writer, known: HouseholdImport) -> bool:
    """Tell whether an import came to nothing, so that sending its file again is a new attempt."""
    return (
        await db.scalar(text("SELECT state = 'failed' FROM job WHERE id = :id"), {"id": known.job_id}) is True
    )


async def _enqueue(db: Writer, taken: HouseholdImport, upload: Upload, wanted: Wanted) -> UUID | None:
    payload = {
        "import_id": str(taken.id),
        "path": str(upload.path),
        "kind": upload.kind,
        "columns": wanted.columns,
        "areas": db.principal.areas,
    }
    return await enqueue(db, "household.import", payload, division_code=taken.division_code)
