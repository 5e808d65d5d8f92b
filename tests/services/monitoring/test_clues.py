"""The inbox: one clue a household and risk, its sources kept, its verdict leading on."""

from __future__ import annotations

import asyncio

import pytest

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import Arrival, Outcome, Standing, outcome_of
from services.monitoring.monitored.states import MonitoredStatus as M
from shared.contracts.inspection import HouseholdVisited, RiskSignal
from shared.identity.principal import system
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.monitoring.conftest import (
    NUMBER,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    member,
    morning,
    move,
    numbered,
)
from tests.services.monitoring.journey import eliminated, monitored


@pytest.mark.check
@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        pytest.param(Standing(), Outcome.RECEIVED, id="a household of which nothing is known"),
        pytest.param(Standing({"water"}), Outcome.RECEIVED, id="another risk is being looked into"),
        pytest.param(Standing({"illness"}), Outcome.MERGED, id="this risk is being looked into"),
        pytest.param(
            Standing((), M.MONITORED, {"illness"}), Outcome.ALREADY_MONITORED, id="monitored for this risk"
        ),
        pytest.param(
            Standing((), M.ELIMINATION_WITHHELD, {"illness"}),
            Outcome.ALREADY_MONITORED,
            id="withheld, this risk",
        ),
        pytest.param(Standing((), M.MONITORED, {"water"}), Outcome.RECEIVED, id="monitored for another risk"),
        pytest.param(
            Standing((), M.ELIMINATION_PROPOSED, {"illness"}), Outcome.RECEIVED, id="about to be eliminated"
        ),
        pytest.param(Standing((), M.ELIMINATED), Outcome.RETAG_CANDIDATE, id="eliminated"),
        pytest.param(Standing((), M.RETAG_CANDIDATE), Outcome.RETAG_CANDIDATE, id="candidate, another risk"),
        pytest.param(Standing({"illness"}, M.RETAG_CANDIDATE), Outcome.MERGED, id="candidate for this risk"),
    ],
)
def test_what_becomes_of_news_of_illness(standing: Standing, outcome: Outcome) -> None:
    assert outcome_of("illness", standing) is outcome


