"""Queued, scheduled and bulk work: enqueued with the change that asks for it, done in a process of its own.

PgQueuer keeps the queue, in the service's own database; the table ``job`` is what people see of it, and what
counts: a job that is unfinished there is in the queue, or put back when the process starts.
"""

from shared.jobs.definition import Job, JobRun, Schedule
from shared.jobs.queue import enqueue

__all__ = ["Job", "JobRun", "Schedule", "enqueue"]
