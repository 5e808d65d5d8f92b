"""Figures of the bus, for ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

PENDING = Gauge("fangfan_outbox_pending", "Messages that wait to be published", ["service"])
OLDEST = Gauge(
    "fangfan_outbox_age_seconds", "Age of the oldest message that waits to be published", ["service"]
)
QUEUED = Gauge("fangfan_queue_messages", "Messages on the bus that no worker was given yet", ["service"])
LAG = Gauge(
    "fangfan_lag_seconds",
    "Age of the oldest event that was given to the service and is not put to rest; 0 where none is",
    ["service", "source"],
)
NEWEST = Gauge(
    "fangfan_newest_handled_timestamp_seconds",
    "When the newest handled event happened",
    ["service", "source"],
)
PUBLISHED = Counter("fangfan_events_published", "Events that the bus confirmed", ["service"])
HANDLED = Counter("fangfan_events_handled", "Events handled, for the first time each", ["service"])
FAILED = Counter("fangfan_events_failed", "Attempts to handle an event that failed", ["service"])
DEAD = Counter(
    "fangfan_events_dead",
    "Events put aside: after their last attempt, or larger than the bus takes",
    ["service"],
)
HANDLING = Histogram("fangfan_handling_seconds", "Time to handle one micro-batch", ["service"])
