"""What if (试算): a rule as it might be, asked of everybody without writing anything, beside the rule as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from services.monitoring.dates import DateInFuture
from services.monitoring.rulebook import errors
from services.monitoring.rulebook.commands import expect_same_head, read_rule
from services.monitoring.rulebook.conditions import Threshold, each_condition
from services.monitoring.rulebook.documents import Rule, Version
from services.monitoring.rulebook.evaluation import Question, asked, inputs_sql, judgement
from services.monitoring.rulebook.queries import get_rule, rules
from services.monitoring.rulebook.schemas import (
    BacktestForm,
    BacktestView,
    Moved,
    TownMoves,
    TrialForm,
    TrialView,
    Verdicts,
)
from services.monitoring.rulebook.windows import newest_batches
from shared import clock
from shared.database import PageQuery, Reader
from shared.database.paging import cut, decode_cursor
from shared.database.places import inside_sql
from shared.domain.dated import in_force

_TRIAL = """
    WITH {facts},
    judged AS MATERIALIZED (
        SELECT household_id, member_id, coalesce(member_id, household_id) AS subject_id, division_code,
            {now} AS hit_now, {then} AS hit_then, {inputs} AS inputs
        FROM facts)
    SELECT
        (SELECT jsonb_build_object('subjects', count(*), 'now', count(*) FILTER (WHERE hit_now),
            'then', count(*) FILTER (WHERE hit_then), 'enter', count(*) FILTER (WHERE hit_then AND NOT hit_now),
            'leave', count(*) FILTER (WHERE hit_now AND NOT hit_then)) FROM judged) AS figures,
        (SELECT coalesce(jsonb_agg(town ORDER BY town.division_code), '[]') FROM (
            SELECT rpad(left(division_code, 9), 12, '0') AS division_code, count(*) FILTER (WHERE hit_now) AS now,
                count(*) FILTER (WHERE hit_then) AS then, count(*) FILTER (WHERE hit_then AND NOT hit_now) AS enter,
                count(*) FILTER (WHERE hit_now AND NOT hit_then) AS leave
            FROM judged WHERE hit_now OR hit_then GROUP BY 1) town) AS towns,
        (SELECT coalesce(jsonb_agg(moved ORDER BY moved.household_id, moved.subject_id), '[]') FROM (
            SELECT household_id, member_id, subject_id, division_code, hit_then AS enters, inputs FROM judged
            WHERE hit_now <> hit_then AND (household_id, subject_id) > (:after_household, :after_subject)
            ORDER BY household_id, subject_id LIMIT :most) moved) AS moved
    """
_BACKTEST = """
    WITH {facts},
    hits AS MATERIALIZED (SELECT DISTINCT household_id FROM facts WHERE {then}),
    verdicts AS MATERIALIZED (
        SELECT household_id, bool_or(status IN ('verified_at_risk', 'merged')) AS at_risk
        FROM clue WHERE risk_type = coalesce(CAST(:risk_type AS text), risk_type)
            AND received_on > :on AND received_on <= :until
            AND status IN ('verified_at_risk', 'merged', 'dismissed') AND {within} GROUP BY household_id)
    SELECT (SELECT count(*) FROM hits) AS hits,
        count(*) FILTER (WHERE hit AND at_risk) AS confirmed, count(*) FILTER (WHERE hit AND NOT at_risk) AS dismissed,
        count(*) FILTER (WHERE NOT hit AND at_risk) AS missed
    FROM (
        SELECT at_risk, EXISTS (SELECT FROM hits WHERE hits.household_id = verdicts.household_id) AS hit FROM verdicts
    ) compared
    """
_FIRST = UUID(int=0)


async def try_out(db: Reader, form: TrialForm, page: PageQuery) -> TrialView:
    """Return who would be hit and is not, and who is and would not be."""
    question = _question(db, form)
    rule, drafted = await _drafted(db, form, question)
    question = replace(question, batches=await newest_batches(db, rule, question.on))
    now = judgement(rule, rule.versions, question.on, prefix="n")
    then = judgement(rule, drafted, question.on, prefix="t")
    # Both are asked of the same lines, which hold the facts of both.
    versions = [*in_force(rule.versions, question.on), *in_force(drafted, question.on)]
    facts = asked(rule, versions, question)
    names = frozenset().union(*(version.facts for version in versions))
    statement = _TRIAL.format(facts=facts.ctes, now=now.hit, then=then.hit, inputs=inputs_sql(names))
    after = decode_cursor(page.cursor, [UUID, UUID]) if page.cursor else [_FIRST, _FIRST]
    values = {"after_household": after[0], "after_subject": after[1], "most": page.limit + 1}
    ((figures, towns, moved),) = await db.rows(
        text(statement), facts.values | now.values | then.values | values
    )
    found = [Moved.of(each, rule) for each in moved]
    return TrialView(
        rule=rule.id,
        on=question.on,
        **figures,
        towns=[TownMoves.model_validate(town) for town in towns],
        moved=cut(found, page.limit, lambda last: [last.household_id, last.member_id or last.household_id]),
    )


async def backtest(db: Reader, form: BacktestForm) -> BacktestView:
    """Return what became, up to a day, of those whom the rule would have hit at a past moment, and whom it missed."""
    question = _question(db, form)
    rule, drafted = await _drafted(db, form, question)
    question = replace(question, batches=await newest_batches(db, rule, question.on))
    then = judgement(rule, drafted, question.on, prefix="t")
    facts = asked(rule, in_force(drafted, question.on), question)
    within = inside_sql("division_code", form.division) if form.division else "true"
    statement = _BACKTEST.format(facts=facts.ctes, then=then.hit, within=within)
    values = {"risk_type": rule.risk_type, "until": form.until, "on": question.on}
    ((hits, confirmed, dismissed, missed),) = await db.rows(
        text(statement), facts.values | then.values | values
    )
    return BacktestView.of(rule.id, question.on, form.until, Verdicts(hits, confirmed, dismissed, missed))


def _question(db: Reader, form: TrialForm) -> Question:
    if form.as_of and form.as_of > db.now:
        raise DateInFuture
    on = clock.date_of(form.as_of) if form.as_of else db.today
    return Question(on=on, moment=form.as_of, division=form.division)


async def _drafted(db: Reader, form: TrialForm, question: Question) -> tuple[Rule, tuple[Version, ...]]:
    """Return the rule as it is, and its versions as they would be."""
    if form.document is not None:
        draft, known = read_rule(form.document), await rules(db)
        rule = known.get(draft.id, draft.model_copy(update={"versions": ()}))
        expect_same_head(rule, draft)
        # As if it held already; of two that hold in a place since the same day, the last one counts.
        holding = [each.model_copy(update={"valid_from": question.on}) for each in draft.versions]
        return rule, (*in_force(rule.versions, question.on), *holding)
    if form.rule is None:
        raise errors.NothingToTry
    rule = await get_rule(db, form.rule)
    return rule, tuple(
        _with(rule, version, form.thresholds) for version in in_force(rule.versions, question.on)
    )


def _with(rule: Rule, version: Version, thresholds: Mapping[str, Threshold]) -> Version:
    changed = version.model_copy(update={"thresholds": {**version.thresholds, **thresholds}})
    conditions = each_condition((*changed.if_, *changed.unless))
    unfit = [fault for each in conditions for fault in each.faults(rule.known, changed.thresholds)]
    if unfit or thresholds.keys() - version.thresholds.keys():
        names = ", ".join(thresholds)
        chinese = "；".join(fault.zh for fault in unfit)
        raise errors.ThresholdUnknown(
            "; ".join(fault.en for fault in unfit) or names, zh_detail=chinese or names
        )
    return changed
