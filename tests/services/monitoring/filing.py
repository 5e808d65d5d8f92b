"""A household's whole way with the papers that belong to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from shared.contracts.household import HouseholdRegistered
from shared.keys import uuid7
from tests.documents import image
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.journey import open_case, walk

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"\x00" * 30
_CONTENTS = {
    "document": PDF,
    "photo": image(640, 480, "JPEG"),
    "signature": image(300, 90, "PNG", "RGBA"),
}
#: What each step of identification is filed with.
OF_STEPS = {
    "consent": ["signature"],
    "household-check": ["document", "photo"],
    "deliberation": ["document"],
    "publicity": ["photo"],
    "town-review": ["signature"],
    "joint-check": ["document"],
    "county-approval": ["document"],
    "announcement": ["photo"],
}
#: Everything that was done in ``filed``, as it was done.
WAY = [
    "clue",
    "clue_verdict",
    "consent",
    "household_check",
    "data_check",
    "deliberation",
    "publicity",
    "town_review",
    "joint_check",
    "county_approval",
    "announcement",
    "contact",
    "plan",
    "measure_planned",
    "measure_progress",
    "measure_done",
    "follow_up",
    "elimination_proposed",
    "elimination_deliberated",
    "elimination_reviewed",
    "elimination_approved",
    "clue",
    "clue_verdict",
    "retagging_verified",
    "retagging_confirmed",
    "closure_proposed",
    "closure",
]


async def send(
    caller: httpx.AsyncClient, household_id: UUID, kind: str, key: str, content: bytes | None = None
) -> None:
    """Send in a paper of that kind."""
    said = {"kind": kind, "household_id": str(household_id), "id": key}
    name = {"X-Filename": quote(f"材料-{kind}")}
    sent = await caller.post("/papers", params=said, content=content or _CONTENTS[kind], headers=name)
    assert sent.status_code == 201, sent.text


async def papers(scene: Scene, household_id: UUID, *kinds: str) -> list[str]:
    """Send in papers of these kinds; return their ids."""
    keys = [str(uuid7()) for _ in kinds]
    for key, kind in zip(keys, kinds, strict=True):
        await send(scene.village, household_id, kind, key)
    return keys


async def identified(scene: Scene, known: HouseholdRegistered) -> str:
    """Take a household through identification with all papers; return the object's address."""
    changed = {step: {"papers": await papers(scene, known.id, *kinds)} for step, kinds in OF_STEPS.items()}
    shown = await walk(scene, await open_case(scene, known.id), changed=changed)
    return f"/monitored/{shown['monitored_id']}"


async def helped(scene: Scene, known: HouseholdRegistered, thing: str) -> None:
    """Name a contact, make a plan, carry a measure out and see what it brought, with all papers."""
    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    signed = forms.PLAN | {"papers": await papers(scene, known.id, "signature")}
    assert (await scene.village.post(f"{thing}/plans", json=signed)).status_code == 201
    planned = await scene.village.post(f"{thing}/measures", json=forms.MEASURE)
    address = f"/measures/{planned.json()['id']}"
    await move(scene.village, f"{address}/progress", {"progress": "已提交申请"})
    done = {"effect": "自付降至每月三百元", "papers": await papers(scene, known.id, "photo")}
    await move(scene.village, f"{address}/completion", done)
    seen = {"found": "透析按时，收支平衡", "papers": await papers(scene, known.id, "photo")}
    assert (await scene.village.post(f"{thing}/follow-ups", json=seen)).status_code == 201


async def freed(scene: Scene, known: HouseholdRegistered, thing: str) -> None:
    """Eliminate the risk after more than half a year, with all papers."""
    scene.go_to(2021, 12, 20)
    proposal = forms.STABLE | {"papers": await papers(scene, known.id, "signature")}
    await move(scene.village, f"{thing}/elimination", proposal)
    minutes = forms.GONE | {"papers": await papers(scene, known.id, "document")}
    await move(scene.village, f"{thing}/elimination/deliberation", minutes)
    await move(scene.town, f"{thing}/elimination/review", forms.REVIEW)
    decision = forms.APPROVAL | {"papers": await papers(scene, known.id, "document")}
    await move(scene.county, f"{thing}/elimination/approval", decision)


async def filed(scene: Scene, **changes: Any) -> tuple[HouseholdRegistered, str]:
    """Take a household through everything that there is, back under watch and out; return it with its object."""
    known = await scene.known(household(**changes))
    thing = await identified(scene, known)
    await helped(scene, known, thing)
    await freed(scene, known, thing)
    scene.go_to(2022, 5, 10)
    receipt = await scene.clue(known.id, scene.town, risk_type="job_instability", facts="务工企业停产")
    await move(scene.village, f"/clues/{receipt['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    proposal = {"risk_type": "job_instability", "cause": "企业停产失业", "clue_id": receipt["clue_id"]}
    await move(
        scene.town, f"{thing}/retagging", proposal | {"papers": await papers(scene, known.id, "document")}
    )
    await move(scene.county, f"{thing}/retagging/confirmation", {"opinion": "同意再标注"})
    proof, decision = [{"papers": await papers(scene, known.id, "document")} for _ in range(2)]
    await move(scene.town, f"{thing}/closure", forms.CLOSURE | proof)
    await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL | decision)
    return known, thing


async def archive_of(caller: httpx.AsyncClient, thing: str) -> dict[str, Any]:
    """Return an object's archive."""
    answer = await caller.get(f"{thing}/archive")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown
