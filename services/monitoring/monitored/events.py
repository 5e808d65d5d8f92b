"""What the other services are told of a monitored object: its whole state, with all episodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from shared.contracts.monitoring import EpisodeState, MonitoredState, MonitoringChanged, MonitoringOverdue
from shared.database import Reader, Writer

S = TypeVar("S", bound=MonitoredState)


def told(kind: type[S], thing: MonitoredObject, episodes: Sequence[RiskEpisode], **more: Any) -> S:
    """Return the event of that kind, with the object's present state."""
    return kind(
        **thing.model_dump(include={"id", "household_id", "division_code", "version", "category", "status"}),
        **thing.model_dump(include={"tagged_on", "eliminated_on", "retagged"}),
        contact=thing.contact_name,
        episodes=tuple(EpisodeState.model_validate(each, from_attributes=True) for each in episodes),
        **more,
    )


async def episodes_of(db: Reader, object_ids: Sequence[UUID]) -> dict[UUID, list[RiskEpisode]]:
    """Return the episodes of objects, in the order in which they were tagged."""
    found = await db.all(
        select(RiskEpisode)
        .where(col(RiskEpisode.monitored_id).in_(object_ids))
        .order_by(col(RiskEpisode.tagged_on), col(RiskEpisode.id))
    )
    grouped: dict[UUID, list[RiskEpisode]] = defaultdict(list)
    for episode in found:
        grouped[episode.monitored_id].append(episode)
    return grouped


async def tell_changed(db: Writer, objects: Sequence[MonitoredObject]) -> None:
    """Tell of changes that are neither tagging, elimination nor re-tagging; flushed before."""
    if objects:
        episodes = await episodes_of(db, [each.id for each in objects])
        db.record(*[told(MonitoringChanged, each, episodes[each.id]) for each in objects])


async def overdue_events(db: Reader, objects: Sequence[MonitoredObject]) -> list[MonitoringOverdue]:
    """Return what is told of objects whose elimination, re-tagging or closure is late."""
    episodes = await episodes_of(db, [each.id for each in objects])
    marks = {"level", "due_on", "overdue_on"}
    return [
        told(MonitoringOverdue, each, episodes[each.id], **each.model_dump(include=marks)) for each in objects
    ]
