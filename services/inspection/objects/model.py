"""The table of inspected objects."""

from __future__ import annotations

from datetime import date

from sqlalchemy import UniqueConstraint

from services.inspection.objects.errors import AlreadyOver
from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class InspectedObject(Row, Identified, Placed, Recorded, table=True):
    """Something that is inspected on its own site: a photovoltaic station, a workshop, a project."""

    __tablename__ = "inspected_object"
    __table_args__ = (UniqueConstraint("division_code", "kind", "name"),)

    kind: str
    name: str
    #: The unit in charge, and who answers for it there.
    unit: str | None = None
    contact: str | None = None
    note: str | None = None
    #: The first day on which it is no more: it is inspected no longer, and its past stays.
    ended_on: date | None = None

    def end(self, on: date) -> None:
        """Let it be no more from a day on."""
        if self.ended_on is not None:
            raise AlreadyOver
        self.ended_on = on
