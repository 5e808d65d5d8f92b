"""Taking a batch in."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.comparisons.catalog import Dataset
from services.monitoring.comparisons.model import Comparison
from shared.database import Writer
from shared.jobs import enqueue
from shared.keys import uuid7
from shared.refusal import Invalid
from shared.web import Upload


async def take_in(db: Writer, dataset: Dataset, period: str, upload: Upload) -> Comparison:
    """Ask for the comparison of a batch; the newest batch of a period sent again is the batch that it was then."""
    owner = db.principal.subject
    newest = await db.first(
        select(Comparison)
        .where(Comparison.dataset == dataset.code, Comparison.period == period, Comparison.owner == owner)
        .where(Comparison.digest == upload.digest, col(Comparison.superseded_by).is_(None))
    )
    if newest is not None and not await _failed(db, newest):
        upload.path.unlink(missing_ok=True)
        return newest
    if len(db.principal.areas) != 1:
        raise Invalid("a department of one county sends a batch", zh_detail="请以单一县域身份报送")
    batch = newest or Comparison(
        id=uuid7(),
        dataset=dataset.code,
        period=period,
        owner=owner,
        owner_name=db.principal.name,
        digest=upload.digest,
        filename=upload.filename,
        division_code=db.principal.areas[0],
        requested_at=db.now,
    )
    db.add(batch)
    await db.flush()
    payload = {
        "comparison_id": str(batch.id),
        "dataset": dataset.code,
        "path": str(upload.path),
        "kind": upload.kind,
    }
    batch.job_id = await enqueue(db, "monitoring.comparison", payload, division_code=batch.division_code)
    await db.flush()
    return batch


async def _failed(db: Writer, known: Comparison) -> bool:
    """Tell whether a batch came to nothing, so that sending its file again is a new attempt."""
    return (
        await db.scalar(text("SELECT state = 'failed' FROM job WHERE id = :id"), {"id": known.job_id}) is True
    )
