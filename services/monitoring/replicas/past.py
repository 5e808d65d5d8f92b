"""The registry as it was: what a question reads instead of the replicas."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class Registry(NamedTuple):
    """Relations of the shapes of ``household_replica`` and ``person_replica``, and what they need before them."""

    households: str
    persons: str
    #: Common table expressions, each with a comma behind it.
    before: str
    parameters: dict[str, Any]


NOW = Registry("household_replica", "person_replica", "", {})

_THEN = """
    household_then AS MATERIALIZED (
        SELECT * FROM household_replica WHERE told_at <= :moment
        UNION ALL
        SELECT kept.* FROM household_past past, jsonb_populate_record(NULL::household_replica, past.household) kept
        WHERE past.told_at <= :moment AND past.until_at > :moment),
    person_then AS MATERIALIZED (
        SELECT p.* FROM person_replica p JOIN household_replica h ON h.id = p.household_id WHERE h.told_at <= :moment
        UNION ALL
        SELECT kept.* FROM household_past past, jsonb_populate_recordset(NULL::person_replica, past.persons) kept
        WHERE past.told_at <= :moment AND past.until_at > :moment),
    """


def registry_at(moment: datetime | None) -> Registry:
    """Return the registry as monitoring knew it at a moment, or now."""
    if moment is None:
        return NOW
    return Registry("household_then", "person_then", _THEN, {"moment": moment})
