"""``/reports/{progress,findings,monitored,measures,comparisons}`` and what is behind each figure."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from services.reporting.figures.errors import MomentNotCome, UnknownDimension, UnknownFigure
from services.reporting.figures.queries import figures_of, trace_of
from services.reporting.figures.schemas import Figures, FiguresQuery, ReportName, Trace, TraceQuery
from shared.web import Reading, Router, refusals, requires

router = Router(prefix="/reports", tags=["报表 reports"])


@router.get(
    "/{report}",
    dependencies=[requires("reports:read")],
    responses=refusals(UnknownDimension, MomentNotCome),
)
async def figures(db: Reading, report: ReportName, query: Annotated[FiguresQuery, Query()]) -> Figures:
    """Count a report's figures by division, now or as of a past moment."""
    return await figures_of(db, report, query)


@router.get(
    "/{report}/trace",
    dependencies=[requires("reports:read")],
    responses=refusals(UnknownDimension, UnknownFigure, MomentNotCome),
)
async def trace(db: Reading, report: ReportName, query: Annotated[TraceQuery, Query()]) -> Trace:
    """List what a figure counts, so that nobody has to believe a number."""
    return await trace_of(db, report, query)
