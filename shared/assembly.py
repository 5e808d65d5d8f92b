"""What a service is made of, and what a running process of it holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import MetaData

from shared.crypto import fields
from shared.crypto.keyring import KeyRing
from shared.database import Database
from shared.identity.internal import InternalVerifier
from shared.settings import CommonSettings, ServiceSettings
from shared.storage import Storage

if TYPE_CHECKING:
    from fastapi import APIRouter

    from shared.attachments.model import Attachments
    from shared.jobs import Job, Schedule
    from shared.messaging.reactions import Reactions
    from shared.replicas import Replica
    from shared.replicas.snapshot import Tellers


@dataclass(frozen=True, eq=False)
class Service:
    """One service: what it answers, what it reacts to, what it does in the background; equal to itself alone."""

    name: str
    #: For people, zh and en.
    title: str
    metadata: MetaData
    routers: Sequence[APIRouter]
    reactions: Reactions
    jobs: Sequence[Job] = ()
    schedules: Sequence[Schedule] = ()
    #: Set what ``/metrics`` shows of the service's own matters, each time that it is asked.
    gauges: Sequence[Callable[[Runtime], Awaitable[None]]] = ()
    #: Where its photos, signatures and documents are kept, if it has some.
    attachments: Attachments | None = None
    #: What it can tell anew of all that it owns, for those who keep replicas.
    snapshot: Tellers | None = None
    #: What it keeps of others, and can rebuild from their snapshots.
    replicas: Sequence[Replica[Any]] = ()
    #: Where the service lives, if not below ``services``.
    room: str = ""
    #: What stands in front of its jobs' paths, where no gateway before it puts it there.
    prefix: str = ""

    @property
    def package(self) -> str:
        """The service's Python package; ``SERVICE`` stands in its module ``app``."""
        return self.room or f"services.{self.name}"

    @property
    def migrations(self) -> Path:
        """The folder with the service's own migrations."""
        return Path(next(iter(import_module(self.package).__path__))) / "migrations"


@dataclass
class Runtime:
    """What one process of a service holds: settings, the database, keys, the spool."""

    service: Service
    common: CommonSettings
    settings: ServiceSettings
    database: Database
    verifier: InternalVerifier
    keys: KeyRing
    #: True once the process has been asked to stop: it is no longer ready, but finishes what it has.
    draining: bool = False
    #: What else must be closed when the process ends.
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @cached_property
    def storage(self) -> Storage:
        """The store of attachments, for services that have some; each has a folder of its own in it."""
        return Storage(self.common.storage_url, self.service.name)

    @property
    def attachments(self) -> Attachments:
        """The service's attachments; asked only of a service that has some."""
        if self.service.attachments is None:
            raise LookupError(f"{self.service.name} has no attachments")
        return self.service.attachments

    @property
    def spool(self) -> Path:
        """The service's folder for files on their way; what is in it belongs to a request or a job."""
        return self.common.spool_dir / self.service.name

    @classmethod
    def of(cls, service: Service) -> Self:
        """Build from the environment."""
        common = CommonSettings()
        settings = ServiceSettings.of(service.name)
        keys = KeyRing.from_json(common.key_ring.get_secret_value())
        fields.use(keys)
        database = Database(
            settings.database_url.get_secret_value(),
            service=service.name,
            pool_size=settings.pool_size,
            max_message_bytes=common.max_message_bytes,
        )
        return cls(service, common, settings, database, InternalVerifier(common.identity_public_key), keys)
