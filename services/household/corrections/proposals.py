"""What others propose, as the registry keeps it."""

from __future__ import annotations

from typing import Any

from services.household.corrections.model import Correction
from services.household.households.sources import Source
from shared.contracts.comparisons import ComparisonCorrectionsProposed
from shared.contracts.inspection import CorrectionsProposed, ProposedCorrection


def found_on_visit(visit: CorrectionsProposed) -> list[Correction]:
    """Return what an officer found at the door."""
    found = {"source": Source.VISIT, "found_at": visit.visited_at, "found_by": visit.officer}
    return [_correction(visit, proposed, **found) for proposed in visit.corrections]


def found_by_comparison(batch: ComparisonCorrectionsProposed) -> list[Correction]:
    """Return what a department's data say of a household."""
    found = {
        "source": Source.COMPARISON,
        "found_at": batch.compared_at,
        "found_by": f"{batch.department}（{batch.period}）",
        "dataset": batch.dataset,
    }
    return [
        _correction(batch, proposed, happened_on=proposed.happened_on, **found)
        for proposed in batch.corrections
    ]


def _correction(
    told: CorrectionsProposed | ComparisonCorrectionsProposed, proposed: ProposedCorrection, **found: Any
) -> Correction:
    return Correction(
        **proposed.model_dump(mode="json", include={"field", "known", "found"}),
        id=proposed.id,
        household_id=told.household_id,
        member_id=proposed.member_id,
        division_code=told.division_code,
        source_id=told.id,
        proposed_by=told.proposed_by,
        **found,
    )
