"""The end of the story: wait until every event has arrived, recount each figure at its owner, and compare."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from deploy.catalog import NAMES
from deploy.demo.actors import COUNTY
from deploy.demo.stage import Story
from deploy.local.installation import Installation
from deploy.provision import libpq_url

_PATIENCE_SECONDS = 120.0


async def settle(installation: Installation) -> None:
    """Wait until no event and no job is under way anywhere."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    quiet = 0
    while quiet < 2:
        if asyncio.get_running_loop().time() > deadline:
            message = "events are still under way"
            raise TimeoutError(message)
        # Twice in a row: what has just arrived may have caused something new.
        quiet = quiet + 1 if await _is_quiet(installation) else 0
        await asyncio.sleep(0.2)


async def _is_quiet(installation: Installation) -> bool:
    waiting = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM job WHERE state IN ('queued', 'running'))"
    return sum([await _ask(installation, name, waiting) for name in NAMES]) == 0 and await _in_step(
        installation
    )


async def _in_step(installation: Installation) -> bool:
    """Tell whether everybody has handled what the gateway, which hears everything, has handled."""
    # On RabbitMQ an empty outbox means handed over, not handled.
    if installation.rabbitmq is None:
        return True
    left = await asyncio.to_thread(
        installation.rabbitmq.control, "list_queues", "name", "messages", "--quiet"
    )
    return all(line.split()[-1] == "0" for line in left.splitlines() if line.startswith("fangfan."))


async def events_of(installation: Installation) -> dict[str, int]:
    """Count events: told, handled by all their readers, dead, still waiting."""
    handled = [await _ask(installation, name, "SELECT count(*) FROM inbox") for name in NAMES]
    dead = [await _ask(installation, name, "SELECT count(*) FROM dead_event") for name in NAMES]
    pending = [
        await _ask(installation, name, "SELECT coalesce(sum(events), 0) FROM outbox") for name in NAMES
    ]
    published = await _ask(installation, "gateway", "SELECT count(*) FROM change")
    return {"published": published, "handled": sum(handled), "dead": sum(dead), "pending": sum(pending)}


async def _ask(installation: Installation, name: str, query: str) -> int:
    connection = await asyncpg.connect(
        libpq_url(installation.environment[f"FANGFAN_{name.upper()}_OWNER_URL"])
    )
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def counted(story: Story, path: str, **query: Any) -> int:
    """Ask an owning service how many there are."""
    return int((await story.actors.county.get(path, count="exact", limit=1, **query))["total"])


async def summarise(story: Story, installation: Installation, province: Any) -> dict[str, Any]:
    """Return the summary: every figure as its owner counts it, and whether reporting counts the same."""
    await settle(installation)
    own = await _own_figures(story)
    reported = await _reported_figures(story)
    events = await events_of(installation)
    checks = {f"{name} as reported": own[name] == reported[name] for name in own}
    checks |= {
        "no event is dead": events["dead"] == 0,
        "no event is pending": events["pending"] == 0,
        "every line of every file is accounted for": _adds_up(story),
        "every accepted person is registered": own["members"] == story.lines["accepted"],
        "the province received every change it may see": await province.received_all(),
        "every town and park reported": len(story.reports) == len(story.towns) + 2,
        "one risk came back on the same thread": own["retagged"] == 1,
    }
    return {
        "divisions": await counted(story, "/divisions"),
        "households": own["households"],
        "members": own["members"],
        "import_rejects": story.import_rejects,
        "visits": own["visits"],
        "findings": {name: own[f"findings {name}"] for name in ("raised", "closed", "overdue")},
        "comparisons": story.comparisons,
        "clues": own["clues"],
        "cases": own["cases"],
        "monitored": {name: own[name] for name in ("tagged", "eliminated", "retagged")},
        "measures": own["measures"],
        "reports": story.reports,
        "events": events,
        "checks": checks,
    }


def _adds_up(story: Story) -> bool:
    """Tell whether what was sent is what was accepted and refused, for people as for the departments' rows."""
    outcomes = ("matched", "mismatched", "unmatched", "invalid")
    compared = all(f["rows"] == sum(f[name] for name in outcomes) for f in story.comparisons.values())
    return compared and story.lines["sent"] == story.lines["accepted"] + story.lines["rejected"]


async def _own_figures(story: Story) -> dict[str, int]:
    """Count at the services that own the truth."""
    county, campaign = story.actors.county, story.campaign["id"]
    progress = (await county.get(f"/campaigns/{campaign}/progress", by="county"))["total"]
    households = [each async for each in county.all("/households", division=COUNTY)]
    monitored = [each async for each in county.all("/monitored", division=COUNTY)]
    return {
        "households": len(households),
        "members": sum(each["member_count"] for each in households),
        "visits": await counted(story, f"/campaigns/{campaign}/visits"),
        "visited": progress["visited"],
        "findings raised": progress["findings"]["raised"],
        "findings closed": progress["findings"]["closed"],
        "findings overdue": progress["findings"]["overdue"],
        "clues": await counted(story, "/clues"),
        "cases": await counted(story, "/cases"),
        "tagged": len(monitored),
        "eliminated": sum(each["status"] == "eliminated" for each in monitored),
        "retagged": sum(each["retagged"] > 0 for each in monitored),
        "measures": await counted(story, "/measures"),
    } | {f"{name} rows": figures["rows"] for name, figures in story.comparisons.items()}


async def _reported_figures(story: Story) -> dict[str, int]:
    """Read the same figures from reporting."""
    county = story.actors.county

    async def total(report: str, **query: Any) -> dict[str, int]:
        return dict((await county.get(f"/reports/{report}", by="county", **query))["total"])

    progress, monitored = await total("progress"), await total("monitored")
    datasets = (await county.get("/reports/comparisons", by="county", dimension="dataset"))["rows"]
    return {
        "households": progress["households"],
        "members": progress["members"],
        "visits": progress["visits"],
        "visited": progress["visited"],
        "findings raised": progress["raised"],
        "findings closed": progress["closed"],
        "findings overdue": progress["overdue"],
        "clues": monitored["clues"],
        "cases": monitored["cases"],
        "tagged": monitored["tagged"],
        "eliminated": monitored["eliminated"],
        "retagged": monitored["retagged"],
        "measures": (await total("measures"))["measures"],
    } | {f"{row['dimension']} rows": row["figures"]["rows"] for row in datasets}
