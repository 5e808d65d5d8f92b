"""The endpoints of a service, as its application serves them."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.routing import APIRoute

from shared.assembly import Service
from shared.jobs.api import jobs_router
from shared.web.caller import ScopeNeeded


def routes_of(service: Service) -> Iterator[APIRoute]:
    """Yield the routes; the ones of jobs are there where there are jobs."""
    jobs = [jobs_router(service.name, service.prefix)] if service.jobs else []
    for router in [*service.routers, *jobs]:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def scopes_needed(route: APIRoute) -> list[str | None]:
    """Return what the route's ``requires`` ask for: one entry where all is well, None meaning any known caller."""
    calls = (needed.call for needed in route.dependant.dependencies)
    return [call.scope for call in calls if isinstance(call, ScopeNeeded)]
