"""Proposing corrections to the registry, and taking its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import orjson
from sqlalchemy import text

from services.inspection.corrections.model import Correction
from services.inspection.visits.model import Visit
from shared.contracts.household import CorrectionDecision
from shared.contracts.inspection import CorrectionsProposed, ProposedCorrection
from shared.database import Writer

# An older answer that comes later changes nothing.
_ANSWER = text(
    """
    UPDATE correction SET status = said.status, reason = said.reason, note = said.note,
        decided_by = said.decided_by, sequence = said.version
    FROM jsonb_to_recordset(CAST(:said AS jsonb))
        AS said (id uuid, status text, reason text, note text, decided_by text, version integer)
    WHERE correction.id = said.id AND correction.sequence < said.version
    """
)


async def propose(db: Writer, visits: Iterable[Visit], found: Mapping[UUID, Sequence[Correction]]) -> None:
    """Keep what visits found to be otherwise, and tell the registry: one event a visit that found something."""
    finders = [visit for visit in visits if found[visit.id]]
    db.add(*(correction for visit in finders for correction in found[visit.id]))
    await db.flush()
    by = db.principal.subject
    db.record(*(_told(visit, found[visit.id], by=by) for visit in finders))


async def take_decisions(db: Writer, decisions: Iterable[CorrectionDecision]) -> None:
    """Keep the newest that the registry said to each correction."""
    newest = {each.id: each for each in sorted(decisions, key=lambda each: each.version)}
    said = [each.model_dump(mode="json") for each in newest.values()]
    await db.execute(_ANSWER, {"said": orjson.dumps(said).decode()})


def _told(visit: Visit, corrections: Sequence[Correction], *, by: str) -> CorrectionsProposed:
    return CorrectionsProposed(
        id=visit.id,
        division_code=visit.division_code,
        version=visit.version,
        household_id=visit.household_id,
        visited_at=visit.visited_at,
        officer=visit.officer,
        proposed_by=by,
        corrections=tuple(
            ProposedCorrection.model_validate(each, from_attributes=True) for each in corrections
        ),
    )
