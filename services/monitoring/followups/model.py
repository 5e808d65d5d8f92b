"""Tables of follow-ups and of whose turn it is until when."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.followups import errors
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.level import Level


class FollowUp(Row, Identified, Placed, Recorded, table=True):
    """One visit to a household under watch or a lifted one (跟踪回访); one of an inspection has the visit's id."""

    __table_args__ = (Index("ix_follow_up_household_id_visited_on", "household_id", "visited_on"),)

    household_id: UUID
    #: None: a lifted household that is not under watch.
    monitored_id: UUID | None = Field(default=None, index=True)
    visited_on: date
    officer: str
    #: Code of the list ``contact_way``.
    way: str
    #: Where those are who were not visited in person.
    away: str | None = None
    found: str
    #: Each with ``facts``, ``solve_by``, ``solved_on`` and ``how``.
    difficulties: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    unsolved: int = 0
    #: Each with ``risk_type``, ``member_id``, ``facts``, and what became of it: ``outcome``, ``clue_id``.
    signals: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    evidence: list[str] = Field(default=[], sa_type=JSONB)
    #: ``entered``, or ``inspection``.
    source: str = "entered"

    def solve(self, number: int, *, how: str, on: date) -> None:
        """Take note that a difficulty, counted from 1, is solved."""
        if not 1 <= number <= len(self.difficulties):
            raise errors.NoSuchDifficulty
        difficulty = self.difficulties[number - 1]
        if difficulty["solved_on"]:
            raise errors.DifficultySolved
        solved = difficulty | {"solved_on": on.isoformat(), "how": how}
        # Assigned anew: a JSON column does not see what changes inside it.
        self.difficulties = [*self.difficulties[: number - 1], solved, *self.difficulties[number:]]
        self.unsolved -= 1


class FollowUpTurn(Row, Placed, Recorded, table=True):
    """Until when a household is to be visited, by whom, and whether that was missed; its id is the household's.

    Kept after nobody needs to follow it any more, so that its versions go on counting.
    """

    __table_args__ = (
        CheckConstraint("(kind IS NULL) = (due_on IS NULL)", name="due_while_followed"),
        Index("ix_follow_up_turn_due_on", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    #: ``monitored``, ``observed`` or ``lifted``; None: not followed up any more.
    kind: str | None = None
    #: Whose turn it is: the contact of a monitored object, the responsible official of a lifted household.
    official: str | None = Field(default=None, index=True)
    last_on: date | None = None
    due_on: date | None = None
    #: Version of the frequency that set the limit.
    rule: str | None = None
    #: At whose table it lies; marks of the job that lets limits act, and its rule's version.
    level: str = Level.VILLAGE
    overdue_on: date | None = None
    escalated_on: date | None = None
    overdue_rule: str | None = None
