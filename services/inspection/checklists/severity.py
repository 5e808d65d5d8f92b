"""How grave a failed item is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How grave a failed item is."""

    GENERAL = "general"
    SERIOUS = "serious"
    CRITICAL = "critical"
