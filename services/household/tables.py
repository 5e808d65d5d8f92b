"""The base of the registry's tables."""

from __future__ import annotations

from shared import database
from shared.database import new_registry


class Row(database.Row, registry=new_registry()):
    """Base of household's tables."""
