"""What comparisons mean: sums over months and batches, corrected batches, clues with their reasons."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.periods import EXAMPLES
from services.monitoring.rulebook.documents import shipped_rules
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, OTHER_TOWN, Scene, household, move, numbered
from tests.services.monitoring.test_rehoming import belongs_elsewhere
from tests.services.monitoring.test_rulebook import publish

WANG, LI = number(201), number(202)


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(members=(numbered("王建国", WANG),)),
        household(members=(numbered("李秀英", LI),), destitute=True),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def expenses(*rows: tuple[str, str, int]) -> bytes:
    return as_csv([[name, written, str(yuan), "住院"] for name, written, yuan in rows])


async def clues(scene: Scene) -> list[dict[str, Any]]:
    found = (await scene.county.get("/clues")).json()["items"]
    return [dict((await scene.county.get(f"/clues/{each['id']}")).json()) for each in found]


async def test_a_sum_over_two_months_is_one_clue_that_says_why(department: Department, scene: Scene) -> None:
    first = await department.send(expenses(("王建国", WANG, 8000), ("王建国", WANG, 6000)), "2021-04")
    assert (figures(first)[-1], await clues(scene)) == (0, [])
    second = await department.send(expenses(("王建国", WANG, 7000)), "2021-05")
    assert figures(second)[-1] == 1
    (clue,) = await clues(scene)
    (evidence,) = clue["evidence"]
    assert (clue["risk_type"], evidence["source"]) == ("illness", "department")
    detail = evidence["detail"]
    assert detail["inputs"] == {"self_paid": 21000, "person_class": "general"}
    assert {"rule", "version", "source", "thresholds"} <= detail.keys()
    why = (await scene.county.get(f"/clues/{clue['id']}/explanation")).json()["reasons"]
    assert why[0]["reasons"] == ["本年累计个人自付：21,000.00 元，超过15,000.00 元"]
    third = await department.send(expenses(("王建国", WANG, 500)), "2021-06")
    assert (figures(third)[-1], len(await clues(scene))) == (0, 1)


async def test_a_new_year_begins_at_nothing(department: Department, scene: Scene) -> None:
    await department.send(expenses(("李秀英", LI, 500)), "2020-12")
    assert figures(await department.send(expenses(("李秀英", LI, 400)), "2021-01"))[-1] == 0
    scene.go_to(2021, 12, 31)
    assert figures(await department.send(expenses(("李秀英", LI, 601)), "2021-12"))[-1] == 1


async def test_the_threshold_itself_is_not_over_it(department: Department) -> None:
    assert figures(await department.send(expenses(("李秀英", LI, 1000))))[-1] == 0


async def test_only_the_newest_batch_of_a_month_counts(department: Department) -> None:
    wrong = await department.send(expenses(("李秀英", LI, 900)), "2021-04")
    corrected = await department.send(expenses(("李秀英", LI, 90)), "2021-04")
    shown = (await department.client.get(f"/comparisons/{wrong['id']}")).json()
    assert shown["superseded_by"] == corrected["id"]
    assert figures(await department.send(expenses(("李秀英", LI, 200)), "2021-05"))[-1] == 0


async def test_a_corrected_batch_takes_over_its_alerts_and_tells_nothing_twice(
    department: Department, scene: Scene
) -> None:
    await department.send(expenses(("李秀英", LI, 2000), ("王建国", WANG, 90000)))
    assert len(await clues(scene)) == 2
    corrected = await department.send(expenses(("李秀英", LI, 3000), ("王建国", WANG, 90)))
    assert figures(corrected) == (2, 2, 0, 0, 0, 1)
    assert (corrected["clues_taken_back"], corrected["clues_kept"]) == (1, 0)
    found = await clues(scene)
    assert sorted(clue["status"] for clue in found) == ["dismissed", "received"]
    assert all(len(clue["evidence"]) == 1 for clue in found)


async def test_whoever_has_left_is_known_and_warned_of_no_more(department: Department, scene: Scene) -> None:
    gone = numbered("周平", number(203), left_on="2021-05-01", leave_reason="death")
    await scene.known(household(members=(numbered("周强", number(204)), gone)))
    batch = await department.send(expenses(("周平", number(203), 90000)))
    assert (batch["rows"], batch["departed"], batch["alerts"]) == (1, 1, 0)
    (result,) = await department.listed(batch, "results")
    assert result["outcome"] == "departed"


async def test_who_moved_to_another_household_counts_there(department: Department, scene: Scene) -> None:
    moved = numbered("周平", number(205), left_on="2021-05-01", leave_reason="split")
    await scene.known(household(members=(moved,)))
    home = await scene.known(household(members=(numbered("周平", number(205)),)))
    batch = await department.send(expenses(("周平", number(205), 90000)))
    assert figures(batch) == (1, 1, 0, 0, 0, 1)
    (clue,) = await clues(scene)
    assert clue["household_id"] == str(home.id)


async def test_a_reported_pupil_is_a_clue_however_often_the_month_is_sent(
    department: Department, scene: Scene
) -> None:
    department.dataset = "dropout"
    headers = ["姓名", "身份证号", "情况说明"]
    first = await department.send(as_csv([["王建国", WANG, "缺课"]], headers=headers))
    again = await department.send(as_csv([["王建国", WANG, "缺课 31 天"]], headers=headers))
    assert (figures(first)[-1], figures(again)[-1]) == (1, 1)
    (clue,) = await clues(scene)
    assert (clue["risk_type"], len(clue["evidence"])) == ("education_guarantee", 1)


def version(name: str, area: str | None, since: str, most: int) -> dict[str, Any]:
    """Return a version of the rule of yearly expense with a threshold of its own for everybody."""
    (shipped,) = shipped_rules()["medical_year"].versions
    classes = dict.fromkeys(("destitute", "minimum_living", "monitored", "lifted", "general"), most)
    examples = [
        {"zh": "超过", "given": {"self_paid": most + 1, "person_class": "general"}, "hit": True},
        {"zh": "没有超过", "given": {"self_paid": most, "person_class": "general"}, "hit": False},
    ]
    written = shipped.model_dump(mode="json", by_alias=True, exclude_none=True)
    changed = {"version": name, "from": since, "thresholds": {"most": classes}, "examples": examples}
    return written | changed | ({"area": area} if area else {})


@pytest.mark.parametrize(
    ("period", "alerts"),
    [
        pytest.param("2021-05", 1, id="the nation's rule before the county has its own"),
        pytest.param("2021-06", 0, id="the county's from its first day on"),
    ],
)
async def test_the_rule_of_the_nearest_place_and_of_the_periods_last_day_holds(
    department: Department, scene: Scene, period: str, alerts: int
) -> None:
    rule = shipped_rules()["medical_year"].model_dump(mode="json", by_alias=True, exclude_none=True)
    rule["versions"] = [version("county", COUNTY, "2021-06-10", 50_000)]
    written = await scene.county.post("/rules/drafts", json={"document": rule})
    assert written.status_code == 201, written.text
    await publish(scene, f"/rules/drafts/{written.json()['id']}", by="other_county")
    batch = await department.send(expenses(("李秀英", LI, 2000)), period)
    assert batch["alerts"] == alerts


async def test_what_was_paid_before_new_year_counts_for_twelve_months(
    department: Department, scene: Scene
) -> None:
    await department.send(expenses(("李秀英", LI, 900)), "2020-12")
    assert figures(await department.send(expenses(("李秀英", LI, 101)), "2021-01"))[-1] == 1
    (clue,) = await clues(scene)
    assert clue["evidence"][0]["detail"]["rule"] == "medical_twelve_months"
    assert clue["evidence"][0]["detail"]["inputs"]["self_paid"] == 1001
    # In December the first one is more than twelve months ago.
    scene.go_to(2021, 12, 31)
    assert figures(await department.send(expenses(("李秀英", LI, 10)), "2021-12"))[-1] == 0


async def test_a_batch_that_was_held_up_gives_way_to_its_correction(
    department: Department, scene: Scene
) -> None:
    held_up = await department.take(expenses(("李秀英", LI, 9000)))
    corrected = await department.send(expenses(("李秀英", LI, 90)))
    await department.work(held_up)
    late = (await department.client.get(f"/comparisons/{held_up['id']}")).json()
    assert (late["superseded_by"], late["alerts"]) == (corrected["id"], 0)
    assert await clues(scene) == []


async def test_verdicts_come_back_to_the_batch_and_tell_how_good_a_rule_is(
    department: Department, scene: Scene
) -> None:
    zhao = number(203)
    await scene.known(household(members=(numbered("赵敏", zhao),)))
    batch = await department.send(
        expenses(("李秀英", LI, 2000), ("王建国", WANG, 90000), ("赵敏", zhao, 20000))
    )

    async def told() -> dict[str, Any]:
        shown = (await department.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()
        (verdicts,) = shown["verdicts"]
        return dict(verdicts)

    assert await told() == {
        "rule": "medical_year",
        "alerts": 3,
        "confirmed": 0,
        "dismissed": 0,
        "covered": 0,
        "open": 3,
        "precision": None,
    }
    by_number = {clue["evidence"][0]["detail"]["inputs"]["self_paid"]: clue for clue in await clues(scene)}
    for paid in (2000, 90000):
        address = f"/clues/{by_number[paid]['id']}/acceptance"
        await move(scene.village, address, {"verdict": "属实"}, expect=201)
    address = f"/clues/{by_number[20000]['id']}/dismissal"
    await move(scene.village, address, {"reason": "已由商业保险理赔"})
    await move(scene.town, f"{address}/confirmation")
    found = await told()
    assert (found["confirmed"], found["dismissed"], found["open"], found["precision"]) == (2, 1, 0, 0.6667)
    listed = (await department.client.get("/datasets/medical_expense/precision")).json()
    assert listed == [found]
    assert (await department.client.get("/datasets/none/precision")).status_code == 404


@pytest.mark.parametrize("code", sorted(datasets()))
async def test_a_datasets_own_sample_is_read_to_the_last_cell(
    department: Department, scene: Scene, code: str
) -> None:
    scene.go_to(2021, 12, 31)
    department.dataset = code
    sample = await department.client.get(f"/datasets/{code}/sample.xlsx")
    period = EXAMPLES[datasets()[code].period]
    batch = await department.send(sample.content, period)
    assert batch["rows"] > 0
    assert await department.listed(batch, "rejects") == []
    shown = (await department.client.get(f"/datasets/{code}")).json()
    assert shown["description_en"]
    assert shown["rules"] or datasets()[code].departs


async def test_what_if_the_threshold_were_another_is_asked_of_the_newest_period(
    department: Department, scene: Scene
) -> None:
    await department.send(expenses(("李秀英", LI, 700), ("王建国", WANG, 20000)), "2021-04")
    await department.send(expenses(("李秀英", LI, 200)), "2021-05")
    classes = {
        "destitute": 800,
        "minimum_living": 5000,
        "monitored": 10000,
        "lifted": 15000,
        "general": 30000,
    }
    asked = await scene.county.post(
        "/rules/trials", json={"rule": "medical_year", "thresholds": {"most": classes}}
    )
    figures = asked.json()
    assert (figures["now"], figures["then"], figures["enter"], figures["leave"]) == (1, 1, 1, 1)
    moved = {each["enters"]: each["inputs"]["self_paid"] for each in figures["moved"]["items"]}
    assert moved == {True: 900, False: 20000}


async def test_alerts_go_along_with_a_household_that_belongs_elsewhere(
    department: Department, scene: Scene
) -> None:
    home = await scene.known(household(members=(numbered("赵敏", number(203)),)))
    await department.send(expenses(("赵敏", number(203), 20000)))
    there = await scene.service.caller("town_officer", OTHER_TOWN)

    async def alerts(who: httpx.AsyncClient) -> list[int]:
        return [each["alerts"] for each in (await who.get("/datasets/medical_expense/precision")).json()]

    assert (await alerts(scene.town), await alerts(there)) == ([1], [])
    await belongs_elsewhere(scene, home)
    assert (await alerts(scene.town), await alerts(there)) == ([], [1])
