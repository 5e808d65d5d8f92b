"""Shapes of figures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.domain.division import DivisionCode
from shared.domain.moment import Moment

Level = Literal["county", "town", "village"]
ReportName = Literal["progress", "findings", "monitored", "measures", "comparisons"]


class FiguresQuery(BaseModel):
    """What to count, where, how finely, and at which moment."""

    #: Within this division; by default all that the caller may see.
    division: DivisionCode | None = None
    by: Level = "town"
    #: Split by this as well, such as ``area`` of findings.
    dimension: str | None = None
    campaign_id: UUID | None = None
    as_of: Moment | None = None


class TraceQuery(FiguresQuery):
    """A figure of a report, to be traced."""

    figure: str
    #: One value of ``dimension``.
    value: str | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    cursor: str | None = None


class Column(BaseModel):
    """A figure's name and labels."""

    name: str
    zh: str
    en: str


class FigureRow(BaseModel):
    """The figures of one division, or of one value of the dimension in it."""

    division_code: str
    division_name: str | None
    dimension: str | None = None
    figures: dict[str, int]


class Figures(BaseModel):
    """A report's figures at a moment."""

    report: str
    title_zh: str
    title_en: str
    as_of: datetime
    by: Level
    columns: list[Column]
    rows: list[FigureRow]
    total: dict[str, int]


class Traced(BaseModel):
    """One aggregate behind a figure, in the version that was counted.

    Of what a figure counts once however often it is there, such as a household that was visited, the first.
    """

    id: UUID
    sequence: int
    division_code: str
    #: What it adds to the figure, which is the sum of all amounts.
    amount: int


class Trace(BaseModel):
    """A page of the aggregates that a figure counts; ``next`` is the cursor of the following one, or null."""

    figure: str
    as_of: datetime
    items: list[Traced]
    next: str | None = None
