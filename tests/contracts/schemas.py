"""The committed shape of every event, and what may become of it.

``python -m tests.contracts.schemas`` writes the shapes after a contract has grown, and refuses what would break
a reader.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.contracts.envelope import Contract
from shared.messaging.asyncapi import published

HERE = Path(__file__).parent
_SHAPE = ("type", "format", "enum", "const", "items", "anyOf", "$ref", "additionalProperties", "prefixItems")


def schema_of(contract: type[Contract]) -> dict[str, Any]:
    """Return the JSON schema of an event's data, as its readers see it."""
    return contract.model_json_schema(mode="validation")


def committed(name: str) -> dict[str, Any] | None:
    """Return the committed schema of an event type."""
    path = HERE / "schema" / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def breaks(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what old events, or old readers, could not live with; growing by optional fields is fine."""
    found = list(_object_breaks("", before, after))
    for name, definition in before.get("$defs", {}).items():
        now = after.get("$defs", {}).get(name)
        found += [f"{name} is gone"] if now is None else _object_breaks(f"{name}.", definition, now)
    return found


def _object_breaks(prefix: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    fields, now = before.get("properties", {}), after.get("properties", {})
    for name in sorted(fields.keys() - now.keys()):
        yield f"{prefix}{name} is gone"
    for name in sorted(fields.keys() & now.keys()):
        if _shape(fields[name]) != _shape(now[name]):
            yield f"{prefix}{name} has another type"
    for name in sorted(set(after.get("required", [])) - set(before.get("required", []))):
        yield f"{prefix}{name} is required, which old events cannot know"


def _shape(field: dict[str, Any]) -> dict[str, Any]:
    return {key: field[key] for key in _SHAPE if key in field}


def main() -> None:
    """Write the schemas of what is new or has grown."""
    refused = False
    for name, contract in published().items():
        before, after = committed(name), schema_of(contract)
        if before and (found := breaks(before, after)):
            print(f"{name}: {'; '.join(found)}. Publish a new version beside it.", file=sys.stderr)  # noqa: T201
            refused = True
            continue
        text = json.dumps(after, ensure_ascii=False, indent=2, sort_keys=True)
        (HERE / "schema" / f"{name}.json").write_text(f"{text}\n", "utf-8")
    sys.exit(refused)


if __name__ == "__main__":
    main()
