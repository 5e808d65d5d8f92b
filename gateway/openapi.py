"""One OpenAPI document for the whole house, merged from what each service says of itself."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from gateway.proxy import Proxy
from gateway.routes import PREFIX
from shared.logging import log

_log = log(__name__)
_FRESH_SECONDS = 60
_SCHEMAS = "#/components/schemas/"
_DESCRIPTION = """防止返贫动态监测和帮扶的后端接口。Backend API for dynamic monitoring against a return to poverty.

先以客户端凭据换取令牌：`POST /oauth/token`。Get a token first: `POST /oauth/token`.
"""


class MergedOpenAPI:
    """Fetches the services' documents, merges them under ``/api/v1`` and remembers the result for a minute."""

    def __init__(self, own: dict[str, Any], services: dict[str, str], proxy: Proxy) -> None:
        self._own = own
        self._services = services
        self._proxy = proxy
        self._merged: dict[str, Any] = {}
        self._merged_at = float("-inf")

    async def document(self) -> dict[str, Any]:
        """Return the document; a service that does not answer is missing from it and named in its description."""
        if time.monotonic() - self._merged_at > _FRESH_SECONDS:
            names = list(self._services)
            found = await asyncio.gather(*(self._fetch(name) for name in names))
            documents = dict(zip(names, found, strict=True))
            self._merged = merge(self._own, documents)
            if all(found):
                self._merged_at = time.monotonic()
        return self._merged

    async def _fetch(self, name: str) -> dict[str, Any] | None:
        try:
            async with self._proxy.session.get(f"{self._services[name]}/openapi.json") as response:
                document: dict[str, Any] = await response.json()
                return document
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("openapi.missing", target=name, error=type(error).__name__)
            return None


def merge(own: dict[str, Any], documents: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """Merge documents; schemas of one name that say different things get their service's name before theirs."""
    missing = [name for name, document in documents.items() if document is None]
    paths: dict[str, Any] = dict(own.get("paths", {}))
    schemas: dict[str, Any] = dict(own.get("components", {}).get("schemas", {}))
    for name, document in documents.items():
        if document is None:
            continue
        theirs = document.get("components", {}).get("schemas", {})
        renamed = {schema: f"{name.capitalize()}{schema}" for schema in _otherwise(theirs, schemas)}
        schemas |= {
            renamed.get(schema, schema): _renamed(content, renamed) for schema, content in theirs.items()
        }
        paths |= {PREFIX + path: _renamed(item, renamed) for path, item in document.get("paths", {}).items()}
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fangfan 防返",
            "version": "1",
            "description": _DESCRIPTION + (f"\n暂缺 missing now: {', '.join(missing)}" if missing else ""),
        },
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": {"bearer": bearer}},
    }


def _otherwise(theirs: dict[str, Any], known: dict[str, Any]) -> set[str]:
    """Return which of a service's schemas say something else than what is known by their name."""
    found: set[str] = set()
    while True:
        apart = {schema: f"other {schema}" for schema in found}
        # A page of rows is the same here and there but for the rows: what leads to another schema is another one.
        more = {
            schema
            for schema, content in theirs.items()
            if schema not in found and schema in known and _renamed(content, apart) != known[schema]
        }
        if not more:
            return found
        found |= more


def _renamed(node: Any, renamed: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(item, renamed) for item in node]
    if not isinstance(node, dict):
        return node
    fresh = {key: _renamed(value, renamed) for key, value in node.items()}
    reference = fresh.get("$ref")
    if isinstance(reference, str) and reference.startswith(_SCHEMAS):
        name = reference.removeprefix(_SCHEMAS)
        fresh["$ref"] = _SCHEMAS + renamed.get(name, name)
    return fresh
