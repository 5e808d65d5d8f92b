"""Counting figures and tracing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, any_, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlmodel import SQLModel, col

from services.reporting.figures.definitions import REPORTS, Figure, Report
from services.reporting.figures.errors import MomentNotCome, UnknownDimension, UnknownFigure
from services.reporting.figures.schemas import (
    Column,
    FigureRow,
    Figures,
    FiguresQuery,
    Trace,
    Traced,
    TraceQuery,
)
from services.reporting.projections.model import FOREVER, CampaignFact, Division, HouseholdFact, VisitFact
from shared import clock
from shared.database import Reader, inside
from shared.database.paging import cut, decode_cursor

_DIGITS = {"county": 6, "town": 9, "village": 12}
_LEVELS = {"county": ("county",), "town": ("town", "park"), "village": ("village",)}


async def figures_of(db: Reader, report_name: str, query: FiguresQuery) -> Figures:
    """Count a report's figures, one statement for each table that they come from."""
    report, moment = REPORTS[report_name], _moment(db, query)
    split_table, dimension = _dimension(report, query.dimension)
    figures = [figure for figure in report.figures if split_table in (None, figure.model)]
    asked = _Asked(query, moment, await _due(db, query, moment))
    found: dict[tuple[str, str | None], dict[str, int]] = defaultdict(dict)
    for model, of_model in groupby(figures, key=lambda figure: figure.model):
        counted = await _count(db, model, list(of_model), dimension, asked)
        for key, numbers in counted.items():
            found[key] |= numbers
    places = await _places(db, asked, [code for code, _ in found])
    if dimension is None:
        # Where there is nothing says so: a row that is missing might be one that nobody sent.
        for place in places:
            if place.is_asked:
                found.setdefault((place.code, None), {})
    names = {place.code: place.name for place in places}
    zeros = {figure.name: 0 for figure in figures}
    rows = [
        FigureRow(division_code=code, division_name=names.get(code), dimension=value, figures=zeros | numbers)
        for (code, value), numbers in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]
    return Figures(
        report=report.name,
        title_zh=report.zh,
        title_en=report.en,
        as_of=moment,
        by=query.by,
        columns=[Column(name=figure.name, zh=figure.zh, en=figure.en) for figure in figures],
        rows=rows,
        total={name: sum(row.figures[name] for row in rows) for name in zeros}
        | await _counted_once(db, figures, dimension, asked),
    )


async def trace_of(db: Reader, report_name: str, query: TraceQuery) -> Trace:
    """Return the aggregates that a figure counts."""
    report, moment = REPORTS[report_name], _moment(db, query)
    figure = next((each for each in report.figures if each.name == query.figure), None)
    if figure is None:
        raise UnknownFigure
    table: Any = figure.model
    asked = _Asked(query, moment, await _due(db, query, moment))
    # What is counted once is listed once: its first row.
    key = table.id if figure.distinct is None else figure.distinct
    amount = literal(1) if figure.total is None else figure.total
    wanted = asked.of(select(key, table.id, table.sequence, table.division_code, amount), table)
    wanted = wanted.where(figure.condition(clock.date_of(moment)))
    split_table, dimension = _dimension(report, query.dimension)
    if split_table is table and query.value is not None:
        wanted = wanted.where(dimension == query.value)
    if query.cursor:
        wanted = wanted.where(key > decode_cursor(query.cursor, [UUID])[0])
    wanted = wanted.ext(distinct_on(key)).order_by(key, table.id).limit(query.limit + 1)
    page = cut(await db.rows(wanted), query.limit, lambda last: [last[0]])
    items = [
        Traced(id=row, sequence=sequence, division_code=code, amount=number)
        for _, row, sequence, code, number in page.items
    ]
    return Trace(figure=figure.name, as_of=moment, items=items, next=page.next)


def _moment(db: Reader, query: FiguresQuery) -> datetime:
    if query.as_of and query.as_of > db.now:
        raise MomentNotCome
    return query.as_of or db.now


