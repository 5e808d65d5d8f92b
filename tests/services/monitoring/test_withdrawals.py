"""Withdrawal of a case: the household signs, one person takes it down, another finds that it is so."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.cases.model import IdentificationCase
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.filing import archive_of, papers
from tests.services.monitoring.journey import monitored, open_case, walk, withdrawn

NO = {"reason": "电话核实，本户并无此意"}


async def test_nobody_withdraws_a_household_alone_and_its_case_goes_on_until_another_agrees(
    scene: Scene,
) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    before = await walk(scene, case, until="publicity")
    early = await move(scene.town, f"{case}/withdrawal/confirmation", forms.WISHED, expect=409)
    assert early["code"] == "no_withdrawal"
    waiting = await move(scene.town, f"{case}/withdrawal", forms.WITHDRAWAL)
    assert (waiting["status"], waiting["step"], waiting["reason"]) == ("open", "publicity", None)
    assert (waiting["due_on"], waiting["level"]) == (before["due_on"], before["level"])
    assert {name: waiting[name] for name in waiting if name.startswith("withdrawal")} == {
        "withdrawal": "子女已承担医疗费用，自愿撤回",
        "withdrawal_signed_by": "王建国",
        "withdrawal_by_name": "town-1",
        "withdrawal_on": "2021-06-10",
    }
    twice = await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL, expect=409)
    assert twice["code"] == "withdrawal_pending"
    for decision, form in (("confirmation", forms.WISHED), ("return", NO)):
        own = await move(scene.town, f"{case}/withdrawal/{decision}", form, expect=409)
        assert own["code"] == "same_person_withdraws", decision
        below = await move(scene.village, f"{case}/withdrawal/{decision}", form, expect=403)
        assert below["code"] == "forbidden", decision
    shown = await move(scene.county, f"{case}/withdrawal/confirmation", forms.WISHED)
    assert (shown["status"], shown["reason"]) == ("withdrawn", forms.WITHDRAWAL["reason"])
    await history_replays(scene.service, IdentificationCase, shown)
    told = [each["type"] for each in await outbox_of(scene.service) if each["subject"] == shown["id"]]
    assert told[-2:] == ["monitoring.case_advanced.v1", "monitoring.case_closed.v1"]


async def test_a_withdrawal_says_who_of_the_household_signed_it(scene: Scene) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    unsigned = {"reason": "自愿放弃"}
    refused = await move(scene.village, f"{case}/withdrawal", unsigned, expect=422)
    assert [fault["pointer"] for fault in refused["errors"]] == ["/signed_by"]


async def test_the_town_finds_the_withdrawals_that_wait(scene: Scene) -> None:
    waiting, other = [await open_case(scene, (await scene.known(household())).id) for _ in range(2)]
    await move(scene.village, f"{waiting}/withdrawal", forms.WITHDRAWAL)

    async def listed(pending: str) -> list[str]:
        found = await scene.town.get("/cases", params={"withdrawal_pending": pending})
        return [f"/cases/{each['id']}" for each in found.json()["items"]]

    assert (await listed("true"), await listed("false")) == ([waiting], [other])
    await move(scene.town, f"{waiting}/withdrawal/confirmation", forms.WISHED)
    assert await listed("true") == []


async def test_a_withdrawal_that_is_turned_down_leaves_the_case_where_it_stands(scene: Scene) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    before = await walk(scene, case, until="publicity")
    await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL)
    shown = await move(scene.town, f"{case}/withdrawal/return", NO)
    assert [line["entry"] for line in shown["timeline"]][-2:] == [
        "withdrawal_proposed",
        "withdrawal_returned",
    ]
    assert (shown["status"], shown["withdrawal"]) == ("open", None)
    assert (shown["step"], shown["due_on"]) == (before["step"], before["due_on"])
    assert (await walk(scene, case, since="publicity"))["status"] == "approved"


@pytest.mark.parametrize(
    ("until", "move_on", "form"),
    [
        pytest.param("data-check", "data-check", forms.DATA_CHECK, id="a step"),
        pytest.param(
            "town-review", "return", {"to_step": "consent", "reason": "授权书未签字"}, id="a return"
        ),
        pytest.param("county-approval", "county-approval", forms.APPROVAL, id="the first of two approvals"),
    ],
)
async def test_what_is_done_about_a_case_takes_its_withdrawal_off_the_table(
    scene: Scene, until: str, move_on: str, form: dict[str, Any]
) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    with_kin = {"deliberation": forms.DELIBERATION_WITH_KIN}
    await walk(scene, case, until=until, changed=with_kin)
    await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL)
    shown = await move(scene.county, f"{case}/{move_on}", form)
    assert (shown["status"], shown["withdrawal"], shown["withdrawal_on"]) == ("open", None, None)
    late = await move(scene.town, f"{case}/withdrawal/confirmation", forms.WISHED, expect=409)
    assert late["code"] == "no_withdrawal"
    assert (await withdrawn(scene, case))["status"] == "withdrawn", "it may be asked for again"


async def test_nobody_decides_on_a_withdrawal_before_it_was_signed(scene: Scene) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    scene.go_to(2021, 6, 11)
    await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL)
    for decision, form in (("confirmation", forms.WISHED), ("return", NO)):
        before = await move(
            scene.town, f"{case}/withdrawal/{decision}", form | {"on": "2021-06-10"}, expect=422
        )
        assert before["code"] == "date_out_of_order", decision


async def test_an_archive_needs_the_signature_under_an_earlier_withdrawal(scene: Scene) -> None:
    home = await scene.known(household())
    await withdrawn(scene, await open_case(scene, home.id))
    signed = {"papers": await papers(scene, home.id, "signature")}
    await withdrawn(scene, await open_case(scene, home.id), **signed)
    thing = await monitored(scene, home.id)
    archive = await archive_of(scene.county, thing)
    wishes = [step for step in archive["steps"] if step["kind"].startswith("withdrawal")]
    assert [(step["kind"], step["by"], step["holds"]) for step in wishes] == [
        ("withdrawal_proposed", "village-1", True),
        ("withdrawal", "town-1", True),
    ] * 2
    gaps = [each["of_id"] for each in archive["missing"] if each["code"] == "withdrawal_signed"]
    assert gaps == [wishes[0]["of_id"]]
