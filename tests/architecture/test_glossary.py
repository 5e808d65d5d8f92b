"""Every table and every event is called by a word of the glossary, where Chinese and English stand beside it."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from shared.contracts.envelope import Contract
from tests.architecture.source import ROOMS, ROOT, files, modules, snippet, tables_in

pytestmark = pytest.mark.check

for _module in ("household", "inspection", "monitoring"):
    import_module(f"shared.contracts.{_module}")
_IN_CODE = re.compile(r"`([^`]+)`")
#: An identifier, or the wire name of an event: not a path or a code in a sentence.
_NAME = re.compile(r"[A-Za-z_.]+")
_VERSION = re.compile(r"\.v\d+$")


def words_of(glossary: str) -> frozenset[str]:
    """Return what stands in code quotes in the last column of the glossary's tables."""
    rows = (
        line.rstrip("| \n").rsplit(" | ", 1)[-1] for line in glossary.splitlines() if line.startswith("| ")
    )
    return frozenset(word for row in rows for word in _IN_CODE.findall(row))


GLOSSARY = words_of((ROOT / "docs/glossary.md").read_text("utf-8"))


def test_every_table_is_called_by_a_word_of_the_glossary() -> None:
    tables = {name for module in modules("services", "gateway") for name in tables_in(module)}
    assert tables - GLOSSARY == set()


def test_every_event_is_called_by_a_word_of_the_glossary() -> None:
    events = {_VERSION.sub("", event_type) for event_type in Contract.registry}
    assert {event for event in events if event.partition(".")[0] != "test"} - GLOSSARY == set()


def test_the_glossary_names_nothing_that_is_gone() -> None:
    sources = [path for room in ROOMS for path in files(room) if path.suffix in {".py", ".yaml", ".sql"}]
    known = "\n".join(path.stem + "\n" + path.read_text("utf-8") for path in sources)
    assert {word for word in GLOSSARY if _NAME.fullmatch(word) and word not in known} == set()


def test_a_table_without_a_word_is_noticed() -> None:
    assert tables_in(snippet("class Thingummy(Row, Placed, table=True): ...")) == {"Thingummy"}
    assert words_of("| 农户 | household | `Household`, kind `general` |\n") == {"Household", "general"}
