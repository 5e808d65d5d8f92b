"""What every transaction tells PostgreSQL before its first statement: who acts, where, when and why.

Row-level security reads the area, the history triggers read the rest. All of it is local to the transaction,
so a pooled connection carries nothing over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shared.identity.principal import Principal

#: What is set, by the name of its parameter.
_SETTINGS = {
    "low": "area_low",
    "high": "area_high",
    "areas": "areas",
    "actor": "actor",
    "reason": "reason",
    "now": "now",
}


def _set_all(placeholders: Iterable[str]) -> str:
    pairs = zip(_SETTINGS.values(), placeholders, strict=True)
    return "SELECT " + ", ".join(f"set_config('fangfan.{name}', {value}, true)" for name, value in pairs)


_SET_SCOPE = text(_set_all(f":{name}" for name in _SETTINGS))
#: The same for the driver, which numbers its parameters: the values of ``Scope.parameters()`` in their order.
SET_SCOPE = _set_all(f"${place}" for place in range(1, len(_SETTINGS) + 1))


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
