"""The services of the house, by name."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module

from starlette.types import ASGIApp

from shared.assembly import Runtime, Service

#: Name to the module attribute with its definition.
DEFINITIONS = {
    "household": "services.household.app:SERVICE",
    "inspection": "services.inspection.app:SERVICE",
    "monitoring": "services.monitoring.app:SERVICE",
    "reporting": "services.reporting.app:SERVICE",
    "gateway": "gateway.app:SERVICE",
}
NAMES = tuple(DEFINITIONS)
#: The same, to choose from on the command line.
ServiceName = StrEnum("ServiceName", [(name, name) for name in NAMES])  # type: ignore[misc]


def load(name: str) -> Service:
    """Import one service's definition; the others' code stays out of this process."""
    module, _, attribute = DEFINITIONS[name].partition(":")
    service: Service = getattr(import_module(module), attribute)
    return service


def application(runtime: Runtime) -> ASGIApp:
    """Return what a service's api process answers with: the gateway is a proxy, all others are alike."""
    if runtime.service.name == "gateway":
        gateway_app: ASGIApp = import_module("gateway.app").gateway_app(runtime)
        return gateway_app
    service_app: ASGIApp = import_module("shared.web.service_app").service_app(runtime)
    return service_app
