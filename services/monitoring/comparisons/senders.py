"""Who may send which batch: a department its own datasets, of one county, of a period that there is."""

from __future__ import annotations

from datetime import date

from services.monitoring.comparisons import errors
from services.monitoring.datasets.catalog import Dataset
from services.monitoring.datasets.periods import EXAMPLES, Period, parse_period
from shared.domain.codes import code_lists
from shared.domain.division import Level, level_of
from shared.identity.principal import Principal

_ABOVE_COUNTY = frozenset({Level.PROVINCE, Level.CITY})


def reads_registry(caller: Principal) -> bool:
    """Tell whether the caller knows the county's people: a department does not."""
    return caller.may("monitored:read")


def expect_sender(caller: Principal, dataset: Dataset) -> None:
    """Refuse whoever the dataset is not of; the county's officials may send one in any department's name.

    The registry takes some departments at their word, and sums add up within one county.
    """
    if not reads_registry(caller) and dataset.owner not in caller.departments:
        raise errors.NotYourDataset(
            f"of: {code_lists()['department'].label(dataset.owner, 'en')}",
            zh_detail=f"应由{dataset.department}报送",
        )
    if len(caller.areas) != 1 or level_of(caller.areas[0]) in _ABOVE_COUNTY:
        raise errors.NotOfOneCounty


def expect_period(dataset: Dataset, written: str, *, today: date) -> None:
    """Refuse a period that is not written as the dataset's are, and one that has not begun: 2031 typed for 2021."""
    period = read_period(written, dataset)
    if period.first > today:
        raise errors.PeriodNotBegun(f"it begins on {period.first}", zh_detail=f"该数据期始于 {period.first}")


def read_period(written: str, dataset: Dataset | None) -> Period:
    """Return a period, or refuse one that is not written as the dataset's are; without a dataset, as any are."""
    period = parse_period(written)
    if period is None or (dataset is not None and period.kind is not dataset.period):
        examples = [EXAMPLES[dataset.period]] if dataset else [*EXAMPLES.values()]
        raise errors.BadPeriod(f"such as {', '.join(examples)}", zh_detail=f"应形如 {'、'.join(examples)}")
    return period
