"""A batch may be withdrawn: its rows count no more, and what nobody has settled yet of what it told is taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.monitoring.batches.model import Comparison, Mode
from services.monitoring.comparisons import errors
from services.monitoring.comparisons.alerts import raise_alerts
from services.monitoring.comparisons.contradictions import find_contradictions
from services.monitoring.comparisons.job import figures_of, tell_news
from services.monitoring.comparisons.outcomes import recount_alerts
from services.monitoring.comparisons.queries import get_batch, get_finished
from services.monitoring.comparisons.retracting import disown, take_all_back
from services.monitoring.comparisons.supersession import alone_in_county
from services.monitoring.datasets.catalog import datasets
from shared.database import Writer
from shared.identity.principal import system
from shared.jobs import Job, JobRun, enqueue

_SYSTEM = system("monitoring")


async def withdraw(db: Writer, comparison_id: UUID, reason: str, *, version: int) -> tuple[Comparison, UUID]:
    """Withdraw a batch; returns the job that takes back what came of it."""
    batch = await get_batch(db, comparison_id)
    await alone_in_county(db, batch)
    batch.expect(version)
    if batch.mode == Mode.VALIDATE:
        raise errors.OnlyValidated
    await get_finished(db, comparison_id)
    if batch.withdrawn_at is not None:
        raise errors.WithdrawnAlready
    if batch.superseded_by is not None:
        raise errors.CorrectedAlready
    batch.withdrawn_at, batch.withdrawn_by, batch.withdrawal_reason = db.now, db.principal.name, reason
    await db.flush()
    db.record(batch.finished())
    job = await enqueue(
        db, WITHDRAW.name, {"comparison_id": str(batch.id)}, division_code=batch.division_code
    )
    return batch, job


async def run_withdrawal(run: JobRun) -> dict[str, Any]:
    """Let go of what rested on a withdrawn batch: its own, and sums of later months (payload: comparison_id)."""
    comparison_id = UUID(run.payload["comparison_id"])
    async with run.database.writing(_SYSTEM) as db:
        batch = await db.get(Comparison, comparison_id)
        await _let_go(db, batch)
    await tell_news(run, comparison_id)
    reason = f"报送部门撤回数据：{batch.withdrawal_reason}"
    await take_all_back(run.database, _SYSTEM, comparison_id, reason=reason)
    async with run.database.reading(_SYSTEM) as db:
        return figures_of(await db.get(Comparison, comparison_id))


async def _let_go(db: Writer, batch: Comparison) -> None:
    """Ask the rules again of whom it told; as the system, since they may belong to another county by now."""
    await alone_in_county(db, batch)
    await disown(db, batch)
    await raise_alerts(db, batch, datasets()[batch.dataset])
    await recount_alerts(db, [batch.id])
    await find_contradictions(db, batch, datasets()[batch.dataset])


WITHDRAW = Job("monitoring.comparison_withdrawal", run_withdrawal)
