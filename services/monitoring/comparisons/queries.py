"""Questions about comparisons.

A department sees its own batches; an officer with an area sees the matches within it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, text
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.monitoring.batches.model import (
    Comparison,
    ComparisonAlert,
    ComparisonCorrection,
    ComparisonPart,
    ComparisonReject,
    Mode,
    Outcome,
    UnmatchedReason,
    counts,
)
from services.monitoring.batches.rows import OUTCOMES, SPAN
from services.monitoring.comparisons.errors import BatchFailed, NotFinished, OnlyValidated, RowsGone
from services.monitoring.comparisons.outcomes import alerts_by_town, together
from services.monitoring.comparisons.precision import verdicts_of_batch
from services.monitoring.comparisons.reasons import REASONS
from services.monitoring.comparisons.schemas import (
    ComparisonView,
    Reconciliation,
    RejectView,
    ResultView,
    TownFigures,
)
from services.monitoring.comparisons.senders import reads_registry
from services.monitoring.replicas.queries import names_of, names_of_persons
from shared.database import Page, PageQuery, Reader, inside
from shared.database.paging import cut, decode_cursor
from shared.domain.division import county_of
from shared.refusal import NotFound
from shared.sheets.reasons import in_words
from shared.web.language import Language

#: Of a database's integer.
_LAST_LINE = 2**31 - 1
_JOB = text("SELECT state, error FROM job WHERE id = :id")


async def list_batches(
    db: Reader, page: PageQuery, *, dataset: str | None, period: str | None
) -> Page[ComparisonView]:
    """List the batches that the caller may see, oldest first."""
    wanted = _visible(db, select(Comparison))
    if dataset:
        wanted = wanted.where(Comparison.dataset == dataset)
    if period:
        wanted = wanted.where(Comparison.period == period)
    found = await db.page(wanted, order=[Comparison.id], page=page)
    return found.with_items(await shown(db, *found.items))


async def shown(db: Reader, *batches: Comparison) -> list[ComparisonView]:
    """Show batches to whoever their area is of; to others that may see them, as far as they are about their towns."""
    whole = {batch.id for batch in batches if db.principal.covers(batch.division_code)}
    alerts = await alerts_by_town(db, [batch.id for batch in batches if batch.id not in whole])
    views = [(batch, ComparisonView.of(batch)) for batch in batches]
    return [
        view if batch.id in whole else view.within(_towns(db, batch, alerts[batch.id]))
        for batch, view in views
    ]


def _towns(db: Reader, batch: Comparison, alerts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the figures of the caller's towns: rows are of where people were, alerts of where they are now."""
    own = [town for town in batch.towns if db.principal.covers(town["division_code"])]
    return together(own, alerts)


async def get_batch(db: Reader, comparison_id: UUID) -> Comparison:
    """Return a batch that the caller may see."""
    batch = await db.first(_visible(db, select(Comparison).where(Comparison.id == comparison_id)))
    if batch is None:
        raise NotFound
    return batch


async def get_finished(db: Reader, comparison_id: UUID) -> Comparison:
    """Return a batch that has been compared: until then some of its rows have outcomes, and those may not last."""
    batch = await get_batch(db, comparison_id)
    if batch.finished_at is not None:
        return batch
    why = await find_failure(db, batch)
    if why is None:
        raise NotFinished
    english, chinese = (_words(why.get(language, {})) for language in ("en", "zh"))
    raise BatchFailed(english, zh_detail=chinese)


async def get_results(db: Reader, comparison_id: UUID, outcome: Collection[str] = ()) -> Comparison:
    """Return a finished batch of whose rows that became one of these, or any, something is kept (``retention``)."""
    batch = await get_finished(db, comparison_id)
    if batch.mode == Mode.VALIDATE:
        raise OnlyValidated
    if batch.emptied_at or (batch.purged_at and set(outcome) == {Outcome.UNMATCHED}):
        raise RowsGone
    return batch


