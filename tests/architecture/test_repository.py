"""What is committed is good anywhere: no machine of ours, no registry, no secret stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files

pytestmark = pytest.mark.check

#: Folders of somebody's machine, and hosts that only somebody's network knows.
_MACHINE = re.compile(r"/(?:home|Users)/\w|/work/\w|(?<![\w.])/root\b|//[\w.-]+\.(?:internal|corp|lan)\b")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}")
_REGISTRY = re.compile(
    r"^\s*(?:--?(?:index-url|extra-index-url|find-links|trusted-host)|-i |-f )|https?://", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_BINARY = frozenset({".xlsx", ".docx", ".png", ".ico", ".pdf", ".woff2"})
#: Where such a path is what the code is about, and why.
_ALLOWED = {"tests/architecture/test_repository.py": "shows what is caught"}


def places(text: str) -> list[str]:
    """Return what in a text holds on one machine only, or must not be told."""
    return [found.group() for rule in (_MACHINE, _PRIVATE_KEY) for found in rule.finditer(text)]


def unpinned(lock: str) -> list[str]:
    """Return what in a lock file depends on an index, or lacks a hash."""
    requirements = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", lock, flags=re.MULTILINE).strip())
    return [
        *(found.group().strip() for found in _REGISTRY.finditer(lock)),
        *(line.split()[0] for line in requirements if "==" not in line or not _HASH.search(line)),
    ]


def _texts() -> list[Path]:
    return [path for path in files() if path.suffix not in _BINARY and path.name != "requirements.lock"]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = {path.relative_to(ROOT).as_posix(): places(path.read_text("utf-8")) for path in _texts()}
    assert {path: what for path, what in found.items() if what and path not in _ALLOWED} == {}


def test_the_lock_is_good_with_any_index() -> None:
    assert unpinned((ROOT / "requirements.lock").read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "see /home/li/fangfan",
        "cd /root",
        "https://pypi.county.internal/simple",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAA",
    ],
)
def test_the_rule_catches_what_belongs_to_one_machine(text: str) -> None:
    assert places(text)


@pytest.mark.parametrize(
    "lock",
    [
        "--index-url https://somewhere/simple\n",
        "--find-links ./wheels\n",
        "orjson>=3\n",
        "orjson==3.11.0\n",
        "orjson @ https://somewhere/orjson.whl\n",
    ],
)
def test_the_rule_catches_a_loose_lock(lock: str) -> None:
    assert unpinned(lock)
