"""What travels between the services: wait until all of it has arrived, and count it at both ends."""

from __future__ import annotations

import asyncio

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
    """Count events: told, handled by all their readers, dead, still waiting."""
    return {
        # The gateway hears every event, for the change feed.
        "published": await _ask(installation, "gateway", "SELECT count(*) FROM change"),
        "handled": await _total(installation, "SELECT count(*) FROM inbox"),
        "dead": await _total(installation, "SELECT count(*) FROM dead_event"),
        "pending": await _total(installation, "SELECT coalesce(sum(events), 0) FROM outbox"),
    }


async def expected_handlings(installation: Installation) -> int:
    """Count how often events have to be handled: each one by every service that listens to its type."""
    meant = "SELECT count(*) FROM change WHERE type = ANY($1)"
    return sum(
        [await _ask(installation, "gateway", meant, sorted(load(name).reactions.types)) for name in NAMES]
    )


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
