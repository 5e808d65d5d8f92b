"""Shapes of self-inspection reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.reporting.figures.schemas import Figures
from shared.domain.division import DivisionCode
from shared.domain.moment import Moment


class NewSelfInspection(BaseModel):
    """A report to make."""

    campaign_id: UUID
    #: A town, a park or the county.
    division_code: DivisionCode
    #: 下一步工作安排: what the unit itself plans; sentences from the figures come before it.
    next_steps: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(max_length=30)
    ] = []
    as_of: Moment | None = None


class CampaignInReport(BaseModel):
    """The campaign that the report is about."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date


class Section(BaseModel):
    """A section that the plan asks for: its heading and its paragraphs."""

    title: str
    paragraphs: list[str]


class SelfInspectionContent(BaseModel):
    """All that a report says. The three sections are those of the county's plan, part four."""

    division_code: str
    division_name: str
    campaign: CampaignInReport
    as_of: datetime
    sections: list[Section]
    progress: Figures
    findings: Figures
    monitored: Figures
    measures: Figures
    comparisons: Figures


class SelfInspectionView(BaseModel):
    """A report and its content."""

    id: UUID
    division_code: str
    campaign_id: UUID
    as_of: datetime
    made_by: str
    content: SelfInspectionContent


class SelfInspectionLine(BaseModel):
    """A report in a list."""

    id: UUID
    division_code: str
    campaign_id: UUID
    as_of: datetime
    made_by: str
