"""Figures of the bus, for ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

PENDING = Gauge("fangfan_outbox_pending", "Messages that wait to be published", ["service"])
PUBLISHED = Counter("fangfan_events_published", "Events that the bus confirmed", ["service"])
HANDLED = Counter("fangfan_events_handled", "Events handled, for the first time each", ["service"])
FAILED = Counter("fangfan_events_failed", "Attempts to handle an event that failed", ["service"])
DEAD = Counter("fangfan_events_dead", "Events put aside after their last attempt", ["service"])
HANDLING = Histogram("fangfan_handling_seconds", "Time to handle one micro-batch", ["service"])
