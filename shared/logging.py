"""JSON logs: an event name, fields, the trace id. Never a body, a query string, or a person's number."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.telemetry import current_trace_id

# The last wall, not the first: code logs ids only, but a driver's error text may quote a value. Numbers of identity
# cards of both kinds, of bank cards (ISO/IEC 7812: up to nineteen digits), of phones.
_PRIVATE = re.compile(r"(?<![0-9A-Fa-f-])(\d{17}[Xx]|\d{15,19}|1[3-9]\d{9})(?![0-9A-Za-z-])")
# Where PostgreSQL quotes the row that it refused, and its driver a value that it cannot send: to the end of what they
# say, for a remark in that row may have several lines.
_QUOTED = re.compile(
    r"(DETAIL:|query argument \$\d+:).*?(?=\n(?:HINT:|\[SQL|\(Background on|The above exception|During handling)|\Z)",
    re.DOTALL,
)


def configure(service: str, level: str = "INFO") -> None:
    """Send this process's logs, and those of its libraries, to standard error as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace,
        structlog.processors.format_exc_info,
        _without_pii,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.JSONRenderer(
        serializer=lambda value, **_: orjson.dumps(value, default=str).decode()
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # Libraries speak up when something is wrong; the house also says what it does.
    for room in ("shared", "services", "gateway", "deploy"):
        logging.getLogger(room).setLevel(level)
    # Access is logged by the gateway with the caller and without the query string, which may hold a name.
    logging.getLogger("uvicorn.access").disabled = True
    structlog.contextvars.bind_contextvars(service=service)


def log(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger for one module."""
    return structlog.stdlib.get_logger(name)


def mask_private(text: str) -> str:
    """Blank what may be private in text that we did not write ourselves: rows, identity numbers, phones."""
    return _PRIVATE.sub("[…]", _QUOTED.sub(r"\1 […]", text))


def _trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if trace_id := current_trace_id():
        event["trace_id"] = trace_id
    return event


def _without_pii(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    return mask_private(value) if isinstance(value, str) else value