async def get_rejects(db: Reader, comparison_id: UUID) -> Comparison:
    """Return a finished batch of which is kept what could not be read."""
    batch = await get_finished(db, comparison_id)
    if batch.purged_at:
        raise RowsGone
    return batch


async def find_failure(db: Reader, batch: Comparison) -> dict[str, dict[str, str]] | None:
    """Return why a batch came to nothing, as a problem by language; None where it has not."""
    if batch.finished_at is not None or batch.job_id is None:
        return None
    rows = await db.rows(_JOB, {"id": batch.job_id})
    # Of a job that ended a year ago nobody knows why.
    state, why = rows[0] if rows else ("failed", None)
    return (why or {}) if state == "failed" else None


def _words(problem: dict[str, str]) -> str:
    return " ".join(filter(None, (problem.get("title"), problem.get("detail"))))


def matching(comparison_id: UUID, outcome: Sequence[str], division: str | None) -> ColumnElement[bool]:
    """Return the condition of a batch's ``OUTCOMES`` that became one of these, within a division."""
    conditions = [OUTCOMES.c.comparison_id == comparison_id]
    if outcome:
        conditions.append(OUTCOMES.c.outcome.in_(outcome))
    if division:
        conditions.append(inside(OUTCOMES.c.division_code, division))
    return and_(*conditions)


async def results_of(db: Reader, wanted: ColumnElement[bool], page: PageQuery) -> Page[ResultView]:
    """List outcomes of a finished batch that match, in the order of the file."""
    found = await _page_of(db, OUTCOMES.select().where(wanted), page)
    members = [
        (each.household_id, each.member_id) for each in found.items if each.household_id and each.member_id
    ]
    names = await names_of_persons(db, members) if reads_registry(db.principal) else None
    return found.with_items([ResultView.of(each, names) for each in found.items])


async def _page_of(db: Reader, wanted: Select[Any], page: PageQuery) -> Page[Any]:
    """Return a page of rows, looked for among the next lines, and then among twice as many each time.

    A batch's rows are indexed by where they lie, and not one by one.
    """
    (after,) = decode_cursor(page.cursor, [int]) if page.cursor else (0,)
    found: list[Any] = []
    for lines in _further(after):
        missing = page.limit + 1 - len(found)
        found += await db.rows(wanted.where(within(lines)).order_by(OUTCOMES.c.line).limit(missing))
        if len(found) > page.limit:
            break
    counted = select(func.count()).select_from(wanted.subquery())
    total = await db.scalar(counted) if page.count else None
    return cut(found, page.limit, lambda last: [last.line], total=total)


