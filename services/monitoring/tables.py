"""The base of monitoring's tables."""

from __future__ import annotations

from shared import database
from shared.database import new_registry


class Row(database.Row, registry=new_registry()):
    """Base of monitoring's tables."""
