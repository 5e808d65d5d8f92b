"""The risks of a monitored object: one that is to be tagged, and the episode that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A risk to be tagged: what it is, whose, how it came about, and what the decision rests on."""

    risk_type: str
    cause: str
    #: The case, re-tagging or clue that it comes from.
    origin: str
    member_id: UUID | None = None
    disaster_kind: str | None = None
    evidence: Sequence[str] = ()
    judgement: Mapping[str, Any] = field(default_factory=dict)


class RiskEpisode(Row, Identified, Placed, Recorded, table=True):
    """One risk of a monitored object, from tagging to elimination. Never changed afterwards, never deleted."""

    __table_args__ = ({"info": {"root": "monitored_id"}},)

    monitored_id: UUID = Field(index=True)
    #: 1 to 5, the weightiest first; ended episodes keep theirs.
    rank: int
    risk_type: str
    #: The person at risk, where the risk is a person's.
    member_id: UUID | None = None
    #: Sub-kind of a natural disaster.
    disaster_kind: str | None = None
    cause: str
    evidence: list[str] = Field(sa_type=JSONB)
    #: The rule that the decision rests on, its version, inputs and thresholds.
    judgement: dict[str, Any] = Field(sa_type=JSONB)
    origin: str
    tagged_on: date
    retagged: bool = False
    eliminated_on: date | None = None
    #: ``by_help`` or ``by_itself``.
    elimination: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the risk is there."""
        return self.eliminated_on is None
