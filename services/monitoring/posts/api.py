"""Public-welfare posts over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.assistance.errors import CannotWork
from services.monitoring.dates import DATES
from services.monitoring.posts import commands, errors, queries
from services.monitoring.posts.schemas import (
    AppointmentForm,
    EndForm,
    PayQuery,
    PayrollForm,
    PayrollView,
    PayView,
    PostQuery,
    PostView,
)
from services.monitoring.replicas.errors import HouseholdUnknown, NotOfHousehold
from shared.database import Page
from shared.refusal import Invalid, NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/posts", tags=["公益性岗位 public-welfare posts"])


@router.get("", dependencies=[requires("monitored:read")])
async def list_posts(db: Reading, filters: Annotated[PostQuery, Query()], page: Paging) -> Page[PostView]:
    """List posts in the order in which they were entered; ``flag`` finds holders who must not hold theirs."""
    return await queries.page_of(db, filters, page)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        HouseholdUnknown,
        NotOfHousehold,
        CannotWork,
        errors.NotOfPostAge,
        errors.WorksElsewhere,
        errors.PostHeldAlready,
        *DATES,
    ),
)
async def appoint(form: AppointmentForm, db: Writing, response: Response) -> PostView:
    """Give a person a post: what kind, where, for how long and for what pay."""
    post = await commands.appoint(db, form)
    response.headers["Location"] = f"/posts/{post.id}"
    return await get_one(post.id, db, response)


@router.get("/pay", dependencies=[requires("monitored:read")])
async def list_pay(db: Reading, filters: Annotated[PayQuery, Query()], page: Paging) -> Page[PayView]:
    """List the pay of months, post by post; ``mark`` finds what is missing or came late."""
    return await queries.page_of_pay(db, filters, page)


@router.post(
    "/payrolls",
    dependencies=[requires("monitored:write")],
    responses=refusals(Invalid, *DATES),
)
async def pay(form: PayrollForm, db: Writing) -> PayrollView:
    """Enter a village's pay of a month: line by line, or everybody as agreed. All lines count, or none."""
    return await commands.pay(db, form)


@router.get("/{post_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(post_id: UUID, db: Reading, response: Response) -> PostView:
    """Show one post."""
    post, view = await queries.get_post(db, post_id)
    tagged(response, post)
    return view


@router.post(
    "/{post_id}/end",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.PostEnded, *DATES),
)
async def end(post_id: UUID, form: EndForm, version: IfMatch, db: Writing, response: Response) -> PostView:
    """End a post before its time, and say why; later months are owed no pay."""
    await commands.end(db, post_id, form, version=version)
    return await get_one(post_id, db, response)