def _further(after: int) -> Iterator[range]:
    """Yield the lines after one, as far as there can be any: those of its block, and more and more of them."""
    span, begin = SPAN, after + 1
    while begin <= _LAST_LINE:
        end = min((begin // span + 1) * span, _LAST_LINE + 1)
        yield range(begin, end)
        span, begin = span * 2, end


async def lines_of_parts(db: Reader, comparison_id: UUID) -> list[range]:
    """Return which lines stand in each part of a batch, in their order.

    The last one has no end: of sheets that came long ago no part tells where it ends, and all is one.
    """
    parts = select(ComparisonPart.ends_line).where(col(ComparisonPart.comparison_id) == comparison_id)
    ends = (await db.all(parts.order_by(col(ComparisonPart.number))))[:-1]
    cuts = pairwise([0, *(end for end in ends if end), _LAST_LINE])
    return [range(before + 1, end + 1) for before, end in cuts]


def within(lines: range) -> ColumnElement[bool]:
    """Return the condition that a row of ``OUTCOMES`` is one of these: in a block with some of them, and itself."""
    first, last = lines.start, lines.stop - 1
    return and_(
        OUTCOMES.c.from_line <= last, OUTCOMES.c.to_line >= first, OUTCOMES.c.line.between(first, last)
    )


async def rejects_of(
    db: Reader, comparison_id: UUID, page: PageQuery, language: Language
) -> Page[RejectView]:
    """List what could not be read of a finished batch, in the order of the file."""
    wanted = select(ComparisonReject).where(ComparisonReject.comparison_id == comparison_id)
    order = [ComparisonReject.line, ComparisonReject.code, ComparisonReject.header]
    found = await db.page(wanted, order=order, page=page)
    items = [
        RejectView(
            line=r.line,
            column=r.header,
            code=r.code,
            message=in_words(REASONS, r.code, language),
            value=r.value,
        )
        for r in found.items
    ]
    return found.with_items(items)


async def reconcile(db: Reader, comparison_id: UUID) -> Reconciliation:
    """Return a batch's figures by town (of the caller's area), by reason and by what became of its alerts."""
    batch = await get_finished(db, comparison_id)
    (comparison,) = await shown(db, batch)
    own = _towns(db, batch, (await alerts_by_town(db, [batch.id]))[batch.id])
    names = await names_of(db, [town["division_code"] for town in own])
    towns = [TownFigures(**town, division_name=names.get(town["division_code"])) for town in own]
    why_invalid = None
    if batch.purged_at is None and db.principal.covers(batch.division_code):
        why_invalid = await _counts(db, ComparisonReject.code, ComparisonReject.comparison_id, batch.id)
    return Reconciliation(
        comparison=comparison,
        counted_beside=await _counted_beside(db, batch),
        towns=towns,
        invalid_by_reason=why_invalid,
        **await _of_parts(db, batch),
        alerts_by_outcome=await _counts(db, ComparisonAlert.outcome, ComparisonAlert.comparison_id, batch.id),
        verdicts=await verdicts_of_batch(db, batch.id),
        corrections_by_status=await _counts(
            db, ComparisonCorrection.status, ComparisonCorrection.comparison_id, batch.id
        ),
    )


async def _counted_beside(db: Reader, batch: Comparison) -> list[str]:
    of_period = select(col(Comparison.owner_name)).where(
        Comparison.dataset == batch.dataset,
        Comparison.period == batch.period,
        Comparison.owner != batch.owner,
        inside(Comparison.division_code, county_of(batch.division_code)),
        *counts(),
    )
    return await db.all(of_period.order_by(col(Comparison.owner_name)))


async def _of_parts(db: Reader, batch: Comparison) -> dict[str, Any]:
    """Return what a batch's parts tell besides its figures, to whom all of it is shown: it is of no town."""
    if not db.principal.covers(batch.division_code):
        return {"headers": None, "unmatched_by_reason": None}
    of_batch = select(ComparisonPart).where(ComparisonPart.comparison_id == batch.id)
    parts = await db.all(of_batch.order_by(col(ComparisonPart.number)))
    reasons = sum((Counter(part.unmatched_by_reason) for part in parts), Counter[str]())
    if parts:
        compared = sum(part.unmatched for part in parts)
        reasons[UnmatchedReason.NOT_REGISTERED] = compared - reasons.total()
        # Parts stay as they were compared; of what was likely about somebody, people have refused the rest since.
        reasons[UnmatchedReason.PERSON] = batch.unmatched - compared
    return {
        "headers": {header: field for part in parts for header, field in part.headers.items()},
        "unmatched_by_reason": +reasons,
    }


async def _counts(db: Reader, by: object, of: object, comparison_id: UUID) -> dict[str, int]:
    rows = await db.rows(select(col(by), func.count()).where(col(of) == comparison_id).group_by(col(by)))
    return {key or "untold": count for key, count in rows}


def _visible(db: Reader, wanted: SelectOfScalar[Comparison]) -> SelectOfScalar[Comparison]:
    """Limit to what the caller may see: a department its own batches, whoever reads the registry all of the area."""
    if reads_registry(db.principal):
        return wanted
    return wanted.where(Comparison.owner == db.principal.subject)
