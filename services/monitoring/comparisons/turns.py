"""Turns: a department's batches one after the other, those of several departments by rounds."""

from __future__ import annotations

from sqlalchemy import text

from services.monitoring.batches.model import Comparison
from shared.database import Reader, Writer

JOB = "monitoring.comparison"
#: The turn that is being served, or else comes next, as the queue has it, which knows of all counties: where it is
#: empty, turns begin anew. And the last of those that this department has waiting.
_TURNS = text(
    """
    SELECT (SELECT coalesce(max(-priority) FILTER (WHERE status = 'picked'), min(-priority), 0)
            FROM pgqueuer WHERE entrypoint = :job) AS served,
        (SELECT coalesce(max(turn), -1) FROM comparison batch JOIN job ON job.id = batch.job_id
            WHERE batch.owner = :owner AND state IN ('queued', 'running')) AS own
    """
)
_OTHERS_WAIT = text(
    """
    SELECT bool_or(batch.owner = :owner AND job.state = 'running' AND batch.turn < :turn)
        AND bool_or(batch.owner <> :owner AND job.state = 'queued')
    FROM job JOIN comparison batch ON batch.job_id = job.id
    WHERE job.name = :job AND job.state IN ('queued', 'running')
    """
)


async def next_turn(db: Writer, owner: str) -> int:
    """Return the turn of a department's new batch: the first of them is that which is being served now.

    So whoever has fifty waiting does not hold up whoever has one.
    """
    (turns,) = await db.rows(_TURNS, {"owner": owner, "job": JOB})
    return int(max(turns.served, turns.own + 1))


async def keeps_others_waiting(db: Reader, batch: Comparison) -> bool:
    """Tell whether a batch runs beside an earlier one of its own department, and others wait for a place.

    Two large files that nobody waited behind when they began would hold up all others for as long as they take.
    """
    own = {"owner": batch.owner, "turn": batch.turn, "job": JOB}
    return bool(await db.scalar(_OTHERS_WAIT, own))
