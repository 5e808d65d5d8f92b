"""Taking a batch in: as a file, or page after page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, Mode, counts
from services.monitoring.comparisons import errors
from services.monitoring.comparisons.queries import find_failure
from services.monitoring.comparisons.supersession import one_at_a_time
from services.monitoring.comparisons.turns import JOB, next_turn
from services.monitoring.datasets.catalog import Dataset
from shared.database import Writer
from shared.jobs import enqueue
from shared.keys import uuid7
from shared.sheets.returning import is_returned
from shared.web import Upload

#: A batch that came later and is still on its way: it would take the place of the earlier one.
_OVERTAKEN = text(
    """
    SELECT later.id FROM comparison batch
    JOIN comparison later USING (dataset, period, owner, mode) JOIN job ON job.id = later.job_id
    WHERE batch.id = :id AND later.job_id > batch.job_id AND job.state IN ('queued', 'running')
    """
)
#: Whether a batch was sent as a report of nobody: its rows tell, before it has been compared its job. Of one that came
#: to nothing so long ago that its job is forgotten, either may have been meant.
_OF_NOBODY = text(
    """
    CASE WHEN finished_at IS NOT NULL THEN rows = 0 ELSE coalesce(
        (SELECT CAST(payload ->> 'nobody' AS boolean) FROM job WHERE job.id = comparison.job_id), :nobody
    ) END = :nobody
    """
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch is about, and what it is sent for: by somebody who may send it (``senders``)."""

    dataset: Dataset
    period: str
    mode: Mode = Mode.COMMIT


async def take_in(db: Writer, wanted: Wanted, upload: Upload, *, nobody: bool = False) -> Comparison:
    """Ask for the comparison of a file; the newest batch of a period sent again is the batch that it was then.

    ``nobody``: the file says that there is nobody to tell of (零报告). Said otherwise of the same file than before, it
    is a batch of its own: one of the two will be refused by the rows, and the other one stands.
    """
    # Twice at the same moment is twice: the second waits, and finds the first.
    await one_at_a_time(db, "intake", db.principal.subject)
    newest = await _newest(db, wanted, upload.digest, nobody=nobody)
    # Of one that came to nothing this is a new attempt.
    if newest is not None and await find_failure(db, newest) is None:
        await asyncio.to_thread(upload.path.unlink, missing_ok=True)
        return newest
    if await asyncio.to_thread(is_returned, upload.path, upload.kind):
        await refuse_alone(db, wanted)
    batch = newest or new_batch(db, wanted, filename=upload.filename, digest=upload.digest)
    db.add(batch)
    await queue(db, batch, upload.path, upload.kind, nobody=nobody)
    return batch


def new_batch(db: Writer, wanted: Wanted, *, filename: str, digest: str) -> Comparison:
    """Return a new batch of the caller's."""
    return Comparison(
        id=uuid7(),
        dataset=wanted.dataset.code,
        period=wanted.period,
        mode=wanted.mode,
        owner=db.principal.subject,
        owner_name=db.principal.name,
        digest=digest,
        filename=filename,
        division_code=db.principal.areas[0],
        requested_at=db.now,
    )


async def queue(db: Writer, batch: Comparison, path: Path, kind: str, *, nobody: bool) -> None:
    """Queue a batch in its department's turn."""
    batch.turn = await next_turn(db, batch.owner)
    await db.flush()
    payload = {
        "comparison_id": str(batch.id),
        "dataset": batch.dataset,
        "path": str(path),
        "kind": kind,
        "nobody": nobody,
    }
    batch.job_id = await enqueue(db, JOB, payload, division_code=batch.division_code, priority=-batch.turn)
    await db.flush()


async def refuse_alone(db: Writer, wanted: Wanted) -> None:
    """Refuse rows that were handed back where they would take the place of those that were not."""
    if wanted.mode is Mode.VALIDATE:
        return
    holding = select(Comparison).where(
        Comparison.dataset == wanted.dataset.code,
        Comparison.period == wanted.period,
        Comparison.owner == db.principal.subject,
        col(Comparison.rows) > col(Comparison.invalid),
        *counts(),
    )
    if await db.first(holding) is not None:
        raise errors.RefusedRowsAlone


async def _newest(db: Writer, wanted: Wanted, digest: str, *, nobody: bool) -> Comparison | None:
    """Return the batch that was this file, unless it counts no more or another one has come since."""
    of_period = select(Comparison).where(
        Comparison.dataset == wanted.dataset.code,
        Comparison.period == wanted.period,
        Comparison.owner == db.principal.subject,
        Comparison.mode == wanted.mode,
        col(Comparison.superseded_by).is_(None),
        col(Comparison.withdrawn_at).is_(None),
        # Of one that failed and is being forgotten (``retention``) nothing is taken up again.
        or_(col(Comparison.finished_at).is_not(None), col(Comparison.purged_at).is_(None)),
    )
    if wanted.mode is Mode.VALIDATE:
        # Checked again, the registry may know more by now.
        of_period = of_period.where(col(Comparison.finished_at).is_(None))
    same = of_period.where(Comparison.digest == digest, _OF_NOBODY.bindparams(nobody=nobody))
    found = await db.first(same.order_by(col(Comparison.job_id).desc()))
    if found is None or await db.rows(_OVERTAKEN, {"id": found.id}):
        return None
    return found