async def test_another_source_of_the_same_risk_is_evidence_not_a_second_clue(scene: Scene) -> None:
    home = await scene.known(household(members=(numbered(),)))
    first = await scene.clue(home.id)
    assert first["outcome"] == "received"
    second = await scene.clue(home.id, scene.town, source="public", facts="信访反映")
    answer = await scene.province.post(
        "/clues",
        json={
            "identity_number": NUMBER[:6] + " " + NUMBER[6:],
            "risk_type": "illness",
            "source": "province",
            "facts": "省平台预警",
            "reference": "P-1",
        },
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    assert {second["outcome"], answer.json()["outcome"]} == {"merged"}
    assert {second["clue_id"], answer.json()["clue_id"]} == {first["clue_id"]}
    shown = (await scene.village.get(f"/clues/{first['clue_id']}")).json()
    assert shown["sources"] == ["inspection", "public", "province"]
    assert [each["facts"] for each in shown["evidence"]] == ["住院自付较高", "信访反映", "省平台预警"]
    assert shown["member_id"] == str(home.members[0].id)
    assert NUMBER not in str(shown)
    assert [event["sequence"] for event in await outbox_of(scene.service)] == [1, 2, 3]


async def test_the_same_thing_told_twice_counts_once(scene: Scene) -> None:
    home = await scene.known(household())
    arrival = Arrival(
        household_id=home.id,
        risk_type="illness",
        source="department",
        facts="累计自付 1 万元",
        reference="c:1",
    )
    for _ in range(2):
        async with scene.service.database.writing(system("monitoring")) as db:
            (receipt,) = await receive_many(db, [arrival])
    assert receipt.outcome is Outcome.MERGED
    assert receipt.clue is not None
    assert (len(receipt.clue.evidence), receipt.clue.version) == (1, 1)
    assert len(await outbox_of(scene.service)) == 1


async def test_a_thousand_warnings_take_a_handful_of_statements(scene: Scene) -> None:
    homes = [household(number=str(n), members=(member("张三", "1970-01-01"),)) for n in range(300)]
    await scene.known(*homes)
    arrivals = [
        Arrival(household_id=home.id, risk_type=risk, source="department", facts="预警", reference="c:1")
        for home in homes
        for risk in ("illness", "schooling", "water")
    ]
    async with scene.service.statements() as sent, scene.service.database.writing(system("monitoring")) as db:
        receipts = await receive_many(db, arrivals)
    assert {receipt.outcome for receipt in receipts} == {Outcome.RECEIVED}
    assert len(sent) <= 8


async def test_what_a_visit_signals_becomes_a_clue(scene: Scene) -> None:
    home = await scene.known(household())
    daughter = home.members[1].id
    visit = HouseholdVisited(
        id=uuid7(),
        division_code=VILLAGE,
        version=1,
        campaign_id=uuid7(),
        household_id=home.id,
        visited_at=morning(2021, 6, 9),
        officer="张强",
        failed_items=("A1-01",),
        signals=(RiskSignal(risk_type="education_guarantee", member_id=daughter, facts="A1-01 辍学"),),
    )
    await scene.service.tell(visit)
    (clue,) = (await scene.village.get("/clues", params={"source": "inspection"})).json()["items"]
    assert (clue["risk_type"], clue["member_id"], clue["received_on"]) == (
        "education_guarantee",
        str(daughter),
        "2021-06-09",
    )
    # 12 to 14 June 2021 was the Dragon Boat holiday.
    assert (clue["due_on"], clue["head_name"]) == ("2021-06-17", "王建国")


async def test_a_dismissed_clue_says_why_and_stays_dismissed(scene: Scene) -> None:
    home = await scene.known(household())
    address = f"/clues/{(await scene.clue(home.id))['clue_id']}"
    reason = {"reason": "已报销，自付不足千元"}
    shown = await move(scene.village, f"{address}/dismissal", reason)
    assert (shown["status"], shown["dismissal"], shown["dismissal_by"]) == (
        "received",
        reason["reason"],
        "village-1",
    )
    twice = await move(scene.town, f"{address}/dismissal", reason, expect=409)
    assert twice["code"] == "dismissal_pending"
    shown = await move(scene.town, f"{address}/dismissal/confirmation")
    assert (shown["status"], shown["verdict"], shown["settled_by"]) == (
        "dismissed",
        reason["reason"],
        "town-1",
    )
    again = await move(scene.village, f"{address}/acceptance", {"verdict": "x"}, expect=409)
    assert again["code"] == "clue_settled_already"
    assert (await scene.clue(home.id))["outcome"] == "received"


async def test_acceptance_opens_one_case_and_later_clues_join_it(scene: Scene) -> None:
    home = await scene.known(household())
    first, second = await scene.clue(home.id), await scene.clue(home.id, risk_type="schooling")
    accepted = await move(
        scene.village, f"/clues/{first['clue_id']}/acceptance", {"verdict": "属实"}, expect=201
    )
    joined = await move(
        scene.village, f"/clues/{second['clue_id']}/acceptance", {"verdict": "属实"}, expect=201
    )
    assert accepted["case_id"] == joined["case_id"]
    merged = (await scene.village.get(f"/clues/{second['clue_id']}")).json()
    assert merged["status"] == "merged"
    assert (await scene.clue(home.id))["outcome"] == "merged"
    kinds = [event["type"] for event in await outbox_of(scene.service)]
    assert kinds.count("monitoring.case_opened.v1") == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"household_id": str(uuid7())}, 404, "household_unknown", id="an unknown household"),
        pytest.param({"household_id": None}, 422, "who_is_it_about", id="nobody"),
        pytest.param({"identity_number": NUMBER}, 422, "who_is_it_about", id="two at once"),
        pytest.param({"member_id": str(uuid7())}, 422, "not_of_household", id="a stranger"),
        pytest.param({"source": "province"}, 403, "source_not_yours", id="in the province's name"),
        pytest.param({"risk_type": "bad luck"}, 422, "invalid", id="a risk that is none"),
        pytest.param({"received_on": "2021-06-11"}, 422, "date_in_future", id="tomorrow"),
        pytest.param({"received_on": "2012-06-09"}, 422, "date_out_of_order", id="two figures interchanged"),
        pytest.param(
            {"household_id": None, "identity_number": "340621198003010019"},
            422,
            "invalid",
            id="a wrong number",
        ),
        pytest.param(
            {"household_id": None, "identity_number": NUMBER}, 404, "person_unknown", id="a number unknown"
        ),
    ],
)
async def test_a_clue_is_refused(scene: Scene, changes: dict[str, str], status: int, code: str) -> None:
    home = await scene.known(household())
    draft = {"household_id": str(home.id), "risk_type": "illness", "source": "inspection", "facts": "住院"}
    answer = await scene.village.post("/clues", json=draft | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert NUMBER not in answer.text


async def test_clues_are_seen_in_their_area_only(scene: Scene) -> None:
    home, far = household(), household(OTHER_VILLAGE)
    await scene.known(home, far)
    await scene.clue(home.id)
    elsewhere = await scene.clue(far.id, scene.county)
    assert len((await scene.county.get("/clues")).json()["items"]) == 2
    assert len((await scene.village.get("/clues")).json()["items"]) == 1
    assert (await scene.village.get(f"/clues/{elsewhere['clue_id']}")).status_code == 404
    refused = await scene.village.post(
        "/clues",
        json={"household_id": str(far.id), "risk_type": "water", "source": "inspection", "facts": "停水"},
    )
    assert refused.status_code == 404


async def test_many_who_tell_at_once_make_one_clue_and_one_case(scene: Scene) -> None:
    home = await scene.known(household())
    receipts = await asyncio.gather(*(scene.clue(home.id, reference=f"R-{n}") for n in range(6)))
    assert sorted(receipt["outcome"] for receipt in receipts) == ["merged"] * 5 + ["received"]
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    assert (len(clue["evidence"]), clue["version"]) == (6, 6)
    other = await scene.clue(home.id, risk_type="water")
    accepted = await asyncio.gather(
        *(
            move(scene.village, f"/clues/{each}/acceptance", {"verdict": "属实"}, expect=201)
            for each in (clue["id"], other["clue_id"])
        )
    )
    assert accepted[0]["case_id"] == accepted[1]["case_id"]
    assert len((await scene.village.get("/cases")).json()["items"]) == 1


async def test_news_of_a_candidate_is_evidence_until_it_is_tagged_again(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    first = await scene.clue(home.id, facts="复发")
    await move(scene.village, f"/clues/{first['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    again = await scene.clue(home.id, facts="再次住院")
    assert (again["outcome"], again["clue_id"]) == ("merged", first["clue_id"])
    told = [event["type"] for event in await outbox_of(scene.service)][-4:]
    assert [str(kind).split(".")[1] for kind in told] == [
        "clue_received",
        "object_changed",
        "clue_settled",
        "clue_received",
    ]
