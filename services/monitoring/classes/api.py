"""Classes of lifted households over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.classes import commands, errors, queries
from services.monitoring.classes.progress import progress
from services.monitoring.classes.schemas import (
    ClassesMoved,
    ClassQuery,
    ClassReturnForm,
    ClassStepForm,
    ClassView,
    PlaceQuery,
    ProgressView,
    ProposalForm,
    SuggestionView,
    SupportView,
    UnclassifiedView,
    VillageForm,
    VillageQuery,
)
from services.monitoring.dates import DATES
from services.monitoring.forms import ChangeView
from services.monitoring.monitored.errors import SamePerson
from services.monitoring.replicas.errors import HouseholdUnknown
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.domain.income_line import IncomeLineUnknown
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/support-classes", tags=["脱贫户分类 classes of lifted households"])


@router.get("", dependencies=[requires("monitored:read")])
async def list_classes(db: Reading, filters: Annotated[ClassQuery, Query()], page: Paging) -> Page[ClassView]:
    """List classes in the order in which they were first proposed."""
    return await queries.page_of(db, filters, page)


@router.get("/support", dependencies=[requires("monitored:read")])
async def list_support(db: Reading, division: DivisionCode) -> Page[SupportView]:
    """Say what each class asks for in a division today, and by which source."""
    return Page(items=queries.support_of(division, db.today))


@router.get(
    "/suggestions",
    dependencies=[requires("monitored:read")],
    responses=refusals(errors.VillageNeeded, IncomeLineUnknown),
)
async def list_suggestions(
    db: Reading, filters: Annotated[VillageQuery, Query()], page: Paging
) -> Page[SuggestionView]:
    """List what the rules suggest for a village's households, and why; nothing is written."""
    return await queries.page_of_suggestions(db, filters, page)


@router.get("/missing", dependencies=[requires("monitored:read")])
async def list_missing(
    db: Reading, filters: Annotated[PlaceQuery, Query()], page: Paging
) -> Page[UnclassifiedView]:
    """List lifted households that are not under watch and have no class in force for a year."""
    return await queries.page_of_unclassified(db, filters, page)


@router.get("/progress", dependencies=[requires("monitored:read")])
async def show_progress(db: Reading, filters: Annotated[PlaceQuery, Query()]) -> ProgressView:
    """Show how far a place is, and all directly below it."""
    return await progress(db, filters)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        HouseholdUnknown,
        errors.NothingToClassify,
        errors.ClassChecked,
        errors.WhyAnother,
        errors.YearNotOpen,
        IncomeLineUnknown,
        *DATES,
    ),
)
async def propose(form: ProposalForm, db: Writing, response: Response) -> ClassView:
    """Propose a household's class (村提出): the suggested one or, with the reason, another."""
    row = await commands.propose(db, form)
    response.headers["Location"] = f"/support-classes/{row.id}"
    return await get_one(row.id, db, response)


@router.post(
    "/proposals",
    dependencies=[requires("monitored:write")],
    responses=refusals(errors.VillageNeeded, errors.YearNotOpen, IncomeLineUnknown, *DATES),
)
async def propose_village(form: VillageForm, db: Writing) -> ClassesMoved:
    """Propose the suggested class for all of a village's households that wait for one."""
    return await commands.propose_village(db, form)


@router.post(
    "/checks",
    dependencies=[requires("cases:review")],
    responses=refusals(errors.VillageNeeded, *DATES),
)
async def check_village(form: VillageForm, db: Writing) -> ClassesMoved:
    """Agree at the town to all that a village has proposed, but not to the caller's own proposals."""
    return await commands.check_village(db, form)


@router.post(
    "/decisions",
    dependencies=[requires("cases:approve")],
    responses=refusals(errors.VillageNeeded, *DATES),
)
async def decide_village(form: VillageForm, db: Writing) -> ClassesMoved:
    """Decide at the county on all that the town has checked, but on nothing the caller had a part in."""
    return await commands.decide_village(db, form)


@router.get("/{class_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(class_id: UUID, db: Reading, response: Response) -> ClassView:
    """Show a household's class of a year, with the reasons of the suggestion."""
    row, view = await queries.get_class(db, class_id)
    tagged(response, row)
    return view


@router.get("/{class_id}/history", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def show_history(class_id: UUID, db: Reading) -> Page[ChangeView]:
    """Tell the class's story: every step, by whom, when and why."""
    return Page(items=[ChangeView.model_validate(each) for each in await queries.story_of(db, class_id)])


@router.post(
    "/{class_id}/check",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.ClassNotProposed, SamePerson, *DATES),
)
async def check(
    class_id: UUID, form: ClassStepForm, version: IfMatch, db: Writing, response: Response
) -> ClassView:
    """Agree at the town (乡镇审核); not by the proposer."""
    await commands.check(db, class_id, form, version=version)
    return await get_one(class_id, db, response)


@router.post(
    "/{class_id}/decision",
    dependencies=[requires("cases:approve")],
    responses=refusals(NotFound, Stale, errors.ClassNotChecked, SamePerson, *DATES),
)
async def decide(
    class_id: UUID, form: ClassStepForm, version: IfMatch, db: Writing, response: Response
) -> ClassView:
    """Decide at the county (县审定): the class holds; by neither the proposer nor who checked."""
    await commands.decide(db, class_id, form, version=version)
    return await get_one(class_id, db, response)


@router.post(
    "/{class_id}/return",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.NoClassPending, *DATES),
)
async def give_back(
    class_id: UUID, form: ClassReturnForm, version: IfMatch, db: Writing, response: Response
) -> ClassView:
    """Send it back to the village with the reason; what was decided before goes on to hold."""
    await commands.give_back(db, class_id, form, version=version)
    return await get_one(class_id, db, response)
