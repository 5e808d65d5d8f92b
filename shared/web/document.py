"""What a document tells of headers: of a request's where no parameter of an endpoint does, and of an answer's."""

from __future__ import annotations

from typing import Any


def header(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    """Return, as ``openapi_extra=`` has it among ``parameters``, how a document tells of a header."""
    told = {"name": name, "in": "header", "required": required}
    return told | {"schema": {"type": "string"} | schema, "description": description}


def answered(name: str, description: str) -> dict[str, Any]:
    """Return, as an answer has it among ``headers``, how a document tells of one that may be there."""
    return {name: {"schema": {"type": "string"}, "description": description}}
