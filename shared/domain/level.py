"""At whose table something lies."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """A table, from the lowest up; what is overdue goes one up (逐级督办)."""

    VILLAGE = "village"
    TOWN = "town"
    COUNTY = "county"
