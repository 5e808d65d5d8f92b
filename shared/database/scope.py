"""What every transaction tells PostgreSQL before its first statement: who acts, where, when and why.

Row-level security reads the area, the history triggers read the rest. All of it is local to the transaction,
so a pooled connection carries nothing over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shared.identity.principal import Principal

_SET_SCOPE = text(
    """
    SELECT set_config('fangfan.area_low', :low, true), set_config('fangfan.area_high', :high, true),
           set_config('fangfan.areas', :areas, true), set_config('fangfan.actor', :actor, true),
           set_config('fangfan.reason', :reason, true), set_config('fangfan.now', :now, true)
    """
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The circumstances of one transaction."""

    principal: Principal
    now: datetime
    reason: str = ""

    def parameters(self) -> dict[str, str]:
        """Return the transaction's settings; ``areas`` only where one range does not say it all."""
        low, high = self.principal.hull
        ranges = self.principal.ranges
        areas = "{" + ",".join(f'"[{low},{high})"' for low, high in ranges) + "}" if len(ranges) > 1 else ""
        return {
            "low": low,
            "high": high,
            "areas": areas,
            "actor": self.principal.name,
            "reason": self.reason,
            "now": self.now.isoformat(),
        }


class ScopedSession(Session):
    """A session whose transactions begin by stating their scope (kept in ``info``)."""


@event.listens_for(ScopedSession, "after_begin")
def _state_scope(session: Session, _transaction: Any, connection: Connection) -> None:
    scope: Scope = session.info["scope"]
    connection.execute(_SET_SCOPE, scope.parameters())
