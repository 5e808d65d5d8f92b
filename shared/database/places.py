"""Places as conditions: what lies in a division, told by the beginning of its code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

from shared.domain.division import area_range


def inside(column: Any, division: str) -> ColumnElement[bool]:
    """Return what holds where ``column`` is the division or one below it: a range, which an index serves."""
    low, high = area_range(division)
    return (col(column) >= low) & (col(column) < high)


def inside_sql(column: str, division: str) -> str:
    """Return the same condition as text, for a statement that is written out; a code has digits only."""
    low, high = area_range(division)
    return f"({column} >= '{low}' AND {column} < '{high}')"
