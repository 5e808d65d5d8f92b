"""Figures of jobs, for ``/metrics``: told by the bulk process to its worker, which is the one that is asked."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from prometheus_client import Counter, Histogram

RUNS = Counter("fangfan_job_runs", "Runs of jobs, by how they ended", ["service", "job", "ended"])
SECONDS = Histogram(
    "fangfan_job_seconds", "Duration of a run", ["service", "job"], buckets=(0.1, 1, 5, 30, 120, 600, 3600)
)

#: Job, how the run ended (``succeeded``, ``failed``, ``retried``, ``interrupted``), seconds.
Report = Callable[[str, str, float], None]


def line_of(job: str, ended: str, seconds: float) -> bytes:
    """Return a run as a line of the pipe between the two processes."""
    return orjson.dumps([job, ended, seconds], option=orjson.OPT_APPEND_NEWLINE)


def observe(service: str, line: bytes) -> None:
    """Count a run that the bulk process told of."""
    job, ended, seconds = orjson.loads(line)
    RUNS.labels(service, job, ended).inc()
    SECONDS.labels(service, job).observe(seconds)
