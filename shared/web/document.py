"""What a document tells of a request's headers: where no parameter of an endpoint does."""

from __future__ import annotations

from typing import Any


def header(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    """Return, as ``openapi_extra=`` has it among ``parameters``, how a document tells of a header."""
    told = {"name": name, "in": "header", "required": required}
    return told | {"schema": {"type": "string"} | schema, "description": description}
