"""Somebody in hardship tells of it, and asks about it by receipt."""

from __future__ import annotations

from typing import Any

import httpx

from tests.services.monitoring.conftest import NUMBER, VILLAGE

DRAFT = {
    "applicant": "王建国",
    "identity_number": NUMBER,
    "phone": "13855551234",
    "division_code": VILLAGE,
    "difficulty": "妻子住院三次，自付三万元",
    "risk_type": "illness",
}


async def applied(caller: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Apply; return the receipt."""
    answer = await caller.post("/self-applications", json=DRAFT | changes)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def progress(caller: httpx.AsyncClient, receipt: dict[str, Any]) -> dict[str, Any]:
    """Ask what became of it."""
    answer = await caller.post("/self-applications/status", json={"receipt": receipt["receipt"]})
    assert answer.status_code == 200, answer.text
    status: dict[str, Any] = answer.json()
    return status
