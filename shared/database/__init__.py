"""One way to the database: a read is a ``Reader``, a change is a ``Writer``, and nobody else commits."""

from shared.database.engine import Database
from shared.database.history import Change, HistoryEntry
from shared.database.paging import Page, PageQuery
from shared.database.places import inside
from shared.database.row import Identified, Placed, Recorded, Row, new_registry
from shared.database.sessions import Reader, Writer

__all__ = [
    "Change",
    "Database",
    "HistoryEntry",
    "Identified",
    "Page",
    "PageQuery",
    "Placed",
    "Reader",
    "Recorded",
    "Row",
    "Writer",
    "inside",
    "new_registry",
]
