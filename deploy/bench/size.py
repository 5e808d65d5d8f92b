"""How long and how much to measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """The size of a round."""

    #: Pairs of runs.
    runs: int
    #: Of each run under load.
    seconds: float
    #: Households in the registry while requests are measured.
    households: int
    #: Households in the file of an import.
    imported: int
    #: Events in a run of the bus.
    events: int
    #: Rows of a department's file, and persons whom it is compared with.
    compared: int
    persons: int
    #: Megabytes of a file while the API's memory is looked at.
    uploaded_mb: int


#: All of them in some four minutes.
QUICK = Size(
    runs=3,
    seconds=2,
    households=2000,
    imported=5000,
    events=3000,
    compared=50_000,
    persons=35_000,
    uploaded_mb=64,
)
FULL = Size(
    runs=5,
    seconds=5,
    households=5000,
    imported=20_000,
    events=10_000,
    compared=1_000_000,
    persons=700_000,
    uploaded_mb=2000,
)
