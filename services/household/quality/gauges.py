"""What the newest run over everything found, for ``/metrics``."""

from __future__ import annotations

from prometheus_client import Gauge
from sqlmodel import col, select

from services.household.quality.catalog import checks
from services.household.quality.model import QualityRun
from services.household.quality.queries import counts_by_check
from shared.assembly import Runtime
from shared.domain.division import NATION
from shared.identity.principal import system

FINDINGS = Gauge(
    "fangfan_quality_findings", "What the newest run over all households found", ["check", "severity"]
)
FINISHED = Gauge("fangfan_quality_finished_seconds", "When that run finished, in seconds of the epoch")


async def show_quality(runtime: Runtime) -> None:
    """Set the gauges from the newest finished run; before the first one they show nothing."""
    async with runtime.database.reading(system("household")) as db:
        newest = await db.first(
            select(QualityRun)
            .where(QualityRun.division == NATION, col(QualityRun.finished_at).is_not(None))
            .order_by(col(QualityRun.started_at).desc())
            .limit(1)
        )
        if newest is None or newest.finished_at is None:
            return
        counts = await counts_by_check(db, newest.id)
    for check in checks():
        FINDINGS.labels(check.code, check.severity).set(counts.get(check.code, 0))
    FINISHED.set(newest.finished_at.timestamp())
