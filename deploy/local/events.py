"""What travels between the services: wait until all of it has arrived, and count it at both ends."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from deploy.catalog import NAMES, load
from deploy.local.installation import Installation
from deploy.provision import libpq_url

_PATIENCE_SECONDS = 120.0
#: Twice in a row: what has just arrived may have caused something new.
_QUIET_LOOKS = 2
_BETWEEN_LOOKS_SECONDS = 0.2
_UNDER_WAY = """
    SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM job WHERE state IN ('queued', 'running'))
"""


async def settle(installation: Installation, *, patience: float = _PATIENCE_SECONDS) -> None:
    """Wait until no event and no job is under way anywhere, for ``patience`` seconds at most."""
    quiet = 0
    try:
        async with asyncio.timeout(patience):
            while quiet < _QUIET_LOOKS:
                quiet = quiet + 1 if await _is_quiet(installation) else 0
                await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
    except TimeoutError:
        message = f"events or jobs are still under way after {patience:.0f} s"
        raise TimeoutError(message) from None


async def events_of(installation: Installation) -> dict[str, int]:
    """Count events: told, handled by all their readers, dead, still waiting; of those that the change feed hears."""
    heard = await _heard(installation)
    handled = "SELECT count(*) FROM inbox WHERE event_id = ANY($1)"
    return {
        "published": len(heard),
        "handled": sum([await _ask(installation, name, handled, heard) for name in NAMES]),
        "dead": await _total(installation, "SELECT count(*) FROM dead_event"),
        "pending": await _total(installation, "SELECT coalesce(sum(events), 0) FROM outbox"),
    }


async def expected_handlings(installation: Installation) -> int:
    """Count how often events have to be handled: each one by every service that listens to its type."""
    meant = "SELECT count(*) FROM change WHERE type = ANY($1)"
    return sum(
        [await _ask(installation, "gateway", meant, sorted(load(name).reactions.types)) for name in NAMES]
    )


async def _heard(installation: Installation) -> list[UUID]:
    """Return the events of the change feed. Few are kept from it: what nobody outside may know before it is decided."""
    connection = await asyncpg.connect(libpq_url(installation.environment["FANGFAN_GATEWAY_OWNER_URL"]))
    try:
        return [row["event_id"] for row in await connection.fetch("SELECT event_id FROM change")]
    finally:
        await connection.close()


async def _is_quiet(installation: Installation) -> bool:
    return await _total(installation, _UNDER_WAY) == 0 and await _queues_are_empty(installation)


async def _queues_are_empty(installation: Installation) -> bool:
    """Ask RabbitMQ, where an empty outbox means handed over, not handled."""
    if installation.rabbitmq is None:
        return True
    left = await asyncio.to_thread(
        installation.rabbitmq.control, "list_queues", "name", "messages", "--quiet"
    )
    return all(line.split()[-1] == "0" for line in left.splitlines() if line.startswith("fangfan."))


async def _total(installation: Installation, query: str) -> int:
    return sum([await _ask(installation, name, query) for name in NAMES])


async def _ask(installation: Installation, name: str, query: str, *parameters: object) -> int:
    url = libpq_url(installation.environment[f"FANGFAN_{name.upper()}_OWNER_URL"])
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(query, *parameters))
    finally:
        await connection.close()
