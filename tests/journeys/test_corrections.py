"""A correction's way: from the door to the registry and back into the next form, over both services' own events."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from services.household.app import SERVICE as HOUSEHOLD
from services.inspection.app import SERVICE as INSPECTION
from shared.contracts.envelope import parse_event
from tests.clients import ServiceUnderTest, outbox_of, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.services.household.changing import FAMILY, House
from tests.services.inspection.conftest import COUNTY, FIELDWORK, open_campaign


async def carry(*way: ServiceUnderTest) -> None:
    """Bring all that each service on the way ever told to the next one: what came before comes again."""
    for sender, receiver in pairwise(way):
        events = [parse_event(raw) for raw in await outbox_of(sender)]
        heard = receiver.runtime.service.reactions.types
        await receiver.tell(*(event.data for event in events if event and event.type in heard))


async def form(officer: httpx.AsyncClient, campaign: str, house: House) -> dict[str, Any]:
    answer = await officer.get(f"{campaign}/visits/form", params={"household_id": house.view["id"]})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_what_an_officer_finds_is_what_the_next_form_knows(
    database_of: DatabaseOf, tmp_path: Path
) -> None:
    async with (
        under_test(INSPECTION, await database_of("inspection"), tmp_path, moment=FIELDWORK) as inspection,
        under_test(HOUSEHOLD, await database_of("household"), tmp_path, moment=FIELDWORK) as registry,
    ):
        clerk = await registry.caller("county_officer", COUNTY, subject="clerk")
        divisions = Path(__file__).parents[2] / "deploy/demo/data/divisions_340621.csv"
        await clerk.post("/divisions/imports", content=divisions.read_bytes())
        house = await House.of(clerk, *FAMILY)
        await carry(registry, inspection)
        officer = await inspection.caller("county_officer", COUNTY, subject="officer")
        campaign = f"/campaigns/{await open_campaign(officer)}"
        assert (await form(officer, campaign, house))["facts"]["water_safe"] is None

        draft = {
            "household_id": house.view["id"],
            "visited_at": "2021-06-09T09:00:00+08:00",
            "officer": "张强",
            "corrections": {"water_safe": True, "housing_grade": "C"},
        }
        assert (await officer.post(f"{campaign}/visits", json=draft)).status_code == 201
        await carry(inspection, registry, inspection)
        known = await form(officer, campaign, house)
        assert (known["facts"]["water_safe"], known["facts"]["housing_grade"]) == (True, None)
        assert {each["field"]: each["status"] for each in known["corrections"]} == {
            "water_safe": "accepted",
            "housing_grade": "waiting",
        }

        (waiting,) = (await clerk.get("/corrections", params={"status": "waiting"})).json()["items"]
        tag = {"If-Match": f'"{waiting["version"]}"'}
        taken = await clerk.post(f"/corrections/{waiting['id']}/acceptance", json={}, headers=tag)
        assert taken.status_code == 200, taken.text
        await carry(inspection, registry, inspection)
        known = await form(officer, campaign, house)
        assert known["facts"]["housing_grade"] == "C"
        assert {each["status"] for each in known["corrections"]} == {"accepted"}
        assert (await house.look()).view["housing_grade"] == "C"
