"""A correction's way: from the door or a department to the registry and back, over the services' own events."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from services.household.app import SERVICE as HOUSEHOLD
from services.inspection.app import SERVICE as INSPECTION
from services.monitoring.app import SERVICE as MONITORING
from shared.contracts.envelope import parse_event
from tests.clients import ServiceUnderTest, outbox_of, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.services.household.changing import FAMILY, FATHER, MOTHER, SON, House
from tests.services.inspection.conftest import COUNTY, FIELDWORK, open_campaign
from tests.services.monitoring.comparing import Department, as_csv


async def carry(*way: ServiceUnderTest) -> None:
    """Bring all that each service on the way ever told to the next one: what came before comes again."""
    for sender, receiver in pairwise(way):
        events = [parse_event(raw) for raw in await outbox_of(sender)]
        heard = receiver.runtime.service.reactions.types
        await receiver.tell(*(event.data for event in events if event and event.type in heard))


async def clerk_of(registry: ServiceUnderTest) -> httpx.AsyncClient:
    """Return who keeps the registry, whose divisions are entered."""
    clerk = await registry.caller("county_officer", COUNTY, subject="clerk")
    divisions = Path(__file__).parents[2] / "deploy/demo/data/divisions_340621.csv"
    await clerk.post("/divisions/imports", content=divisions.read_bytes())
    return clerk


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
        clerk = await clerk_of(registry)
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


def of(person: dict[str, Any], *cells: str) -> tuple[str, ...]:
    """A department's row about somebody."""
    return (person["name"], person["identity_number"], *cells)


CARDS = as_csv(
    [of(SON, "肢体残疾", "二级"), of(MOTHER, "肢体残疾", "九级")],
    headers=["姓名", "身份证号", "残疾类别", "残疾等级"],
)
DEATHS = as_csv(
    [of(MOTHER, "2021-05-20"), of(FATHER, "2021-05-20")], headers=["姓名", "身份证号", "死亡日期"]
)


async def look_into_deaths(clerk: httpx.AsyncClient, *, alive: str) -> None:
    """Decide on all that waits: those said to be dead are, but for one."""
    for waiting in (await clerk.get("/corrections", params={"status": "waiting"})).json()["items"]:
        is_alive = waiting["member_id"] == alive
        answer = await clerk.post(
            f"/corrections/{waiting['id']}/{'refusal' if is_alive else 'acceptance'}",
            json={"note": "本人健在" if is_alive else "已核实"},
            headers={"If-Match": f'"{waiting["version"]}"'},
        )
        assert answer.status_code == 200, answer.text


async def became(reader: httpx.AsyncClient, batch: dict[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    items = (await reader.get(f"/comparisons/{batch['id']}/corrections")).json()["items"]
    return {(each["name"], each["field"]): (each["status"], each["reason"], each["note"]) for each in items}


async def test_what_a_department_knows_is_what_the_next_comparison_is_matched_with(
    database_of: DatabaseOf, tmp_path: Path
) -> None:
    first, second = await database_of("monitoring"), await database_of("household")
    async with under_test(MONITORING, first, tmp_path, moment=FIELDWORK) as monitoring:
        keys = monitoring.runtime.keys
        async with under_test(HOUSEHOLD, second, tmp_path, moment=FIELDWORK, keys=keys) as registry:
            await compare_twice(monitoring, registry)


async def compare_twice(monitoring: ServiceUnderTest, registry: ServiceUnderTest) -> None:
    clerk = await clerk_of(registry)
    reader = await monitoring.caller("county_officer", COUNTY, subject="clerk")
    house = await House.of(clerk, *FAMILY)
    await carry(registry, monitoring)
    office = await monitoring.caller("department", COUNTY, subject="canlian")
    cards, deaths = Department(monitoring, office, "disability"), Department(monitoring, office, "death")
    batches = [await cards.send(CARDS), await deaths.send(DEATHS)]
    await carry(monitoring, registry, monitoring)
    await look_into_deaths(clerk, alive=house.id_of("王建国"))
    await carry(registry, monitoring)
    assert [await became(reader, batch) for batch in batches] == [
        {
            ("王强", "disability_kind"): ("accepted", "certified", None),
            ("王强", "disability_grade"): ("accepted", "certified", None),
        },
        {
            ("李秀英", "leave_reason"): ("accepted", "decided_by_person", "已核实"),
            ("王建国", "leave_reason"): ("refused", "decided_by_person", "本人健在"),
        },
    ]
    assert set((await house.look()).present()) == {"王建国", "王强", "赵敏", "王小宝"}
    # Sent again for the next month, the same cards say nothing new, and whoever died has left.
    assert (await cards.send(CARDS, "2021-06"))["matched"] == 1
    again = await deaths.send(DEATHS, "2021-06")
    assert (again["matched"], again["departed"]) == (1, 1)
    told = [each["type"] for each in await outbox_of(monitoring)]
    assert told.count("monitoring.corrections_proposed.v1") == 3, "a card, two said dead, one again"
