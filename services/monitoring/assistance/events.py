"""What the other services are told of a measure."""

from __future__ import annotations

from services.monitoring.assistance.model import Measure
from shared.contracts.monitoring import MeasureChanged, SupportChanged
from shared.database import Writer


async def tell_measure(db: Writer, measure: Measure) -> None:
    """Save a changed measure, and tell of it."""
    await db.flush()
    db.record(changed(measure))


def changed(measure: Measure) -> MeasureChanged | SupportChanged:
    """Return what is told of a measure that changed: of one by class, another thing than of a monitored object's."""
    kind = MeasureChanged if measure.monitored_id else SupportChanged
    return kind.model_validate(measure, from_attributes=True)
