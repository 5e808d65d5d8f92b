"""The answer to every step: the object as it stands now, and its version as ``ETag``."""

from __future__ import annotations

from fastapi import Response

from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.queries import get_file
from services.monitoring.monitored.views import MonitoredFile
from shared.database import Reader
from shared.web import tagged


async def shown(db: Reader, thing: MonitoredObject, response: Response) -> MonitoredFile:
    """Return the object with its file."""
    tagged(response, thing)
    return (await get_file(db, thing.id))[1]
