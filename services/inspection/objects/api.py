"""Inspected objects over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.objects import commands, errors
from services.inspection.objects.model import InspectedObject
from services.inspection.objects.queries import page_of_objects
from services.inspection.objects.schemas import (
    ObjectChange,
    ObjectEnd,
    ObjectQuery,
    ObjectsDraft,
    ObjectsEntered,
    ObjectView,
)
from shared.database import Page
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/inspection-objects", tags=["排查对象 inspected objects"])


@router.post("", dependencies=[requires("campaigns:write")], responses=refusals(OutsideYourArea))
async def enter(draft: ObjectsDraft, db: Writing) -> ObjectsEntered:
    """Enter objects, up to 500; those of a place, kind and name that are known take what is said anew."""
    return await commands.enter_objects(db, draft)


@router.get("", dependencies=[requires("campaigns:read")])
async def list_objects(db: Reading, query: Annotated[ObjectQuery, Query()], page: Paging) -> Page[ObjectView]:
    """List objects by place."""
    found = await page_of_objects(db, query, page)
    return found.each(ObjectView.model_validate)


@router.get("/{object_id}", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def get_one(object_id: UUID, db: Reading, response: Response) -> ObjectView:
    """Show one object."""
    known = await db.get(InspectedObject, object_id)
    tagged(response, known)
    return ObjectView.model_validate(known)


@router.patch(
    "/{object_id}",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, Stale, errors.NameTaken),
)
async def change(
    object_id: UUID, draft: ObjectChange, version: IfMatch, db: Writing, response: Response
) -> ObjectView:
    """Change what is said of an object."""
    known = await commands.change_object(db, object_id, draft, version=version)
    tagged(response, known)
    return ObjectView.model_validate(known)


@router.post(
    "/{object_id}/end",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, Stale, errors.AlreadyOver),
)
async def end(
    object_id: UUID, draft: ObjectEnd, version: IfMatch, db: Writing, response: Response
) -> ObjectView:
    """Let an object be no more from a day on; what was found there stays."""
    known = await commands.end_object(db, object_id, draft.on, version=version)
    tagged(response, known)
    return ObjectView.model_validate(known)
