"""What the registry decided on the corrections that batches proposed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import ComparisonCorrection
from services.monitoring.comparisons.queries import get_batch
from services.monitoring.comparisons.schemas import ProposalView
from services.monitoring.replicas.queries import names_of_persons
from shared.contracts.household import CorrectionsDecided
from shared.database import Page, PageQuery, Reader, Writer

#: Of the sources of a correction, ours.
_OURS = "comparison"
# An older decision that comes later changes nothing.
_DECIDE = text(
    """
    UPDATE comparison_correction proposal SET status = said.status, reason = said.reason, note = said.note,
        decided_by = said.decided_by, sequence = said.version
    FROM jsonb_to_recordset(CAST(:said AS jsonb))
        AS said (id uuid, status text, reason text, note text, decided_by text, version integer)
    WHERE proposal.id = said.id AND proposal.sequence < said.version
    """
)


async def take_decisions(db: Writer, answers: Iterable[CorrectionsDecided]) -> None:
    """Keep the newest that the registry said to each proposal."""
    decisions = [each for answer in answers if answer.source == _OURS for each in answer.decisions]
    newest = {each.id: each for each in sorted(decisions, key=lambda each: each.version)}
    if newest:
        said = [each.model_dump(mode="json") for each in newest.values()]
        await db.execute(_DECIDE, {"said": orjson.dumps(said).decode()})


async def proposals_of(
    db: Reader, comparison_id: UUID, page: PageQuery, status: list[str]
) -> Page[ProposalView]:
    """List what a batch proposed to the registry, and what became of it."""
    await get_batch(db, comparison_id)
    wanted = select(ComparisonCorrection).where(ComparisonCorrection.comparison_id == comparison_id)
    if status:
        wanted = wanted.where(col(ComparisonCorrection.status).in_(status))
    found = await db.page(wanted, order=[col(ComparisonCorrection.id)], page=page)
    persons = [(each.household_id, each.member_id) for each in found.items if each.member_id]
    names = await names_of_persons(db, persons)
    return found.with_items([ProposalView.of(each, names) for each in found.items])
