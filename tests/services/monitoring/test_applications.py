"""Self-applications: told without an account, asked about by receipt, and never lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.monitoring.applications.job import run
from services.monitoring.applications.receipts import digest_of, new_receipt
from shared.contracts.household import HouseholdChanged, HouseholdRehomed
from shared.identity.principal import system
from tests.services.monitoring import forms
from tests.services.monitoring.applying import DRAFT, applied, progress
from tests.services.monitoring.conftest import (
    NUMBER,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    member,
    move,
    numbered,
)
from tests.services.monitoring.journey import monitored


@pytest.mark.check
def test_a_receipt_is_known_however_it_is_written() -> None:
    receipt = new_receipt()
    assert len({new_receipt() for _ in range(1000)}) == 1000
    written = (receipt, receipt.lower(), receipt.replace("-", ""), f" {receipt.replace('-', ' ')} ")
    assert {digest_of(each) for each in written} == {digest_of(receipt)}


async def test_an_application_is_a_clue_at_once_and_its_applicant_can_follow_it(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    await scene.known(household(members=(numbered(),)))
    receipt = await applied(anybody)
    # Two working days to the first visit, five to the verdict; the Dragon Boat holiday lies between.
    assert (receipt["visit_due_on"], receipt["answer_due_on"]) == ("2021-06-15", "2021-06-18")
    assert (await progress(anybody, receipt))["progress"] == "being_verified"
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    assert (clue["sources"], clue["priority"], clue["visit_due_on"]) == (
        ["self_application"],
        1,
        "2021-06-15",
    )
    address = f"/clues/{clue['id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "合规自付仅八百元"})
    assert (await progress(anybody, receipt))["answer"] is None, "nobody has agreed yet"
    await move(scene.town, f"{address}/dismissal/confirmation")
    status = await progress(anybody, receipt)
    assert (status["progress"], status["answer"], status["answered_on"]) == (
        "no_risk",
        "合规自付仅八百元",
        "2021-06-10",
    )
    assert set(status) == {
        *("received_on", "progress", "zh", "en", "visit_due_on", "answer_due_on"),
        *("step", "answer", "answered_on"),
    }, "nothing that only officials may know"


async def test_identification_is_followed_step_by_step(scene: Scene, anybody: httpx.AsyncClient) -> None:
    await scene.known(household(members=(numbered(),)))
    receipt = await applied(anybody)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    accepted = await move(scene.village, f"/clues/{clue['id']}/acceptance", {"verdict": "属实"}, expect=201)
    status = await progress(anybody, receipt)
    assert (status["progress"], status["step"]) == ("identification", "consent")
    case = f"/cases/{accepted['case_id']}"
    await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL)
    status = await progress(anybody, receipt)
    assert (status["progress"], status["step"]) == ("identification", "consent")
    await move(scene.town, f"{case}/withdrawal/confirmation", forms.WISHED)
    status = await progress(anybody, receipt)
    assert (status["progress"], status["answer"]) == ("not_monitored", forms.WITHDRAWAL["reason"])


async def test_somebody_whom_the_registry_does_not_know_waits_until_it_does(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    receipt = await applied(anybody)
    assert (await progress(anybody, receipt))["progress"] == "waiting"
    (waiting,) = (await scene.village.get("/self-applications?waiting=true")).json()["items"]
    assert (waiting["applicant"], waiting["identity_number"], waiting["phone"]) == (
        "王建国",
        "34**************1X",
        "138******34",
    )
    elsewhere = household(OTHER_VILLAGE, members=(numbered(),))
    await scene.known(elsewhere)
    assert (await progress(anybody, receipt))["progress"] == "being_verified"
    assert (await scene.village.get("/self-applications")).json()["items"] == [], "it is where they live"
    there = await scene.service.caller("village_officer", OTHER_VILLAGE)
    assert len((await there.get("/clues")).json()["items"]) == 1
    await scene.known(elsewhere.model_copy(update={"version": 2}))
    assert len((await there.get("/clues")).json()["items"][0]["evidence"]) == 1


async def test_the_answer_does_not_tell_whether_somebody_is_known(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    unknown = await applied(anybody)
    await scene.known(household(members=(numbered(),)))
    known = await applied(anybody)
    assert {name: known[name] for name in known if name != "receipt"} == {
        name: unknown[name] for name in unknown if name != "receipt"
    }


async def test_under_watch_for_that_risk_already_is_said(scene: Scene, anybody: httpx.AsyncClient) -> None:
    home = await scene.known(household(members=(numbered(), member("李秀英", "1950-01-01"))))
    await monitored(scene, home.id)
    assert (await progress(anybody, await applied(anybody)))["progress"] == "under_watch"


async def test_what_can_never_be_a_clue_is_refused_in_words_for_the_person(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    receipt = await applied(anybody)
    (waiting,) = (await scene.town.get("/self-applications?waiting=true")).json()["items"]
    address, version = f"/self-applications/{waiting['id']}/refusal", {"If-Match": '"1"'}
    reason = {"reason": "户籍和居住地均在城区，请向街道申请救助"}
    assert (await scene.village.post(address, json=reason, headers=version)).status_code == 403
    assert (await scene.town.post(address, json=reason, headers=version)).status_code == 200
    again = await scene.town.post(address, json=reason, headers={"If-Match": '"2"'})
    assert again.json()["code"] == "application_settled"
    status = await progress(anybody, receipt)
    assert (status["progress"], status["answer"]) == ("refused", reason["reason"])
    await scene.known(household(members=(numbered(),)))
    assert (await scene.village.get("/clues")).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"identity_number": "340621198003010019"}, 422, "invalid"),
        ({"phone": "12345"}, 422, "invalid"),
        ({"difficulty": "  "}, 422, "invalid"),
        ({"risk_type": "bad luck"}, 422, "invalid"),
        ({"household_id": "x"}, 422, "invalid"),
        ({"division_code": "990000000000"}, 422, "unknown_division"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_does_not_hold_is_refused(
    anybody: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await anybody.post("/self-applications", json=DRAFT | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert NUMBER not in answer.text


async def test_one_person_is_heard_three_times_a_day(scene: Scene, anybody: httpx.AsyncClient) -> None:
    for _ in range(3):
        await applied(anybody)
    answer = await anybody.post("/self-applications", json=DRAFT)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_applications")
    scene.go_to(2021, 6, 11)
    await applied(anybody)


async def test_the_public_reads_nothing_and_a_wrong_receipt_tells_nothing(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    await applied(anybody)
    for path in ("/self-applications", "/clues", "/monitored", "/cases"):
        assert (await anybody.get(path)).status_code == 403
    wrong = await anybody.post("/self-applications/status", json={"receipt": new_receipt()})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "receipt_unknown")
    other_town = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await other_town.get("/self-applications")).json()["items"] == []
    assert len((await scene.town.get("/self-applications")).json()["items"]) == 1


async def test_number_phone_and_receipt_are_not_in_the_database_as_they_are(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    receipt = await applied(anybody)
    async with scene.service.database.reading(system("tests")) as db:
        ((row,),) = await db.rows(text("SELECT CAST(a AS text) FROM self_application a"))
    for secret in (NUMBER, DRAFT["phone"], receipt["receipt"], receipt["receipt"].replace("-", "")):
        assert secret.encode().hex() not in row
        assert secret not in row


async def test_an_application_goes_along_when_its_household_belongs_elsewhere(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    home = await scene.known(household(members=(numbered(),)))
    await applied(anybody)
    changed = HouseholdChanged(**home.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2})
    await scene.service.tell(changed)
    await scene.service.tell(
        HouseholdRehomed(
            household_id=home.id,
            division_code=VILLAGE,
            into_code=OTHER_VILLAGE,
            happened_on="2021-06-10",
            version=2,
        )
    )
    assert (await scene.town.get(f"/self-applications?division={TOWN}")).json()["items"] == []
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    assert len((await there.get("/self-applications")).json()["items"]) == 1


async def test_somebody_from_elsewhere_whom_an_officer_applies_for_is_taken_up_by_the_hour(
    scene: Scene,
) -> None:
    await scene.known(household(OTHER_VILLAGE, members=(numbered(),)))
    receipt = await applied(scene.village)
    assert (await progress(scene.village, receipt))["progress"] == "waiting", (
        "their village is not the officer's"
    )
    for _ in range(2):
        await run(scene.service.runtime)
    there = await scene.service.caller("village_officer", OTHER_VILLAGE)
    (clue,) = (await there.get("/clues")).json()["items"]
    assert len(clue["evidence"]) == 1
    outside = await scene.village.post("/self-applications", json=DRAFT | {"division_code": OTHER_VILLAGE})
    assert (outside.status_code, outside.json()["code"]) == (403, "outside_area")
