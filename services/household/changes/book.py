"""Entering a change: the households are saved, tell of themselves, and each gets its line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.household.changes.family import Family
from services.household.changes.model import Kind, NaturalChange
from services.household.households.changing import save
from services.household.officials.terms import follow
from shared.database import Writer
from shared.keys import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What happened, as whoever enters it says."""

    kind: Kind
    on: date
    reason: str | None = None
    evidence: str | None = None


async def enter(db: Writer, what: Occurrence, *families: Family) -> NaturalChange:
    """Save one household, or both, and write down what happened; returns the first one's line."""
    await save(db, [(family.household, family.members) for family in families])
    operation = uuid7()
    ids = [family.household.id for family in families]
    await follow(db, ids, on=what.on)
    lines = [
        NaturalChange(
            household_id=family.household.id,
            division_code=family.household.division_code,
            operation_id=operation,
            counterpart_id=next((each for each in ids if each != family.household.id), None),
            kind=what.kind,
            happened_on=what.on,
            reason=what.reason,
            evidence=what.evidence,
            persons=family.traces(),
            household_version=family.household.version,
            recorded_by=db.principal.name,
            recorded_at=db.now,
        )
        for family in families
    ]
    db.add(*lines)
    await db.flush()
    return lines[0]
