"""``/rules`` and ``/rule-hits``."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.dates import DateInFuture
from services.monitoring.rulebook import commands, errors, queries
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.facts import facts
from services.monitoring.rulebook.job import ask_for_screening
from services.monitoring.rulebook.model import DraftStatus
from services.monitoring.rulebook.schemas import (
    BacktestForm,
    BacktestView,
    DraftForm,
    DraftView,
    DraftWithdrawalForm,
    FactView,
    HitQuery,
    HitView,
    RuleView,
    ScreeningAsked,
    TrialForm,
    TrialView,
)
from services.monitoring.rulebook.trials import backtest, try_out
from shared.database import Page, Reader
from shared.domain.dated import covering, in_force
from shared.domain.division import DivisionCode
from shared.jobs.api import public_id
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.edge import OutsideArea
from shared.web.language import InLanguage

router = Router(prefix="/rules", tags=["规则库 rulebook"])
hits_router = Router(prefix="/rule-hits", tags=["规则库 rulebook"])

_TRIAL_REFUSALS = refusals(
    NotFound,
    DateInFuture,
    errors.NothingToTry,
    errors.ThresholdUnknown,
    errors.RuleUnsound,
    errors.RuleHeadDiffers,
)


@router.get("", dependencies=[requires("monitored:read")])
async def list_rules(
    db: Reading, division: DivisionCode | None = None, on: date | None = None
) -> list[RuleView]:
    """List the rules, and which of their versions hold in a division on a day."""
    known = await queries.rules(db)
    return [_view(db, rule, division, on) for rule in known.values()]


@router.get("/facts", dependencies=[requires("monitored:read")])
async def list_facts() -> list[FactView]:
    """List what rules may ask."""
    return [FactView(name=name, **fact.model_dump()) for name, fact in facts().items()]


@router.get("/drafts", dependencies=[requires("monitored:read")])
async def list_drafts(db: Reading, page: Paging, status: DraftStatus | None = None) -> Page[DraftView]:
    """List versions that officials wrote, oldest first."""
    return (await queries.page_of_drafts(db, status, page)).each(DraftView.of)


@router.post(
    "/drafts",
    status_code=201,
    dependencies=[requires("rules:write")],
    responses=refusals(errors.RuleUnsound, errors.RuleHeadDiffers, errors.VersionKnown, OutsideArea),
)
async def draft(form: DraftForm, db: Writing, response: Response) -> DraftView:
    """Write a new version of a rule, or a new rule: its examples are tried, another person puts it in force."""
    row = await commands.draft(db, form.document)
    response.headers["Location"] = f"{router.prefix}/drafts/{row.id}"
    tagged(response, row)
    return DraftView.of(row)


@router.get("/drafts/{draft_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_draft(draft_id: UUID, db: Reading, response: Response) -> DraftView:
    """Return one."""
    row = await queries.get_draft(db, draft_id)
    tagged(response, row)
    return DraftView.of(row)


@router.post(
    "/drafts/{draft_id}/publication",
    dependencies=[requires("rules:write")],
    responses=refusals(
        NotFound,
        Stale,
        errors.DraftDecided,
        errors.SamePersonPublishes,
        errors.HoldsInThePast,
        errors.RuleHeadDiffers,
        errors.VersionKnown,
        OutsideArea,
    ),
)
async def publish(draft_id: UUID, version: IfMatch, db: Writing, response: Response) -> DraftView:
    """Put a version in force, as another person than the one who wrote it."""
    row = await commands.publish(db, draft_id, version=version)
    tagged(response, row)
    return DraftView.of(row)


@router.post(
    "/drafts/{draft_id}/withdrawal",
    dependencies=[requires("rules:write")],
    responses=refusals(NotFound, Stale, errors.DraftDecided, OutsideArea),
)
async def withdraw(
    draft_id: UUID, form: DraftWithdrawalForm, version: IfMatch, db: Writing, response: Response
) -> DraftView:
    """Give a draft up."""
    row = await commands.withdraw(db, draft_id, form.reason, version=version)
    tagged(response, row)
    return DraftView.of(row)


@router.post(
    "/trials",
    dependencies=[requires("monitored:read")],
    responses=_TRIAL_REFUSALS,
)
async def trial(form: TrialForm, db: Reading, page: Paging) -> TrialView:
    """Ask what if (试算): who would enter or leave under other thresholds or another rule. Nothing is written."""
    return await try_out(db, form, page)


@router.post(
    "/backtests",
    dependencies=[requires("monitored:read")],
    responses=_TRIAL_REFUSALS,
)
async def test_back(form: BacktestForm, db: Reading) -> BacktestView:
    """Hold a rule, as it might have been at a past moment, against the verdicts that followed (回溯检验)."""
    return await backtest(db, form)


@router.post("/screenings", status_code=202, dependencies=[requires("rules:write")])
async def screen(db: Writing, response: Response) -> ScreeningAsked:
    """Ask all rules of everybody now: a job. Every night it runs by itself."""
    job = public_id("monitoring", await ask_for_screening(db))
    response.headers["Location"] = f"/jobs/{job}"
    return ScreeningAsked(job=job)


@router.get("/{rule_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_rule(
    rule_id: str, db: Reading, division: DivisionCode | None = None, on: date | None = None
) -> RuleView:
    """Return one rule with all its versions."""
    return _view(db, await queries.get_rule(db, rule_id), division, on)


@hits_router.get("", dependencies=[requires("monitored:read")])
async def list_hits(
    db: Reading, query: Annotated[HitQuery, Query()], page: Paging, language: InLanguage
) -> Page[HitView]:
    """List whom rules hit, and why."""
    known = await queries.rules(db)
    found = await queries.page_of_hits(db, query, page)
    return found.each(
        lambda row: HitView.of(row, hit_of(known, row.rule, row.rule_version, row.inputs), language)
    )


def _view(db: Reader, rule: Rule, division: str | None, on: date | None) -> RuleView:
    day = on or db.today
    holding = covering(rule.versions, division, day) if division else in_force(rule.versions, day)
    return RuleView.of(rule, [version.version for version in holding])
