"""Where a change came from: told by what else was written at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from services.household.imports.job import REASON as IMPORTED
from shared.database.history import Change

_SYSTEM = "系统"


class Source(StrEnum):
    """Where a change came from; labels in the code list ``history_source``."""

    ENTRY = "entry"
    IMPORT = "import"
    NATURAL_CHANGE = "natural_change"
    DUPLICATES = "duplicates"
    BOUNDARIES = "boundaries"
    SYSTEM = "system"


def source_of(together: Sequence[Change]) -> Source:
    """Return where changes came from that one person made at one moment."""
    if any(change.table == "natural_change" for change in together):
        return Source.NATURAL_CHANGE
    changed = [change for change in together if change.kind == "changed"]
    if any(change.table == "household" and "division_code" in change.fields for change in changed):
        return Source.BOUNDARIES
    if any("duplicate" in change.fields.get("leave_reason", ()) for change in changed):
        return Source.DUPLICATES
    if together[0].reason.startswith(IMPORTED):
        return Source.IMPORT
    return Source.SYSTEM if together[0].by.startswith(_SYSTEM) else Source.ENTRY
