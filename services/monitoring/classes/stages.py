"""Where a household's class of a year stands."""

from __future__ import annotations

from enum import StrEnum


class ClassStage(StrEnum):
    """The village proposes, the town checks, the county decides (村提出、乡镇审核、县审定)."""

    PROPOSED = "proposed"
    CHECKED = "checked"
    DECIDED = "decided"
    RETURNED = "returned"
    #: The household is under watch now, or lifted no more: it has no class.
    LEFT = "left"
