"""Which rules there are, and what they have hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.rulebook.documents import Rule, shipped_rules
from services.monitoring.rulebook.fitting import fits_beside, misfits
from services.monitoring.rulebook.model import DraftStatus, RuleDraft, RuleHit
from services.monitoring.rulebook.schemas import HitQuery
from shared.database import Page, PageQuery, Reader, inside
from shared.refusal import Fault, Invalid, NotFound


async def rules(db: Reader) -> Mapping[str, Rule]:
    """Return all rules by id, those that came with the service with what officials published."""
    published = await db.all(
        select(RuleDraft).where(RuleDraft.status == DraftStatus.PUBLISHED).order_by(col(RuleDraft.id))
    )
    known = dict(shipped_rules())
    for draft in published:
        document = draft.read
        rule = known.get(document.id) or document.model_copy(update={"versions": ()})
        # Put in force before it was refused: nobody can be asked by it, nor by others beside it.
        if any(misfits(document)) or not all(fits_beside(version, rule) for version in document.versions):
            continue
        known[rule.id] = rule.model_copy(update={"versions": (*rule.versions, *document.versions)})
    return known


async def get_rule(db: Reader, rule_id: str) -> Rule:
    """Return one rule with all its versions."""
    known = await rules(db)
    if rule_id not in known:
        raise NotFound
    return known[rule_id]


async def expect_rules(db: Reader, asked: Sequence[str]) -> None:
    """Refuse to list what comes of a rule that there is not: it would look as if nobody were hit."""
    known = await rules(db) if asked else {}
    unknown = tuple(
        Fault(
            f"/query/rule/{place}",
            "unknown_rule",
            "there is no such rule: see GET /rules",
            "没有这条规则，可由 GET /rules 查看",
        )
        for place, rule in enumerate(asked)
        if rule not in known
    )
    if unknown:
        raise Invalid(errors=unknown)


async def page_of_drafts(db: Reader, status: DraftStatus | None, page: PageQuery) -> Page[RuleDraft]:
    """List what officials wrote, oldest first."""
    wanted = select(RuleDraft)
    if status:
        wanted = wanted.where(RuleDraft.status == status)
    return await db.page(wanted, order=[col(RuleDraft.id)], page=page)


async def page_of_hits(db: Reader, query: HitQuery, page: PageQuery) -> Page[RuleHit]:
    """List hits by household."""
    await expect_rules(db, query.rule)
    wanted = select(RuleHit)
    if query.division:
        wanted = wanted.where(inside(RuleHit.division_code, query.division))
    if query.rule:
        wanted = wanted.where(col(RuleHit.rule).in_(query.rule))
    if query.household_id:
        wanted = wanted.where(RuleHit.household_id == query.household_id)
    if query.open is not None:
        ended = col(RuleHit.ended_on)
        wanted = wanted.where(ended.is_(None) if query.open else ended.is_not(None))
    order = [RuleHit.household_id, RuleHit.rule, RuleHit.subject_id, RuleHit.since]
    return await db.page(wanted, order=order, page=page)


async def get_draft(db: Reader, draft_id: UUID) -> RuleDraft:
    """Return a draft."""
    return await db.get(RuleDraft, draft_id)


async def draft_locked(db: Reader, draft_id: UUID) -> RuleDraft:
    """Return a draft that is about to be decided, held until the transaction ends."""
    return await db.one(select(RuleDraft).where(RuleDraft.id == draft_id).with_for_update())