async def _count(
    db: Reader,
    model: type[SQLModel],
    figures: list[Figure],
    dimension: ColumnElement[str] | None,
    asked: _Asked,
) -> dict[tuple[str, str | None], dict[str, int]]:
    table: Any = model
    division = func.rpad(func.left(col(table.division_code), _DIGITS[asked.query.by]), 12, "0")
    on = clock.date_of(asked.moment)
    keys = [division] if dimension is None else [division, dimension]
    counted = asked.of(select(*keys, *(figure.expression(on) for figure in figures)), table)
    rows = await db.rows(counted.group_by(*keys))
    names = [figure.name for figure in figures]
    return {
        (row[0], None if dimension is None else row[1]): dict(zip(names, row[len(keys) :], strict=True))
        for row in rows
    }


async def _counted_once(
    db: Reader, figures: list[Figure], dimension: ColumnElement[str] | None, asked: _Asked
) -> dict[str, int]:
    """Return totals that are no sums: what has two values of the dimension is in two rows, and is one all the same."""
    once = [figure for figure in figures if figure.distinct is not None]
    if dimension is None or not once:
        return {}
    on = clock.date_of(asked.moment)
    counted = asked.of(select(*(figure.expression(on) for figure in once)), once[0].model)
    return dict(zip((figure.name for figure in once), (await db.rows(counted))[0], strict=True))


@dataclass(frozen=True)
class _Asked:
    """What is counted: at a moment, in a place, of a campaign."""

    query: FiguresQuery
    moment: datetime
    #: What holds of the households that are due.
    due: ColumnElement[bool]

    def of(self, statement: Select[Any], table: Any) -> Select[Any]:
        """Limit a statement to that."""
        query = self.query
        statement = statement.where(_valid(table, query, self.moment))
        if query.division:
            statement = statement.where(inside(table.division_code, query.division))
        if query.campaign_id and hasattr(table, "campaign_id"):
            statement = statement.where(col(table.campaign_id) == query.campaign_id)
        return statement.where(self.due) if table is HouseholdFact else statement


def _valid(table: Any, query: FiguresQuery, moment: datetime) -> ColumnElement[bool]:
    """Return what holds of a table's rows as of the moment that was asked for, or else of now."""
    if query.as_of is None:
        return col(table.valid_to) == FOREVER
    return and_(col(table.valid_from) <= moment, col(table.valid_to) > moment)


async def _due(db: Reader, query: FiguresQuery, moment: datetime) -> ColumnElement[bool]:
    """Return what holds of the households that are due, as inspection counts them: where somebody lives.

    Of a campaign those that it is about, and whoever was visited, even if they are gone since.
    """
    # Who have died, moved away or been merged leave a household behind where there is nobody to visit.
    lived_in = col(HouseholdFact.members) > 0
    of_campaign = select(CampaignFact).where(
        col(CampaignFact.id) == query.campaign_id, _valid(CampaignFact, query, moment)
    )
    campaign = await db.first(of_campaign) if query.campaign_id else None
    if campaign is None:
        return lived_in
    places = [inside(HouseholdFact.division_code, division) for division in campaign.divisions]
    kinds = col(HouseholdFact.kind).in_(campaign.kinds) if campaign.kinds else true()
    visited = select(col(VisitFact.household_id)).where(
        col(VisitFact.campaign_id) == campaign.id, _valid(VisitFact, query, moment)
    )
    about = and_(lived_in, or_(*places) if places else true(), kinds)
    return or_(about, col(HouseholdFact.id).in_(visited))


def _dimension(report: Report, name: str | None) -> tuple[type[SQLModel] | None, Any]:
    """Return the table that can be split by the dimension, and the expression to split by."""
    if name is None:
        return None, None
    if name not in report.dimensions:
        raise UnknownDimension(", ".join(report.dimensions))
    return report.dimensions[name]


async def _places(db: Reader, asked: _Asked, codes: Sequence[str]) -> Sequence[Any]:
    """Return the divisions that figures were found of, and those that they were asked of; ``is_asked`` tells which."""
    query, on = asked.query, clock.date_of(asked.moment)
    code = col(Division.code)
    is_asked = and_(
        col(Division.level).in_(_LEVELS[query.by]),
        inside(code, query.division) if query.division else true(),
        or_(false(), *(and_(code >= low, code < high) for low, high in db.principal.ranges)),
        func.coalesce(col(Division.valid_from), on) <= on,
        func.coalesce(col(Division.valid_until) > on, true()),
    )
    found_of = code == any_(literal(codes, ARRAY(String)))
    return await db.rows(
        select(code, col(Division.name), is_asked.label("is_asked")).where(or_(found_of, is_asked))
    )
