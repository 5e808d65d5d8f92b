"""Questions to stability reviews."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select as select_columns, text
from sqlmodel import col, select

from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.queries import households_of, names_of
from services.monitoring.rulebook.queries import rules
from services.monitoring.stability_reviews.errors import ReviewUnfinished
from services.monitoring.stability_reviews.model import ReviewedObject, StabilityReview, Verdict
from services.monitoring.stability_reviews.schemas import (
    PlaceVerdicts,
    ReviewedView,
    ReviewLine,
    ReviewReport,
    RuleCount,
)
from shared.database import Page, PageQuery, Reader
from shared.domain.division import width_below
from shared.web.language import Language

_PLACES = text(
    """
    SELECT rpad(left(division_code, :width), 12, '0') AS division_code,
        count(*) FILTER (WHERE verdict = 'stable') AS stable,
        count(*) FILTER (WHERE verdict = 'doubtful') AS doubtful, count(*) FILTER (WHERE verdict = 'unknown') AS unknown
    FROM reviewed_object WHERE review_id = :review GROUP BY 1 ORDER BY 1
    """
)
_NOW = text(
    """
    SELECT count(*) FILTER (WHERE o.status = 'retag_candidate') AS candidates,
        count(*) FILTER (WHERE o.open_risks <> '{}') AS retagged
    FROM reviewed_object r JOIN monitored_object o ON o.id = r.monitored_id
    WHERE r.review_id = :review AND r.verdict = 'doubtful'
    """
)
_BY_RULE = text(
    """
    SELECT hit ->> 'rule' AS rule, count(DISTINCT monitored_id) AS objects
    FROM reviewed_object, jsonb_array_elements(hits) AS hit WHERE review_id = :review GROUP BY 1 ORDER BY 2 DESC, 1
    """
)


async def list_reviews(db: Reader, page: PageQuery) -> Page[ReviewLine]:
    """List reviews, oldest first."""
    found = await db.page(select(StabilityReview), order=[col(StabilityReview.id)], page=page)
    return found.each(ReviewLine.of)


async def report_of(db: Reader, review_id: UUID, language: Language) -> ReviewReport:
    """Return a review's report: of the caller's area, and where its objects stand by now."""
    review = await _finished(db, review_id)
    asked = {"review": review_id}
    places = await db.rows(_PLACES, asked | {"width": width_below(review.division_code)})
    names, known = await names_of(db, [place.division_code for place in places]), await rules(db)
    ((candidates, retagged),) = await db.rows(_NOW, asked)
    shown = [
        PlaceVerdicts(**place._mapping, division_name=names.get(place.division_code))  # noqa: SLF001 - documented name
        for place in places
    ]
    totals = {
        name: sum(getattr(place, name) for place in shown) for name in ("stable", "doubtful", "unknown")
    }
    return ReviewReport(
        **ReviewLine.of(review).model_dump(),
        **totals,
        reviewed=sum(totals.values()),
        candidates=candidates,
        retagged=retagged,
        places=shown,
        by_rule=[
            RuleCount(
                rule=rule, title=getattr(known[rule], language) if rule in known else rule, objects=objects
            )
            for rule, objects in await db.rows(_BY_RULE, asked)
        ],
        rules=review.rules,
    )


async def objects_of(
    db: Reader, review_id: UUID, verdict: list[Verdict], page: PageQuery, language: Language
) -> Page[ReviewedView]:
    """List what a review said of objects, with the reasons."""
    await _finished(db, review_id)
    wanted = select(ReviewedObject).where(ReviewedObject.review_id == review_id)
    if verdict:
        wanted = wanted.where(col(ReviewedObject.verdict).in_(verdict))
    found = await db.page(wanted, order=[ReviewedObject.monitored_id], page=page)
    households = await households_of(db, [row.household_id for row in found.items])
    states = await db.rows(
        select_columns(col(MonitoredObject.id), col(MonitoredObject.status)).where(
            col(MonitoredObject.id).in_([row.monitored_id for row in found.items])
        )
    )
    status, known = {row.id: row.status for row in states}, await rules(db)
    return found.each(
        lambda row: ReviewedView.of(
            row, households.get(row.household_id), status.get(row.monitored_id), known, language
        )
    )


async def _finished(db: Reader, review_id: UUID) -> StabilityReview:
    review = await db.get(StabilityReview, review_id)
    if review.finished_at is None:
        raise ReviewUnfinished
    return review
