"""Visits that could not be taken: kept, so that what an officer wrote down at a door is not lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.replicas.model import Household
from services.inspection.visits.commands import Outcome
from services.inspection.visits.errors import VisitIdReused
from services.inspection.visits.model import RefusedVisit
from shared.database import Page, PageQuery, Reader, Writer, inside
from shared.keys import uuid7
from shared.refusal import Refusal
from shared.web.problems import problem_of


async def keep_refused(
    db: Writer, campaign_id: UUID, sent: Sequence[Any], outcomes: Sequence[Outcome]
) -> None:
    """Keep what was refused of a batch, and drop what was refused before and is settled by it."""
    answered = list(zip(sent, outcomes, strict=True))
    # A second visit under an id that is taken does not settle the first.
    settled = [_id_in(raw, "id") for raw, outcome in answered if not isinstance(outcome, VisitIdReused)]
    refused = [(raw, outcome) for raw, outcome in answered if isinstance(outcome, Refusal)]
    places = await _places(db, campaign_id, [raw for raw, _refusal in refused])
    rows = [
        _row(db, campaign_id, raw, refusal) | place
        for (raw, refusal), place in zip(refused, places, strict=True)
    ]
    await drop_settled(db, campaign_id, settled, still={row["digest"] for row in rows})
    if rows:
        # Sent again unchanged it is the same, and stays dismissed if it was.
        known = insert(RefusedVisit).on_conflict_do_nothing(index_elements=["campaign_id", "digest"])
        await db.execute(known, rows)


async def drop_settled(
    db: Writer, campaign_id: UUID, visit_ids: Iterable[UUID | None], *, still: Collection[bytes] = ()
) -> None:
    """Drop what was refused under these ids and waits, but for what is refused again as it was."""
    await db.execute(
        delete(RefusedVisit).where(
            col(RefusedVisit.campaign_id) == campaign_id,
            col(RefusedVisit.visit_id).in_([key for key in visit_ids if key]),
            col(RefusedVisit.digest).not_in(still),
            col(RefusedVisit.dismissed_by).is_(None),
        )
    )


async def page_of_refused(
    db: Reader, campaign_id: UUID, *, division: str | None, dismissed: bool, page: PageQuery
) -> Page[RefusedVisit]:
    """Return refused visits in the order of their ids."""
    wanted = select(RefusedVisit).where(
        col(RefusedVisit.campaign_id) == campaign_id, col(RefusedVisit.dismissed_by).is_not(None) == dismissed
    )
    if division:
        wanted = wanted.where(inside(RefusedVisit.division_code, division))
    return await db.page(wanted, order=[col(RefusedVisit.id)], page=page)


async def dismiss_refused(db: Writer, campaign_id: UUID, refused_id: UUID, reason: str) -> RefusedVisit:
    """Leave a refused visit out for good."""
    refused = await db.one(
        select(RefusedVisit)
        .where(col(RefusedVisit.campaign_id) == campaign_id, col(RefusedVisit.id) == refused_id)
        .with_for_update()
    )
    refused.dismiss(by=db.principal.name, why=reason)
    await db.flush()
    return refused


async def _places(db: Writer, campaign_id: UUID, sent: Sequence[Any]) -> list[dict[str, Any]]:
    """Return where each belongs: to its household and village, or where that is not known, to the sender's area."""
    if not sent:
        return []
    ids = [_id_in(raw, "household_id") for raw in sent]
    homes = await db.all(select(Household).where(col(Household.id).in_([key for key in ids if key])))
    codes = {home.id: home.division_code for home in homes}
    own = (*db.principal.areas, (await db.get(Campaign, campaign_id)).division_code)[0]
    return [
        {"household_id": key, "division_code": codes[key]}
        if key in codes
        else {"household_id": None, "division_code": own}
        for key in ids
    ]


def _row(db: Writer, campaign_id: UUID, raw: Any, refusal: Refusal) -> dict[str, Any]:
    body = json.dumps(raw, sort_keys=True).encode("ascii")
    return {
        "id": uuid7(),
        "campaign_id": campaign_id,
        "visit_id": _id_in(raw, "id"),
        "digest": hashlib.sha256(body).digest(),
        "body": body,
        "problem": problem_of(refusal, "zh").model_dump(mode="json", exclude={"trace_id"}),
        "refused_at": db.now,
        "sent_by": db.principal.name,
    }


def _id_in(raw: Any, name: str) -> UUID | None:
    value = raw.get(name) if isinstance(raw, dict) else None
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
