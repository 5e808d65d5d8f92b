"""What a corrected or withdrawn batch leaves behind: nothing that rested on it, and a mark on what people decided."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.monitoring.batches.model import Comparison
from services.monitoring.comparisons import withdrawal
from services.monitoring.comparisons.supersession import alone_in_county
from services.monitoring.comparisons.withdrawal import run_withdrawal
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.identity.principal import system
from tests.clients import outbox_of
from tests.services.monitoring import doubting
from tests.services.monitoring.comparing import Department, as_csv, killed_after, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, move, numbered
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_corrections import CARD, answered, proposed
from tests.services.monitoring.test_rehoming import rehomed

WANG, LI = number(801), number(802)
COUNTY_BESIDE, VILLAGE_BESIDE = "340622000000", "340622100201"


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


@pytest.fixture
async def office(scene: Scene, home: HouseholdRegistered) -> Department:
    assert home.members
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def paid(**yuan: int) -> bytes:
    people = {"wang": ("王建国", WANG), "li": ("李秀英", LI)}
    return as_csv([[*people[who], str(much), "住院"] for who, much in yuan.items()])


async def clues(scene: Scene) -> list[dict[str, Any]]:
    return list((await scene.county.get("/clues")).json()["items"])


async def alerts(office: Department, *batches: dict[str, Any]) -> list[int]:
    return [(await office.shown(batch))["alerts"] for batch in batches]


async def test_of_several_who_withdraw_at_once_one_does(office: Department) -> None:
    batch = await office.send(paid(wang=2000))
    shown = await office.client.get(f"/comparisons/{batch['id']}")
    of_now = {"If-Match": shown.headers["etag"]}
    url = f"/comparisons/{batch['id']}/withdrawal"
    answers = await asyncio.gather(
        *(office.client.post(url, json={"reason": f"第 {each} 次"}, headers=of_now) for each in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [202] + [412] * 5


async def test_who_waits_for_a_correction_finds_the_batch_corrected(office: Department) -> None:
    batch = await office.send(paid(wang=2000))
    shown = await office.client.get(f"/comparisons/{batch['id']}")
    async with office.service.database.writing(system("tests")) as db:
        first = await db.get(Comparison, UUID(batch["id"]))
        await alone_in_county(db, first)
        url, of_now = f"/comparisons/{batch['id']}/withdrawal", {"If-Match": shown.headers["etag"]}
        withdrawal = office.client.post(url, json={"reason": "报错了"}, headers=of_now)
        waiting = asyncio.create_task(withdrawal)
        await asyncio.sleep(0.3)
        first.superseded_by = first.id
        await db.flush()
    assert (await waiting).status_code == 412


async def test_a_later_months_sum_that_rested_on_a_withdrawn_batch_is_taken_back(
    office: Department, scene: Scene
) -> None:
    march = await office.send(paid(wang=9000), "2021-03")
    april = await office.send(paid(wang=7000), "2021-04")
    assert await alerts(office, march, april) == [0, 1]
    await withdrawn(office, march)
    (clue,) = await clues(scene)
    assert (clue["status"], clue["verdict"]) == ("dismissed", "报送部门撤回数据：报错了")
    assert await alerts(office, march, april) == [0, 0]


async def test_a_warning_that_holds_without_the_withdrawn_batch_is_told_by_another_and_stays_one_clue(
    office: Department, scene: Scene
) -> None:
    batches = [
        await office.send(paid(wang=much), f"2021-0{month}")
        for month, much in ((3, 9000), (4, 7000), (5, 8000))
    ]
    assert await alerts(office, *batches) == [0, 1, 0]
    await withdrawn(office, batches[1])
    (clue,) = await clues(scene)
    old, new = clue["evidence"]
    assert clue["status"] == "received"
    assert (old["taken_back_because"], old["detail"]["inputs"]["self_paid"]) == (
        "报送部门撤回数据：报错了",
        16000,
    )
    assert new["detail"]["inputs"]["self_paid"] == 17000
    assert ("2021-05" in new["facts"], "taken_back_on" in new) == (True, False)
    assert await alerts(office, *batches) == [0, 0, 1]


async def test_a_correction_that_raises_a_later_months_sum_warns_and_one_that_lowers_it_takes_back(
    office: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await office.send(paid(wang=9000, li=9000), "2021-03")
    april = await office.send(paid(wang=5000, li=7000), "2021-04")
    await office.send(paid(wang=11000, li=90), "2021-03")
    (clue,) = await clues(scene)
    wang, li = (str(member.id) for member in home.members)
    assert [(each["member_id"], "taken_back_on" in each) for each in clue["evidence"]] == [
        (li, True),
        (wang, False),
    ]
    assert (clue["status"], await alerts(office, april)) == ("received", [1])


async def test_two_rules_about_one_person_are_taken_back_each_by_itself(
    office: Department, scene: Scene
) -> None:
    await office.send(paid(wang=9000), "2020-12")
    january = await office.send(paid(wang=7000), "2021-01")
    (clue,) = await clues(scene)
    assert [each["detail"]["rule"] for each in clue["evidence"]] == ["medical_twelve_months"]
    # Corrected, the year's own sum says it by itself.
    await office.send(paid(wang=16000), "2021-01")
    (clue,) = await clues(scene)
    standing = [each["detail"]["rule"] for each in clue["evidence"] if "taken_back_on" not in each]
    assert (clue["status"], standing) == ("received", ["medical_year"])
    assert await alerts(office, january) == [0]


async def test_a_verdict_stands_and_whoever_reads_the_clue_sees_that_its_ground_is_gone(
    office: Department, scene: Scene
) -> None:
    batch = await office.send(paid(wang=20000))
    (clue,) = await clues(scene)
    await move(scene.village, f"/clues/{clue['id']}/acceptance", {"verdict": "属实"}, expect=201)
    await withdrawn(office, batch)
    (clue,) = await clues(scene)
    (evidence,) = clue["evidence"]
    assert (clue["status"], evidence["taken_back_because"]) == (
        "verified_at_risk",
        "报送部门撤回数据：报错了",
    )
    now = await office.shown(batch)
    assert (now["clues_taken_back"], now["clues_kept"], now["alerts"]) == (0, 1, 0)


@pytest.mark.parametrize("crash_after", ["disown", "raise_alerts", "find_contradictions", "tell_news"])
async def test_a_withdrawal_that_is_killed_ends_the_same(
    office: Department, scene: Scene, crash_after: str
) -> None:
    batches = [
        await office.send(paid(wang=much, li=9 * month), f"2021-0{month}")
        for month, much in ((3, 9000), (4, 7000), (5, 8000))
    ]
    with killed_after(withdrawal, crash_after):
        await withdrawn(office, batches[1])
    run = await office.run_named("monitoring.comparison_withdrawal")
    for _ in range(2):
        await run_withdrawal(run)
    (clue,) = await clues(scene)
    assert ["taken_back_on" in each for each in clue["evidence"]] == [True, False]
    assert (clue["status"], await alerts(office, *batches)) == ("received", [0, 0, 1])


async def test_what_a_withdrawn_batch_proposed_is_taken_back_where_it_is_not_refused(
    office: Department, scene: Scene
) -> None:
    office.dataset = "disability"
    rows = [("王建国", WANG, "视力", "一级", "2021-05-07"), ("李秀英", LI, "视力", "二级", "2021-05-07")]
    batch = await office.send(as_csv(rows, headers=CARD))
    (event,) = await proposed(office)
    decided = answered(event, "waiting", "needs_proof")
    first, *rest = decided.decisions
    refused = first.model_copy(update={"status": "refused", "reason": "decided_by_person"})
    await scene.service.tell(decided.model_copy(update={"decisions": (refused, *rest)}))
    await withdrawn(office, batch)
    (told,) = await taken_back(office)
    assert (told["id"], told["reason"], told["period"]) == (batch["id"], "报错了", "2021-05")
    assert set(told["corrections"]) == {str(each.id) for each in rest}
    await scene.service.tell(
        decided.model_copy(
            update={
                "decisions": tuple(
                    each.model_copy(
                        update={"status": "withdrawn", "reason": "withdrawn_by_source", "version": 2}
                    )
                    for each in rest
                )
            }
        )
    )
    counted = (await office.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()
    assert counted["corrections_by_status"] == {"refused": 1, "withdrawn": 3}


async def test_what_a_correction_does_not_repeat_is_taken_back_and_what_another_month_says_is_proposed_by_it(
    office: Department,
) -> None:
    office.dataset = "disability"
    card = ("王建国", WANG, "视力", "一级", "2021-05-07")
    april = await office.send(as_csv([card], headers=CARD), "2021-04")
    may = await office.send(as_csv([card], headers=CARD), "2021-05")
    assert len(await proposed(office)) == 1, "what waits already is not proposed again"
    await office.send(as_csv([("李秀英", LI, "听力", "一级", "2021-05-07")], headers=CARD), "2021-04")
    (told,) = await taken_back(office)
    assert told["id"] == april["id"]
    of_may = [event for event in await proposed(office) if event["id"] == may["id"]]
    assert [len(event["corrections"]) for event in of_may] == [2]
    assert set(told["corrections"]).isdisjoint(each["id"] for each in of_may[0]["corrections"])


async def test_doubts_about_a_household_that_belongs_to_another_county_by_now_lapse_all_the_same(
    scene: Scene,
) -> None:
    known = await doubting.registered(scene)
    police = await doubting.police_of(scene)
    batch = await doubting.told(police, doubting.WANG)
    there = known.model_dump() | {"division_code": VILLAGE_BESIDE, "version": 2}
    await scene.service.tell(HouseholdChanged(**there), rehomed(known, to=VILLAGE_BESIDE))
    beside = await scene.service.caller("county_officer", COUNTY_BESIDE)
    assert [each["state"] for each in await doubting.doubts(beside)] == ["open"]
    await withdrawn(police, batch)
    assert [each["state"] for each in await doubting.doubts(beside)] == ["lapsed"]
    async with scene.service.database.reading(system("tests")) as db:
        assert await db.scalar(text("SELECT count(*) FROM comparison_alert")) == 0


async def taken_back(office: Department) -> list[dict[str, Any]]:
    """What the registry was told not to be said any more."""
    told = await outbox_of(office.service)
    return [each["data"] for each in told if each["type"] == "monitoring.corrections_withdrawn.v1"]
