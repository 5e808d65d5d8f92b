"""Which service answers which path, below ``/api/v1``. The services themselves say which scope an endpoint needs."""

from __future__ import annotations

PREFIX = "/api/v1"

#: Longest prefix wins. The gateway's own paths are not in the table: it answers them itself.
ROUTES: dict[str, str] = {
    "/codes": "household",
    "/divisions": "household",
    "/grids": "household",
    "/households": "household",
    "/duplicates": "household",
    "/corrections": "household",
    "/people": "household",
    "/incomes": "household",
    "/quality": "household",
    "/officials": "household",
    "/consents": "household",
    "/income-lines": "household",
    "/jobs/household-": "household",
    "/campaigns": "inspection",
    "/checklists": "inspection",
    "/findings": "inspection",
    "/attachments": "inspection",
    "/inspection-objects": "inspection",
    "/jobs/inspection-": "inspection",
    "/clues": "monitoring",
    "/self-applications": "monitoring",
    "/cases": "monitoring",
    "/monitored": "monitoring",
    "/measures": "monitoring",
    "/rules": "monitoring",
    "/rule-hits": "monitoring",
    "/stability-reviews": "monitoring",
    "/follow-ups": "monitoring",
    "/support-classes": "monitoring",
    "/credits": "monitoring",
    "/posts": "monitoring",
    "/papers": "monitoring",
    "/doubts": "monitoring",
    "/datasets": "monitoring",
    "/comparisons": "monitoring",
    "/jobs/monitoring-": "monitoring",
    "/reports": "reporting",
    "/jobs/reporting-": "reporting",
}

#: Where a person without an account may come in, slowly.
PUBLIC = frozenset({"/self-applications", "/self-applications/status"})

_BY_LENGTH = sorted(ROUTES, key=len, reverse=True)


def service_for(path: str) -> str | None:
    """Return the service that answers a path (without ``/api/v1``), or None where the gateway answers itself."""
    for prefix in _BY_LENGTH:
        if path.startswith(prefix) and (prefix.endswith("-") or path[len(prefix) :][:1] in ("", "/")):
            return ROUTES[prefix]
    return None
