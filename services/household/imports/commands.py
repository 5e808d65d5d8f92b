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
    """Ask for the import of a file; sent again with the same wishes it is the same one, done anew where need be."""
    owner, options = db.principal.subject, f"{division_code} {wanted.model_dump_json()}"
    known = await db.first(
        select(HouseholdImport)
        .where(HouseholdImport.owner == owner, HouseholdImport.digest == upload.digest)
        .where(HouseholdImport.options == options)
        .with_for_update()
    )
    if known is not None and await _stands(db, known):
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
    if taken.figures and "rows" in taken.figures:
        # It had come to its end. What a failed one has written counts on.
        taken.figures = None
    taken.requested_at = db.now
    db.add(taken)
    await db.flush()
    taken.job_id = await _enqueue(db, taken, upload, wanted)
    await db.flush()
    return taken


async def _stands(db: Writer, known: HouseholdImport) -> bool:
    """Tell whether what became of an import then is what would become of it now: while it is under way, and once done.

    What was foretold, or refused, may be otherwise by now: a village was entered, a person registered elsewhere left.
    """
    state: str | None = await db.scalar(text("SELECT state FROM job WHERE id = :id"), {"id": known.job_id})
    if known.figures is None or state not in {None, "succeeded"}:
        return state != "failed"
    return known.mode == "commit" and not known.figures.get("rejected")


async def _enqueue(db: Writer, taken: HouseholdImport, upload: Upload, wanted: Wanted) -> UUID | None:
    payload = {
        "import_id": str(taken.id),
        "path": str(upload.path),
        "kind": upload.kind,
        "columns": wanted.columns,
        "areas": db.principal.areas,
    }
    return await enqueue(db, "household.import", payload, division_code=taken.division_code)
