"""Household 360: what each service knows of one household, asked in parallel and put side by side.

A part that does not answer is named in ``missing`` instead of failing the whole: an official at the door
needs what there is.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import aiohttp
from fastapi import Request
from pydantic import BaseModel

from gateway.proxy import Proxy
from gateway.routes import PREFIX, service_for
from shared.identity.internal import HEADER as IDENTITY_HEADER
from shared.logging import log
from shared.refusal import NotFound, Unavailable
from shared.telemetry import current_traceparent
from shared.web import Router, refusals, requires

router = Router(prefix=f"{PREFIX}/households", tags=["农户 households"])
_log = log(__name__)
_SECONDS = aiohttp.ClientTimeout(total=5)

#: Part of the overview to the path that answers it.
PARTS = {
    "household": "/households/{id}",
    "findings": "/findings?household_id={id}",
    "clues": "/clues?household_id={id}",
    "cases": "/cases?household_id={id}",
    "monitored": "/monitored?household_id={id}",
}


class Overview(BaseModel):
    """One household as all services see it; lists hold their first page."""

    household: dict[str, Any]
    findings: list[dict[str, Any]] = []
    clues: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    monitored: list[dict[str, Any]] = []
    #: Parts that did not answer, or that the caller may not see.
    missing: list[str] = []


@router.get(
    "/{household_id}/overview",
    dependencies=[requires("households:read")],
    responses=refusals(NotFound, Unavailable),
)
async def household_overview(request: Request, household_id: UUID) -> Overview:
    """Return what is known of a household across the house."""
    proxy: Proxy = request.app.state.proxy
    asked = (_ask(proxy, path.format(id=household_id), request) for path in PARTS.values())
    answers = dict(zip(PARTS, await asyncio.gather(*asked), strict=True))
    status, household = answers.pop("household")
    if household is None:
        raise NotFound if status in (403, 404) else Unavailable
    lists = {name: body.get("items", []) for name, (_, body) in answers.items() if body is not None}
    return Overview(household=household, missing=[name for name in answers if name not in lists], **lists)


async def _ask(proxy: Proxy, path: str, request: Request) -> tuple[int, dict[str, Any] | None]:
    service = service_for(path.partition("?")[0])
    headers = {IDENTITY_HEADER: request.headers[IDENTITY_HEADER], "traceparent": current_traceparent() or ""}
    try:
        url = f"{proxy.services[service or '']}{path}"
        async with proxy.session.get(url, headers=headers, timeout=_SECONDS) as response:
            return response.status, await response.json() if response.status == 200 else None  # noqa: PLR2004
    except (aiohttp.ClientError, TimeoutError) as error:
        _log.warning("overview.missing", target=service, error=type(error).__name__)
        return 503, None
