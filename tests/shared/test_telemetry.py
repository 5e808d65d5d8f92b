"""Spans: they leave the house, so they say that something failed, and nothing of what it was about."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from shared import telemetry

NUMBER = "340621199003078275"


@pytest.mark.check
def test_a_span_tells_the_class_of_an_error_and_not_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    with pytest.raises(ValueError, match=NUMBER), telemetry.tracing("handle events"):
        raise ValueError(f"DETAIL: Failing row contains (王建国, {NUMBER})")
    [span] = exporter.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert not span.events
    assert NUMBER not in span.to_json()
