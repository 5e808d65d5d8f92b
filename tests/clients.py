"""A service's real application on a real database, called as the gateway would call it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr
from sqlalchemy import event, text

from shared.assembly import Runtime, Service
from shared.contracts.envelope import Contract, Event
from shared.crypto import fields
from shared.crypto.keyring import KeyRing
from shared.database import Database
from shared.domain.codes import code_lists
from shared.identity.internal import HEADER, InternalSigner, InternalVerifier
from shared.identity.principal import Principal, system
from shared.identity.scopes import scopes_of
from shared.keys import uuid7
from shared.settings import CommonSettings, ServiceSettings
from shared.web.service_app import service_app
from tests.infrastructure.databases import ServiceDatabase


@dataclass
class HandClock:
    """A clock that a test sets by hand."""

    moment: datetime

    def __call__(self) -> datetime:
        """Return the moment that it shows."""
        return self.moment


class ServiceUnderTest:
    """One service, ready to be called, told events and looked into."""

    def __init__(
        self, runtime: Runtime, signer: InternalSigner, clock: HandClock, stack: AsyncExitStack
    ) -> None:
        self.runtime = runtime
        self.clock = clock
        self.database = runtime.database
        self._signer = signer
        self._stack = stack
        self._app = service_app(runtime)

    async def caller(
        self, role: str, *areas: str, subject: str | None = None, departments: Iterable[str] | None = None
    ) -> httpx.AsyncClient:
        """Return a client for somebody of that role with those areas; a department's sends in every one's name."""
        name = subject or role
        if departments is None and role == "department":
            departments = (each.code for each in code_lists()["department"].codes)
        principal = Principal(name, name, scopes_of((role,)), areas, (role,), tuple(departments or ()))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url="http://service",
            headers={HEADER: self._signer.sign(principal)},
        )
        return await self._stack.enter_async_context(client)

    @asynccontextmanager
    async def served(self, role: str, *areas: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        """Serve on a loopback port; give the address, and the headers of somebody of that role."""
        server = uvicorn.Server(uvicorn.Config(self._app, port=0, log_level="critical", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        principal = Principal(role, role, scopes_of((role,)), areas, (role,))
        try:
            yield f"http://127.0.0.1:{port}", {HEADER: self._signer.sign(principal)}
        finally:
            server.should_exit = True
            await serving

    async def tell(self, *contracts: Contract) -> None:
        """Hand events to the service's reactions, as its worker would."""
        async with self.database.writing(system(self.runtime.service.name)) as db:
            await self.runtime.service.reactions.run(db, [_event(each, self.clock()) for each in contracts])

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[list[str]]:
        """Collect the SQL that is sent inside the block."""
        sent: list[str] = []
        mapped: set[str] = set()

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            sent.append(statement)
            mapped.add(statement)

        def note_glance(logged: asyncpg.connection.LoggedQuery) -> None:
            # A transaction's beginning and end are not counted of the others either, nor what the driver asks once a
            # connection, to learn of a type; many rows in one statement are noted above.
            own = ("BEGIN", "COMMIT", "ROLLBACK", "WITH RECURSIVE typeinfo")
            query = logged.query.lstrip()
            if not query.startswith(own) and "'jit'" not in query and logged.query not in mapped:
                sent.append(query)

        def listen(dbapi: Any, _record: object, _proxy: object) -> None:
            dbapi.driver_connection.add_query_logger(note_glance)

        def leave(dbapi: Any, _record: object) -> None:
            dbapi.driver_connection.remove_query_logger(note_glance)

        engine = self.database.engine.sync_engine
        listeners: dict[str, Callable[..., None]] = {
            "before_cursor_execute": note,
            "checkout": listen,
            "checkin": leave,
        }
        for name, listener in listeners.items():
            event.listen(engine, name, listener)
        try:
            yield sent
        finally:
            for name, listener in listeners.items():
                event.remove(engine, name, listener)


def _event(contract: Contract, moment: datetime) -> Event[Contract]:
    return Event[Contract](
        id=uuid7(),
        source="tests",
        type=contract.event_type,
        subject=contract.subject,
        time=moment,
        sequence=contract.sequence,
        area=contract.area,
        data=contract,
    )


@asynccontextmanager
async def under_test(
    service: Service,
    database: ServiceDatabase,
    folder: Path,
    *,
    moment: datetime,
    keys: KeyRing | None = None,
) -> AsyncIterator[ServiceUnderTest]:
    """Assemble a service over a test's database, with the clock at ``moment`` and keys of its own unless given."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    keys, clock = keys or KeyRing.generate(), HandClock(moment)
    fields.use(keys)
    common = CommonSettings(
        bus_url="memory://",
        key_ring=SecretStr(keys.to_json()),
        identity_public_key=public,
        spool_dir=folder,
        storage_url=(folder / "attachments").as_uri(),
    )
    runtime = Runtime(
        service=service,
        common=common,
        settings=ServiceSettings(database_url=SecretStr(database.url)),
        database=Database(database.url, service=service.name, pool_size=4, now=clock),
        verifier=InternalVerifier(public),
        keys=keys,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runtime.database.dispose)
        yield ServiceUnderTest(runtime, InternalSigner(pem), clock, stack)


async def outbox_of(under: ServiceUnderTest) -> Sequence[dict[str, Any]]:
    """Return the events that wait to be published, oldest first."""
    async with under.database.reading(system("tests")) as db:
        bodies = await db.rows(text("SELECT body FROM outbox ORDER BY id"))
    return [each for (body,) in bodies for each in orjson.loads(body)]
