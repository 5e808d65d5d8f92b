"""Figures of comparisons: every row is in one of six outcomes, of the batches that count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.monitoring.batches.model import Outcome
from services.reporting.figures.definitions import REPORTS
from shared.contracts.comparisons import ComparisonFinished
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.services.reporting.test_reporting import COUNTY, START, figures, reporting

__all__ = ["reporting"]
SIX = {"matched": 50, "mismatched": 20, "probable": 8, "departed": 7, "unmatched": 10, "invalid": 5}


def batch(**changes: Any) -> ComparisonFinished:
    facts: dict[str, Any] = {
        "id": uuid7(),
        "division_code": COUNTY,
        "version": 1,
        "dataset": "disaster",
        "period": "2021-05-20",
        "rows": sum(SIX.values()),
        "alerts": 3,
        "finished_at": START,
    }
    return ComparisonFinished(**(facts | SIX | changes))


@pytest.mark.check
def test_reporting_shows_every_outcome_that_monitoring_knows() -> None:
    assert set(Outcome) <= {figure.name for figure in REPORTS["comparisons"].figures}


async def test_the_six_outcomes_add_up_to_the_rows(reporting: ServiceUnderTest) -> None:
    await reporting.tell(batch(), batch(dataset="vehicle", period="2021-Q1"))
    total = (await figures(reporting, "comparisons", by="county"))["total"]
    assert {name: total[name] for name in SIX} == {name: 2 * rows for name, rows in SIX.items()}
    assert total["rows"] == sum(total[name] for name in SIX) == 200
    assert (total["batches"], total["alerts"]) == (2, 6)


@pytest.mark.parametrize("ended", [{"withdrawn_at": START}, {"superseded_by": UUID(int=9)}])
async def test_a_batch_that_was_corrected_or_withdrawn_counts_no_more(
    reporting: ServiceUnderTest, ended: dict[str, Any]
) -> None:
    gone, stays = batch(), batch()
    await reporting.tell(gone, stays)
    await reporting.tell(gone.model_copy(update={"version": 2} | ended))
    total = (await figures(reporting, "comparisons", by="county"))["total"]
    assert (total["batches"], total["rows"]) == (1, 100)
