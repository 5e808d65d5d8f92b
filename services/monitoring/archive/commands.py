"""Filing papers with what was done earlier."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.archive.errors import NoSuchStep
from services.monitoring.archive.queries import steps_to_file_with
from services.monitoring.archive.schemas import Supplement
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.papers.queries import PAPERS
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.database import Writer


async def supplement(db: Writer, monitored_id: UUID, form: Supplement) -> None:
    """File papers with a step of an object's archive; nothing that was filed is ever taken out."""
    if form.of_id not in await steps_to_file_with(db, monitored_id):
        raise NoSuchStep
    thing = await db.get(MonitoredObject, monitored_id)
    await name_attachments(
        db, PAPERS, [Naming(form.of_id, thing.division_code, thing.household_id, form.papers)]
    )
