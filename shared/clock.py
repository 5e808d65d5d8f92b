"""The one place that reads the time of business: what is due, overdue, tagged on.

A rehearsal (the demo, an exercise with last year's data) plays weeks in minutes: ``FANGFAN_CLOCK_FILE`` names
a file with one ISO 8601 instant, the moment that the rehearsal has reached. Every process of the house reads
the same file, so all agree. Security never asks this clock: tokens live in real time.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current instant, in UTC."""
    rehearsal = os.environ.get("FANGFAN_CLOCK_FILE")
    return _rehearsed(Path(rehearsal)) if rehearsal else datetime.now(UTC)


def is_rehearsed() -> bool:
    """Tell whether this is a rehearsal, in which business time goes otherwise than the real one."""
    return bool(os.environ.get("FANGFAN_CLOCK_FILE"))


def today() -> date:
    """Return the current date where the county is."""
    return date_of(now())


def date_of(moment: datetime) -> date:
    """Return the date that people in China write down for an instant."""
    return moment.astimezone(CHINA).date()


def rehearse(moment: datetime) -> None:
    """Move the rehearsal clock of this process and of all that share its file."""
    path = Path(os.environ["FANGFAN_CLOCK_FILE"])
    # Written aside and renamed: another process never reads half an instant.
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(moment.astimezone(UTC).isoformat(), encoding="ascii")
    aside.replace(path)


def _rehearsed(path: Path) -> datetime:
    stat = path.stat()
    key = (stat.st_ino, stat.st_mtime_ns)
    if _reading.key != key:
        _reading.start = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
        _reading.read_at = datetime.fromtimestamp(stat.st_mtime, UTC)
        _reading.key = key
    # The hands keep moving between two settings, so that order in time is never lost.
    return _reading.start + (datetime.now(UTC) - _reading.read_at)


class _Reading:
    key: tuple[int, int] | None = None
    start: datetime = datetime.min.replace(tzinfo=UTC)
    read_at: datetime = datetime.min.replace(tzinfo=UTC)


_reading = _Reading()
