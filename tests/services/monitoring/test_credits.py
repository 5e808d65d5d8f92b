"""Small credit: for whom, how much, for how long and for what; its life, and the measure that it carries out."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.credits.job import mark_overdue
from shared.contracts.household import HouseholdRegistered, MemberState
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, household, member, move
from tests.services.monitoring.journey import closed, monitored

NOBODY = "01890000-0000-7000-8000-000000000000"
LOAN: dict[str, Any] = {
    "bank": "濉溪农商行",
    "amount": "30000",
    "term_months": 24,
    "purpose": "breeding",
    "description": "购买母牛两头",
}
USE: dict[str, Any] = {"purpose": "breeding", "used_by": "household", "words": "购牛两头，已入栏"}


def lifted(*members: MemberState, **changes: Any) -> HouseholdRegistered:
    """Return a lifted household; the first member is of age."""
    people = members or (member("王建国", "1980-03-01", relationship="head", labour="ordinary"),)
    return household(kind="lifted", lifted_year=2018, members=people, **changes)


def loan_to(home: HouseholdRegistered, **changes: Any) -> dict[str, Any]:
    return LOAN | {"household_id": str(home.id), "borrower_id": str(home.members[0].id)} | changes


async def granted(scene: Scene, home: HouseholdRegistered | None = None, **changes: Any) -> str:
    """Return the address of a new loan, to a new household unless one is given."""
    to = home or await scene.known(lifted())
    answer = await scene.village.post("/credits", json=loan_to(to, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"amount": "49999.99"}, None, id="a cent less than the most"),
        pytest.param({"amount": "50000"}, None, id="the most"),
        pytest.param({"amount": "50000.01"}, "too_much_credit", id="a cent more than the most"),
        pytest.param({"amount": "0"}, "invalid", id="nothing"),
        pytest.param({"term_months": 36}, None, id="the longest term"),
        pytest.param({"term_months": 37}, "too_much_credit", id="a month longer"),
        pytest.param({"purpose": "wedding"}, "not_for_this_purpose", id="for a wedding"),
        pytest.param({"purpose": "house"}, "not_for_this_purpose", id="for a house"),
        pytest.param({"purpose": "finance"}, "not_for_this_purpose", id="for finance"),
        pytest.param({"purpose": "household_goods"}, "not_for_this_purpose", id="for household goods"),
        pytest.param({"purpose": "luck"}, "invalid", id="for an unknown purpose"),
        pytest.param({"purpose": "planting"}, None, id="for planting"),
        pytest.param({"on": "2021-06-11"}, "date_in_future", id="tomorrow"),
        pytest.param({"borrower_id": NOBODY}, "not_of_household", id="to somebody else"),
    ],
)
async def test_a_loan_keeps_to_the_rule(scene: Scene, changes: dict[str, Any], code: str | None) -> None:
    home = await scene.known(lifted())
    answer = await scene.village.post("/credits", json=loan_to(home, **changes))
    assert (answer.status_code, answer.json().get("code")) == ((422, code) if code else (201, None))


@pytest.mark.parametrize(
    ("born", "code"),
    [
        pytest.param("2003-06-11", "not_of_credit_age", id="17, eighteen tomorrow"),
        pytest.param("2003-06-10", None, id="18 today"),
        pytest.param("1955-06-11", None, id="65, sixty-six tomorrow"),
        pytest.param("1955-06-10", "not_of_credit_age", id="66 today"),
    ],
)
async def test_a_borrower_is_of_age(scene: Scene, born: str, code: str | None) -> None:
    home = await scene.known(lifted(member("王小明", born, relationship="head")))
    answer = await scene.village.post("/credits", json=loan_to(home))
    assert answer.json().get("code") == code


async def test_a_borrower_whose_birth_date_nobody_knows_is_not_of_age(scene: Scene) -> None:
    unknown = member("王小明", "1980-03-01", relationship="head").model_copy(update={"birth_date": None})
    home = await scene.known(lifted(unknown))
    answer = await scene.village.post("/credits", json=loan_to(home))
    assert (answer.status_code, answer.json()["code"]) == (422, "not_of_credit_age")


async def test_a_loan_is_for_lifted_households_and_monitored_objects(scene: Scene) -> None:
    home = await scene.known(household())
    refused = await scene.village.post("/credits", json=loan_to(home))
    assert (refused.status_code, refused.json()["code"]) == (422, "not_for_this_household")
    thing = await monitored(scene, home.id)
    await granted(scene, home)
    other = await scene.known(household(number="2"))
    gone = await monitored(scene, other.id)
    await closed(scene, gone)
    refused = await scene.village.post("/credits", json=loan_to(other))
    assert refused.json()["code"] == "not_for_this_household"
    assert thing != gone
    unknown = await scene.village.post("/credits", json=loan_to(household()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "household_unknown")


async def test_one_loan_runs_at_a_time(scene: Scene) -> None:
    home = await scene.known(lifted())
    credit = await granted(scene, home)
    refused = await scene.village.post("/credits", json=loan_to(home))
    assert (refused.status_code, refused.json()["code"]) == (409, "loan_running")
    await move(scene.village, f"{credit}/repayment", {"amount": "30000"})
    assert await granted(scene, home) != credit


async def test_a_loan_is_used_and_repaid_in_parts(scene: Scene) -> None:
    credit = await granted(scene)
    shown = await move(scene.village, f"{credit}/use", USE | {"evidence": ["购牛发票"]})
    assert (shown["status"], shown["used_on"], shown["usage"]["words"]) == (
        "in_use",
        "2021-06-10",
        "购牛两头，已入栏",
    )
    assert (shown["due_on"], shown["open_flags"], shown["evidence"]) == ("2023-06-10", [], ["购牛发票"])
    too_much = await move(scene.village, f"{credit}/repayment", {"amount": "30000.01"}, expect=422)
    assert too_much["code"] == "repaid_too_much"
    shown = await move(scene.village, f"{credit}/repayment", {"amount": "29999.99"})
    assert (shown["status"], shown["repaid"], shown["closed_on"]) == ("in_use", "29999.99", None)
    shown = await move(scene.village, f"{credit}/repayment", {"amount": "0.01"})
    assert (shown["status"], shown["repaid"], shown["closed_on"]) == ("repaid", "30000.00", "2021-06-10")
    for step, form in (
        ("use", USE),
        ("repayment", {"amount": "1"}),
        ("extension", {"months": 1, "reason": "x"}),
        ("renewal", LOAN),
    ):
        refused = await move(scene.village, f"{credit}/{step}", form, expect=409)
        assert refused["code"] == "credit_closed", step


@pytest.mark.parametrize(
    ("day", "months", "code"),
    [
        pytest.param((2023, 6, 10), 12, None, id="on its last day, for a year"),
        pytest.param((2023, 6, 10), 13, "extended_too_far", id="for a month more"),
        pytest.param((2023, 6, 11), 12, "extended_too_late", id="a day after its last"),
    ],
)
async def test_a_loan_is_extended_before_it_falls_due(
    scene: Scene, day: tuple[int, int, int], months: int, code: str | None
) -> None:
    credit = await granted(scene)
    scene.go_to(*day)
    form = {"months": months, "reason": "母牛未出栏"}
    status = {None: 200, "extended_too_far": 422, "extended_too_late": 409}[code]
    shown = await move(scene.village, f"{credit}/extension", form, expect=status)
    assert shown.get("code") == code
    if code is None:
        assert (shown["due_on"], shown["extensions"], shown["status"]) == ("2024-06-10", 1, "granted")
        again = await move(scene.village, f"{credit}/extension", form, expect=422)
        assert again["code"] == "extended_too_far"


async def test_a_renewal_settles_the_old_loan_by_one_that_keeps_to_the_rule(scene: Scene) -> None:
    credit = await granted(scene)
    scene.go_to(2023, 6, 10)
    refused = await move(scene.village, f"{credit}/renewal", LOAN | {"amount": "50000.01"}, expect=422)
    assert refused["code"] == "too_much_credit"
    new = await move(scene.village, f"{credit}/renewal", LOAN | {"amount": "40000"}, expect=201)
    old = (await scene.village.get(credit)).json()
    assert (old["status"], old["closed_on"]) == ("renewed", "2023-06-10")
    assert (f"/credits/{new['renews']}", new["borrower_id"]) == (credit, old["borrower_id"])
    running = (await scene.village.get("/credits?status=granted")).json()["items"]
    assert [each["id"] for each in running] == [new["id"]]


async def test_a_renewal_is_to_who_is_still_of_age(scene: Scene) -> None:
    home = await scene.known(lifted(member("王老汉", "1956-01-01", relationship="head")))
    credit = await granted(scene, home, term_months=12)
    scene.go_to(2022, 6, 10)
    refused = await move(scene.village, f"{credit}/renewal", LOAN, expect=422)
    assert refused["code"] == "not_of_credit_age"
    assert (await scene.village.get(credit)).json()["status"] == "granted", "nothing was settled"


async def test_what_runs_after_its_last_day_is_marked_once(scene: Scene) -> None:
    late, repaid = await granted(scene), await granted(scene)
    await move(scene.village, f"{repaid}/repayment", {"amount": "30000"})
    scene.go_to(2023, 6, 10)
    assert await mark_overdue(scene.service.database) == 0
    assert (await scene.village.get("/credits?overdue=true")).json()["items"] == []
    scene.go_to(2023, 7, 1)
    assert await mark_overdue(scene.service.database) == 1
    assert await mark_overdue(scene.service.database) == 0
    assert (await scene.village.get(late)).json()["overdue_on"] == "2023-06-11"
    listed = (await scene.village.get("/credits?overdue=true")).json()["items"]
    assert [f"/credits/{each['id']}" for each in listed] == [late]
    others = (await scene.village.get("/credits?overdue=false")).json()["items"]
    assert [f"/credits/{each['id']}" for each in others] == [repaid]


async def test_a_measure_of_kind_credit_leads_to_its_loan(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    draft = forms.MEASURE | {"kind": "credit", "risk_type": None, "funds_planned": "30000"}
    planned = (await scene.village.post(f"{thing}/measures", json=draft)).json()
    other = (await scene.village.post(f"{thing}/measures", json=forms.MEASURE)).json()
    refused = await scene.village.post("/credits", json=loan_to(home, measure_id=other["id"]))
    assert (refused.status_code, refused.json()["code"]) == (422, "no_credit_measure")
    stranger = await scene.known(lifted())
    refused = await scene.village.post("/credits", json=loan_to(stranger, measure_id=planned["id"]))
    assert refused.json()["code"] == "no_credit_measure"
    credit = await granted(scene, home, measure_id=planned["id"])
    linked = (await scene.village.get(f"/measures/{planned['id']}")).json()
    assert f"/credits/{linked['credit_id']}" == credit
    await move(scene.village, f"{credit}/repayment", {"amount": "30000"})
    refused = await scene.village.post("/credits", json=loan_to(home, measure_id=planned["id"]))
    assert refused.json()["code"] == "no_credit_measure", "it has its loan"


async def test_loans_are_seen_in_their_area_and_change_only_as_read(scene: Scene) -> None:
    here = await granted(scene)
    far = await scene.known(lifted(division_code=OTHER_VILLAGE))
    there = (await scene.county.post("/credits", json=loan_to(far))).headers["location"]
    assert (await scene.village.get(there)).status_code == 404
    listed = (await scene.county.get(f"/credits?division={OTHER_VILLAGE}")).json()["items"]
    assert [f"/credits/{each['id']}" for each in listed] == [there]
    of_home = (await scene.county.get(f"/credits?household_id={far.id}")).json()["items"]
    assert [f"/credits/{each['id']}" for each in of_home] == [there]
    stale = await scene.village.post(f"{here}/repayment", json={"amount": "1"}, headers={"If-Match": '"9"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
