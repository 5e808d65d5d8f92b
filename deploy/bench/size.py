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


#: All of them in less than three minutes.
QUICK = Size(runs=3, seconds=2, households=2000, imported=5000, events=3000)
FULL = Size(runs=5, seconds=5, households=5000, imported=20_000, events=10_000)
