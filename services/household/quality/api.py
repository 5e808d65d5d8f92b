"""``/quality``."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import Response

from services.household.quality.job import ask_for_run
from services.household.quality.queries import details_of, get_run, list_checks, list_runs
from services.household.quality.schemas import (
    CheckView,
    HouseholdFound,
    RunAsked,
    RunLine,
    RunRequest,
    RunView,
)
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.jobs.api import public_id
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.edge import OutsideArea
from shared.web.language import InLanguage

router = Router(prefix="/quality", tags=["数据质量 data quality"])


@router.get("/checks", dependencies=[requires("households:read")])
async def checks(language: InLanguage) -> list[CheckView]:
    """List the checks: what each looks for, how grave it is, what to do about it."""
    return list_checks(language)


@router.get(
    "/checks/{code}/details", dependencies=[requires("households:read")], responses=refusals(NotFound)
)
async def details(
    db: Reading, page: Paging, code: str, division: DivisionCode | None = None
) -> Page[HouseholdFound]:
    """List the households where a check finds something at this moment, with the facts.

    Of what the caller sees: a run of a wider area may have counted what only two places together tell.
    """
    return await details_of(db, code, page, division=division)


@router.post(
    "/runs", status_code=202, dependencies=[requires("households:write")], responses=refusals(OutsideArea)
)
async def run(db: Writing, response: Response, wanted: RunRequest) -> RunAsked:
    """Run all checks over a division: a job. Every night they run over everything."""
    if not db.principal.covers(wanted.division):
        raise OutsideArea
    job = public_id("household", await ask_for_run(db, wanted.division))
    response.headers["Location"] = f"/jobs/{job}"
    return RunAsked(job=job)


@router.get("/runs", dependencies=[requires("households:read")])
async def runs(
    db: Reading, page: Paging, division: DivisionCode | None = None, since: date | None = None
) -> Page[RunLine]:
    """List the runs that began on a day or later, the oldest first, with what each found in a division: the trend."""
    return await list_runs(db, page, division=division, since=since)


@router.get("/runs/{run_id}", dependencies=[requires("households:read")], responses=refusals(NotFound))
async def run_figures(
    db: Reading, language: InLanguage, run_id: UUID, division: DivisionCode | None = None
) -> RunView:
    """Return what a run counted in the caller's area: by check with the run before, and by the divisions below."""
    return await get_run(db, run_id, division=division, language=language)
