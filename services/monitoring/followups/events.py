"""What others are told of a follow-up: that there was one, and counts; its words stay here."""

from __future__ import annotations

from typing import TypeVar

from services.monitoring.followups.model import FollowUp
from shared.contracts.monitoring import FollowUpState

S = TypeVar("S", bound=FollowUpState)


def told(kind: type[S], row: FollowUp) -> S:
    """Return the event of that kind, with the follow-up's present state."""
    counts = {"difficulties": len(row.difficulties), "signals": len(row.signals)}
    return kind(**row.model_dump(include=set(kind.model_fields) - set(counts)), **counts)
