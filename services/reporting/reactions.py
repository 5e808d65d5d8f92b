"""What reporting does about events: enter them as facts."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting.projections.commands import enter, name_divisions
from services.reporting.projections.model import (
    CampaignFact,
    CaseFact,
    ClueFact,
    ComparisonFact,
    FindingFact,
    HouseholdFact,
    MeasureFact,
    MonitoredFact,
    VisitFact,
)
from shared.contracts import comparisons, household, inspection, monitoring
from shared.contracts.envelope import Event
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("reporting")


@REACTIONS.on(household.DivisionChanged)
async def divisions(db: Writer, events: Sequence[Event[household.DivisionState]]) -> None:
    """Know the divisions' names."""
    await name_divisions(db, [event.data for event in events])


@REACTIONS.on(household.HouseholdRegistered, household.HouseholdChanged)
async def households(db: Writer, events: Sequence[Event[household.HouseholdState]]) -> None:
    """Enter households."""
    await enter(
        db,
        HouseholdFact,
        events,
        lambda state: {
            "kind": state.kind,
            "members": sum(member.left_on is None for member in state.members),
        },
    )


@REACTIONS.on(
    inspection.CampaignOpened,
    inspection.CampaignPaused,
    inspection.CampaignResumed,
    inspection.CampaignClosed,
)
async def campaigns(db: Writer, events: Sequence[Event[inspection.CampaignState]]) -> None:
    """Enter campaigns."""
    fields = {"name", "status", "starts_on", "ends_on", "divisions", "kinds"}
    await enter(db, CampaignFact, events, lambda state: state.model_dump(include=fields))


@REACTIONS.on(inspection.HouseholdVisited, inspection.VisitRehomed)
async def visits(db: Writer, events: Sequence[Event[inspection.HouseholdVisited]]) -> None:
    """Enter visits."""
    await enter(
        db,
        VisitFact,
        events,
        lambda state: {
            "campaign_id": state.campaign_id,
            "household_id": state.household_id,
            "failed_items": len(state.failed_items),
        },
    )


@REACTIONS.on(
    inspection.FindingRaised,
    inspection.FindingPlanned,
    inspection.FindingRectified,
    inspection.FindingReturned,
    inspection.FindingClosed,
    inspection.FindingReopened,
    inspection.FindingRehomed,
    inspection.FindingStarted,
    inspection.FindingTransferProposed,
    inspection.FindingTransferred,
    inspection.FindingTransferRefused,
    inspection.FindingMerged,
    inspection.FindingEscalated,
    inspection.FindingInherited,
    inspection.FindingDue,
    inspection.FindingOverdue,
)
async def findings(db: Writer, events: Sequence[Event[inspection.FindingState]]) -> None:
    """Enter findings."""
    fields = {"campaign_id", "item", "source", "status", "raised_on", "deadline_on", "closed_on"}
    fields |= {"on_the_spot", "reopened"}
    await enter(db, FindingFact, events, lambda state: state.model_dump(include=fields))


@REACTIONS.on(monitoring.ClueReceived, monitoring.ClueSettled, monitoring.ClueOverdue, monitoring.ClueRehomed)
async def clues(db: Writer, events: Sequence[Event[monitoring.ClueState]]) -> None:
    """Enter clues, under the source that told first."""
    await enter(
        db,
        ClueFact,
        events,
        lambda state: {"risk_type": state.risk_type, "source": state.sources[0], "status": state.status},
    )


@REACTIONS.on(
    monitoring.CaseOpened,
    monitoring.CaseAdvanced,
    monitoring.CaseClosed,
    monitoring.CaseOverdue,
    monitoring.CaseRehomed,
)
async def cases(db: Writer, events: Sequence[Event[monitoring.CaseState]]) -> None:
    """Enter identification cases."""
    await enter(db, CaseFact, events, lambda state: state.model_dump(include={"step", "status"}))


@REACTIONS.on(
    monitoring.HouseholdTagged,
    monitoring.RiskEliminated,
    monitoring.RiskRetagged,
    monitoring.MonitoringChanged,
    monitoring.MonitoringOverdue,
)
async def monitored(db: Writer, events: Sequence[Event[monitoring.MonitoredState]]) -> None:
    """Enter monitored objects with the risks that are open."""
    await enter(
        db,
        MonitoredFact,
        events,
        lambda state: {
            "household_id": state.household_id,
            "category": state.category,
            "status": state.status,
            "risk_types": [e.risk_type for e in state.episodes if e.eliminated_on is None],
            "retagged": state.retagged,
        },
    )


@REACTIONS.on(monitoring.MeasurePlanned, monitoring.MeasureChanged)
async def measures(db: Writer, events: Sequence[Event[monitoring.MeasureState]]) -> None:
    """Enter measures."""
    await enter(
        db, MeasureFact, events, lambda state: state.model_dump(include={"monitored_id", "kind", "status"})
    )


@REACTIONS.on(comparisons.ComparisonFinished)
async def compared(db: Writer, events: Sequence[Event[comparisons.ComparisonFinished]]) -> None:
    """Enter finished comparisons; one that was corrected or withdrawn counts no more."""
    outcomes = {"matched", "mismatched", "probable", "departed", "unmatched", "invalid"}
    fields = {"dataset", "period", "rows", "alerts"} | outcomes
    await enter(
        db,
        ComparisonFact,
        events,
        lambda state: (
            state.model_dump(include=fields)
            | {"counts": state.withdrawn_at is None and state.superseded_by is None}
        ),
    )
