"""History: every version of a recorded row, who made it, when and why.

One statement-level trigger per table stores the rows as they were before an update or delete, so a bulk
change costs one more insert and an insert costs nothing. The present row holds its own version's stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

STAMP = frozenset({"version", "changed_at", "changed_by", "change_reason"})


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of one row. ``valid_to`` is None for the present one."""

    table: str
    row_id: UUID
    version: int
    valid_from: datetime
    valid_to: datetime | None
    changed_by: str
    reason: str
    deleted: bool
    #: Who ended this version (None while it is the present one), and why.
    ended_by: str | None
    ended_reason: str | None
    #: Column name to JSON value; encrypted columns hold ciphertext.
    image: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a row's story: from which values to which."""

    table: str
    row_id: UUID
    version: int
    at: datetime
    by: str
    reason: str
    #: ``created``, ``changed`` or ``deleted``.
    kind: str
    #: Column to (before, after); for ``created`` before is None.
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def story(entries: Sequence[HistoryEntry], *, hidden: frozenset[str] = frozenset()) -> list[Change]:
    """Turn versions into changes, oldest first; of ``hidden`` columns (PII) they say only that they changed."""
    changes: list[Change] = []
    by_row: dict[tuple[str, UUID], list[HistoryEntry]] = {}
    for entry in entries:
        by_row.setdefault((entry.table, entry.row_id), []).append(entry)
    for versions in by_row.values():
        versions.sort(key=lambda entry: entry.version)
        changes.append(_change("created", {}, versions[0], hidden))
        changes += [_change("changed", before.image, after, hidden) for before, after in pairwise(versions)]
        last = versions[-1]
        if last.deleted and last.valid_to:
            by, reason = last.ended_by or "", last.ended_reason or ""
            changes.append(
                Change(last.table, last.row_id, last.version, last.valid_to, by, reason, "deleted")
            )
    return sorted(changes, key=lambda change: (change.at, change.table, str(change.row_id), change.version))


def _change(kind: str, before: dict[str, Any], entry: HistoryEntry, hidden: frozenset[str]) -> Change:
    fields = {
        name: ("…", "…") if name in hidden else (before.get(name), value)
        for name, value in entry.image.items()
        if name not in STAMP and before.get(name) != value
    }
    return Change(
        entry.table,
        entry.row_id,
        entry.version,
        entry.valid_from,
        entry.changed_by,
        entry.reason,
        kind,
        fields,
    )
