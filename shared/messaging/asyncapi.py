"""The bus described: an AsyncAPI 3 document, made from the same models that write and read the events."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import comparisons, household, inspection, monitoring
from shared.contracts.envelope import BATCH_LIMIT, Contract, Event
from shared.messaging.names import CONTENT_TYPE, EXCHANGE

_DESCRIPTION = (
    "What the services tell each other: CloudEvents 1.0 in JSON batches of one type, delivered at least once. "
    "Ignore an event whose `sequence` is not above the one you have of its `subject`."
)
#: Importing a module registers its contracts.
_PUBLISHERS = (household, inspection, monitoring, comparisons)


def published() -> dict[str, type[Contract]]:
    """Return every contract of the published language by wire name, in order."""
    names = {module.__name__ for module in _PUBLISHERS}
    return {
        name: contract for name, contract in sorted(Contract.registry.items()) if contract.__module__ in names
    }


def asyncapi(version: str) -> dict[str, Any]:
    """Return the document; ``version`` is the program's."""
    contracts = published()
    envelopes = {name: Event[contract] for name, contract in contracts.items()}  # type: ignore[valid-type]
    references, definitions = models_json_schema(
        [(envelope, "serialization") for envelope in envelopes.values()],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "防返 Fangfan events",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(name) for name in contracts},
        "operations": {name: _operation(name) for name in contracts},
        "components": {
            "messages": {
                name: _message(contract, references[envelopes[name], "serialization"])
                for name, contract in contracts.items()
            },
            "schemas": definitions["$defs"],
        },
    }


def _channel(name: str) -> dict[str, Any]:
    return {
        "address": name,
        "messages": {"events": {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE, "type": "topic", "durable": True},
            }
        },
    }


def _operation(name: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "tags": [{"name": name.partition(".")[0]}],
    }


def _message(contract: type[Contract], envelope: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": contract.event_type,
        "title": contract.__name__,
        "summary": (contract.__doc__ or "").strip().splitlines()[0],
        "contentType": CONTENT_TYPE,
        "payload": {"type": "array", "minItems": 1, "maxItems": BATCH_LIMIT, "items": envelope},
    }
