"""Trace context: one id that travels HTTP -> outbox -> message -> log, with or without OpenTelemetry.

OpenTelemetry is off unless ``otlp_endpoint`` is set; W3C trace context is kept either way, since a log line
or a problem report without an id cannot be followed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("fangfan")


def current_traceparent() -> str | None:
    """Return the W3C traceparent of what is being done."""
    return _current.get()


def current_trace_id() -> str | None:
    """Return the 32-digit trace id of what is being done."""
    traceparent = _current.get()
    return traceparent[3:35] if traceparent else None


@contextmanager
def tracing(name: str, traceparent: str | None = None) -> Iterator[str]:
    """Do something under the caller's trace, or under a new one; yields the trace id."""
    known = traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None
    parent = _propagator.extract({"traceparent": known}) if known else None
    # Spans leave the house, and an error's text may quote a person's row: of an error they tell its class.
    with _tracer.start_as_current_span(
        name, context=parent, record_exception=False, set_status_on_exception=False
    ) as span:
        context = span.get_span_context()
        if context.is_valid:
            carried: dict[str, str] = {}
            _propagator.inject(carried)
            own = carried.get("traceparent", known or _new_traceparent())
        else:
            own = known or _new_traceparent()
        token = _current.set(own)
        try:
            yield own[3:35]
        except Exception as error:
            span.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            _current.reset(token)


def export_traces(service: str, endpoint: str | None) -> None:
    """Send spans to an OTLP collector; without an endpoint nothing is recorded."""
    if endpoint is None:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"fangfan-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    trace.set_tracer_provider(provider)


def _new_traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
