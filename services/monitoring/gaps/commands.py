"""What is stated about missing help."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.assistance.errors import NothingToHelp, RiskNotOpen
from services.monitoring.gaps.model import StatedReason
from services.monitoring.gaps.rules import expect_lapsing, gap_rule
from services.monitoring.gaps.schemas import StatedReasonForm
from services.monitoring.monitored.model import MonitoredObject
from shared.database import Writer


async def state_reason(db: Writer, monitored_id: UUID, form: StatedReasonForm) -> StatedReason:
    """State why nothing is done against an open risk for now, and until when."""
    thing = await db.get(MonitoredObject, monitored_id)
    if not thing.is_under_watch:
        raise NothingToHelp
    if form.risk_type not in thing.open_risks:
        raise RiskNotOpen
    rule = gap_rule(db.today)
    expect_lapsing(form.until_on, rule, db.today)
    reason = StatedReason(
        monitored_id=thing.id,
        division_code=thing.division_code,
        said_on=db.today,
        said_by=db.principal.subject,
        said_by_name=db.principal.name,
        rule=rule.version,
        **form.model_dump(),
    )
    db.add(reason)
    await db.flush()
    return reason
