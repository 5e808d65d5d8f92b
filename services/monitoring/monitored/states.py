"""The states of a monitored object."""

from __future__ import annotations

from enum import StrEnum


class MonitoredStatus(StrEnum):
    """Where a monitored object stands."""

    MONITORED = "monitored"
    ELIMINATION_PROPOSED = "elimination_proposed"
    ELIMINATED = "eliminated"
    #: Eliminated, but something was told that may mean a risk again (待再标注).
    RETAG_CANDIDATE = "retag_candidate"
    #: Nobody in the household can work: kept safe and followed, not called eliminated (暂不标注风险消除).
    ELIMINATION_WITHHELD = "elimination_withheld"
    #: Died out, moved away, or tagged by mistake (清退).
    CLOSED = "closed"


#: States in which at least one risk is open.
UNDER_WATCH = frozenset(
    {MonitoredStatus.MONITORED, MonitoredStatus.ELIMINATION_PROPOSED, MonitoredStatus.ELIMINATION_WITHHELD}
)
