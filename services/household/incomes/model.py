"""Yearly statements of income."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed, Recorded


def _spent() -> Any:
    return Field(default=Decimal(0), sa_column=Column(Numeric(14, 2), server_default="0", nullable=False))


class Income(Row, Identified, Placed, Recorded, table=True):
    """A yearly statement of income (家庭收入), yuan for the whole household."""

    __table_args__ = (
        Index("uq_income_household_id_year", "household_id", "year", unique=True),
        {"info": {"root": "household_id"}},
    )

    household_id: UUID
    year: int
    wage: Decimal = Field(sa_type=Numeric(14, 2))
    business: Decimal = Field(sa_type=Numeric(14, 2))
    property: Decimal = Field(sa_type=Numeric(14, 2))
    transfer: Decimal = Field(sa_type=Numeric(14, 2))
    production_cost: Decimal = Field(sa_type=Numeric(14, 2))
    #: People who share it (共同生活人口).
    sharers: int
    #: Per-capita net income (人均纯收入).
    per_capita: Decimal = Field(sa_type=Numeric(14, 2))
    #: ``{kind, amount, note}``: what the totals are made of, as far as it was said.
    lines: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, server_default=text("'[]'"), nullable=False)
    )
    #: Insurance and other payments for a loss (理赔收入).
    compensation: Decimal = _spent()
    # Rigid expenditure (刚性支出), of the household's own pocket.
    spent_medical: Decimal = _spent()
    spent_schooling: Decimal = _spent()
    spent_accident: Decimal = _spent()
    spent_disaster: Decimal = _spent()
    spent_housing: Decimal = _spent()
