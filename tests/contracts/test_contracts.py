"""The published language only grows: what was ever published can still be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.envelope import Contract, Event, parse_event
from shared.messaging.asyncapi import asyncapi, published
from tests.contracts.schemas import breaks, committed, schema_of

pytestmark = pytest.mark.check

_GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
_CONTRACTS = list(published().values())


def _name(item: Any) -> str:
    return item.stem if isinstance(item, Path) else item.event_type


def test_every_event_type_has_a_golden_sample() -> None:
    assert {path.stem for path in _GOLDEN} >= set(published())


@pytest.mark.parametrize("path", _GOLDEN, ids=_name)
def test_the_golden_sample_is_still_read(path: Path) -> None:
    raw = json.loads(path.read_text("utf-8"))
    event = parse_event(raw)
    assert event is not None, "its contract is gone"
    assert event.type == path.stem
    assert (event.subject, event.area, event.sequence) == (
        event.data.subject,
        event.data.area,
        event.data.sequence,
    )
    assert _holds(_written(event), raw)


@pytest.mark.parametrize("path", _GOLDEN, ids=_name)
def test_a_field_that_is_not_known_yet_is_ignored(path: Path) -> None:
    raw = json.loads(path.read_text("utf-8"))
    raw["data"]["of_a_later_version"] = raw["of_a_later_version"] = 1
    assert parse_event(raw) == parse_event(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("contract", _CONTRACTS, ids=_name)
def test_the_shape_is_as_committed(contract: type[Contract]) -> None:
    before = committed(contract.event_type)
    assert before is not None, "run `python -m tests.contracts.schemas`, and write a golden sample"
    assert breaks(before, schema_of(contract)) == [], "publish a new version beside it"
    assert schema_of(contract) == before, "it has grown: run `python -m tests.contracts.schemas`"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param({"properties": {}}, ["name is gone"], id="a field is removed"),
        pytest.param(
            {"properties": {"name": {"type": "integer"}}}, ["name has another type"], id="a field is retyped"
        ),
        pytest.param(
            {"required": ["name"]},
            ["name is required, which old events cannot know"],
            id="a field becomes required",
        ),
        pytest.param({"properties": {"name": {"type": "string"}, "more": {}}}, [], id="a field is added"),
        pytest.param({"properties": {"name": {"type": "string", "description": "…"}}}, [], id="words change"),
    ],
)
def test_what_breaks_a_reader(change: dict[str, Any], found: list[str]) -> None:
    before = {"properties": {"name": {"type": "string"}}, "required": []}
    assert breaks(before, before | change) == found


def test_the_document_describes_every_event() -> None:
    document = asyncapi("1.2.3")
    assert document["asyncapi"] == "3.0.0"
    assert document["channels"].keys() == document["components"]["messages"].keys() == published().keys()
    assert set(_references(document)) <= {
        f"#/{kind}/{name}"
        for kind, names in {
            "channels": document["channels"],
            **{f"components/{part}": names for part, names in document["components"].items()},
        }.items()
        for name in names
    }


def _written(event: Event[Contract]) -> Any:
    return event.model_dump(mode="json", serialize_as_any=True)


def _holds(whole: Any, part: Any) -> bool:
    """Tell whether all that the sample says is still said; a contract may say more by now."""
    match whole, part:
        case dict(), dict():
            return all(_holds(whole.get(key), value) for key, value in part.items())
        case list(), list():
            return len(whole) == len(part) and all(map(_holds, whole, part))
        case _:
            return bool(whole == part)


def _references(node: Any) -> list[str]:
    match node:
        case dict():
            return [
                reference
                for key, value in node.items()
                for reference in ([value] if key == "$ref" else _references(value))
            ]
        case list():
            return [reference for item in node for reference in _references(item)]
        case _:
            return []
