"""Entering inspected objects, and letting them end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import literal_column, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.objects.errors import NameTaken
from services.inspection.objects.model import InspectedObject
from services.inspection.objects.schemas import ObjectChange, ObjectsDraft, ObjectsEntered
from shared.database import Writer
from shared.keys import uuid7

_SAID = ("unit", "contact", "note")


async def enter_objects(db: Writer, draft: ObjectsDraft) -> ObjectsEntered:
    """Enter a list in one statement; the last word about an object counts."""
    if not all(db.principal.covers(each.division_code) for each in draft.objects):
        raise OutsideYourArea
    newest = {(each.division_code, each.kind, each.name): each.model_dump() for each in draft.objects}
    added = insert(InspectedObject).values([newest[key] | {"id": uuid7()} for key in sorted(newest)])
    done = await db.execute(
        added.on_conflict_do_update(
            index_elements=["division_code", "kind", "name"],
            set_={name: added.excluded[name] for name in _SAID},
            where=or_(
                *(
                    col(getattr(InspectedObject, name)).is_distinct_from(added.excluded[name])
                    for name in _SAID
                )
            ),
        ).returning(literal_column("xmax = 0"))
    )
    fresh = list(done.scalars())
    return ObjectsEntered(added=sum(fresh), changed=len(fresh) - sum(fresh))


async def change_object(
    db: Writer, object_id: UUID, change: ObjectChange, *, version: int
) -> InspectedObject:
    """Change what is said of an object."""
    known = await _locked(db, object_id, version)
    said = change.model_dump(exclude_unset=True)
    if said.get("name") not in (None, known.name):
        taken = select(InspectedObject.id).where(
            col(InspectedObject.division_code) == known.division_code,
            col(InspectedObject.kind) == known.kind,
            col(InspectedObject.name) == said["name"],
        )
        if await db.first(taken):
            raise NameTaken
    for name, value in said.items():
        setattr(known, name, value if name != "name" else value or known.name)
    await db.flush()
    return known


async def end_object(db: Writer, object_id: UUID, on: date | None, *, version: int) -> InspectedObject:
    """Let an object be no more; what was found there stays."""
    known = await _locked(db, object_id, version)
    known.end(on or db.today)
    await db.flush()
    return known


async def _locked(db: Writer, object_id: UUID, version: int) -> InspectedObject:
    wanted = select(InspectedObject).where(col(InspectedObject.id) == object_id).with_for_update()
    return (await db.one(wanted)).expect(version)
