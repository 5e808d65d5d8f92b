"""The gateway's table base."""

from __future__ import annotations

from shared import database


class Row(database.Row, registry=database.new_registry()):
    """Base of the gateway's tables."""
