"""The envelope of every event: CloudEvents 1.0 in JSON, with the extensions sequence, area and traceparent."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

#: Most events that travel in one message (CloudEvents JSON batch).
BATCH_LIMIT = 500


class Contract(BaseModel):
    """The data of one event type. Unknown fields are ignored: a newer publisher may have added them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    #: Wire name, ``<service>.<what_happened>.v<N>``.
    event_type: ClassVar[str] = ""
    registry: ClassVar[dict[str, type[Contract]]] = {}

    def __init_subclass__(cls, *, event: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if event:
            cls.event_type = event
            Contract.registry[event] = cls

    @property
    @abstractmethod
    def subject(self) -> str:
        """The id of the aggregate that changed."""

    @property
    @abstractmethod
    def area(self) -> str:
        """The 12-digit division that the aggregate belongs to."""

    @property
    @abstractmethod
    def sequence(self) -> int:
        """The aggregate's version after the change: projections ignore what is older than what they have."""


class AggregateState(Contract):
    """What most events carry: an aggregate that has an id, lies in a division and counts its versions."""

    id: UUID
    division_code: str
    version: int

    @property
    def subject(self) -> str:
        """The aggregate's id."""
        return str(self.id)

    @property
    def area(self) -> str:
        """The division it belongs to."""
        return self.division_code

    @property
    def sequence(self) -> int:
        """The aggregate's version."""
        return self.version


C = TypeVar("C", bound=Contract)
C_co = TypeVar("C_co", bound=Contract, covariant=True)


class Event(BaseModel, Generic[C_co]):
    """One CloudEvents 1.0 event."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int
    area: str
    traceparent: str | None = None
    data: C_co


def parse_event(raw: dict[str, Any]) -> Event[Contract] | None:
    """Return the typed event, or None where this program knows no contract of that type."""
    contract = Contract.registry.get(str(raw.get("type")))
    return Event[contract].model_validate(raw) if contract else None  # type: ignore[valid-type]
