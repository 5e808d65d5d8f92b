"""Everything that others may follow enters the feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from gateway.feed.deliveries import wake_deliveries
from gateway.feed.model import Change
from shared.contracts import comparisons, household, inspection, monitoring
from shared.contracts.envelope import Contract, Event
from shared.crypto.masking import mask_name
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("gateway")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('gateway.change'))")
_NAMES = frozenset({"name", "head_name", "officer", "contact", "responsible_official", "decided_by"})
#: Known to the house only: with the index, whoever has the key could look people up; a correction's values and words
#: are read where it is shown, by those who may.
_INTERNAL = frozenset({"number_index", "known", "found", "note", "proposed_by"})
_PUBLIC_NAMES = frozenset(
    {
        "household.division_changed.v1",
        "inspection.campaign_opened.v1",
        "inspection.campaign_paused.v1",
        "inspection.campaign_resumed.v1",
        "inspection.campaign_closed.v1",
    }
)


# What a department says of somebody's death is not given out before a person has looked at it: the decision is.
@REACTIONS.on(
    household.DivisionChanged,
    household.HouseholdRegistered,
    household.HouseholdChanged,
    # Told where it was: whoever keeps that village in step learns that it is theirs no more.
    household.HouseholdRehomed,
    household.CorrectionsDecided,
    inspection.CampaignOpened,
    inspection.CampaignPaused,
    inspection.CampaignResumed,
    inspection.CampaignClosed,
    inspection.DispatchFrozen,
    inspection.HouseholdVisited,
    inspection.VisitRehomed,
    inspection.CorrectionsProposed,
    inspection.FindingRaised,
    inspection.FindingPlanned,
    inspection.FindingRectified,
    inspection.FindingReturned,
    inspection.FindingClosed,
    inspection.FindingReopened,
    inspection.FindingStarted,
    inspection.FindingTransferProposed,
    inspection.FindingTransferred,
    inspection.FindingTransferRefused,
    inspection.FindingMerged,
    inspection.FindingInherited,
    inspection.FindingDue,
    inspection.FindingOverdue,
    inspection.FindingEscalated,
    inspection.FindingRehomed,
    monitoring.ClueReceived,
    monitoring.ClueSettled,
    monitoring.ClueOverdue,
    monitoring.ClueRehomed,
    monitoring.CaseOpened,
    monitoring.CaseAdvanced,
    monitoring.CaseClosed,
    monitoring.CaseOverdue,
    monitoring.CaseRehomed,
    monitoring.HouseholdTagged,
    monitoring.RiskEliminated,
    monitoring.RiskRetagged,
    monitoring.MonitoringChanged,
    monitoring.MonitoringOverdue,
    monitoring.MeasurePlanned,
    monitoring.MeasureChanged,
    monitoring.HelpOverdue,
    monitoring.SupportPlanned,
    monitoring.SupportChanged,
    monitoring.HouseholdClassified,
    monitoring.ClassChanged,
    monitoring.FollowedUp,
    monitoring.FollowUpOverdue,
    monitoring.FollowUpRehomed,
    comparisons.ComparisonFinished,
)
async def append_changes(db: Writer, events: Sequence[Event[Contract]]) -> None:
    """Put events into the feed and wake the deliveries."""
    rows = [
        {
            "event_id": event.id,
            "type": event.type,
            "subject": event.subject,
            "division_code": event.area,
            "occurred_at": event.time,
            "event": public_form(event),
        }
        for event in events
    ]
    # Whoever has read up to a position never comes back for an earlier one. So positions become visible in their
    # order, whoever writes: the worker, one that takes over from it, a replay of dead events.
    await db.execute(_ONE_AT_A_TIME)
    await db.execute(insert(Change).on_conflict_do_nothing(index_elements=["event_id"]), rows)
    await wake_deliveries(db)


def public_form(event: Event[Contract]) -> dict[str, Any]:
    """Return the CloudEvent as it may leave the house."""
    plain = event.model_dump(mode="json", serialize_as_any=True, exclude_none=True)
    if event.type not in _PUBLIC_NAMES:
        plain["data"] = _masked(plain["data"])
    return plain


def _masked(node: Any) -> Any:
    if isinstance(node, list):
        return [_masked(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: mask_name(value) if key in _NAMES and isinstance(value, str) else _masked(value)
        for key, value in node.items()
        if key not in _INTERNAL
    }
