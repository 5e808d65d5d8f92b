"""What a cell of a file of feedback says: days as offices write them, and numbers that are those of their village."""

from __future__ import annotations

from tests.services.inspection.conftest import NEXT_VILLAGE, Scene, household
from tests.services.inspection.test_feedback import line, sent, workbook

DAY = "2021-06-20"


async def test_a_day_is_read_however_offices_write_it(scene: Scene) -> None:
    await scene.add(household())
    days = {
        "2021年6月20日前（含当日）": DAY,
        "2021.6.20前": DAY,
        "20210620": DAY,
        "二〇二一年六月二十日前": DAY,
        "44367": DAY,
        "2021-06-20 10:00": DAY,
        "2021-06-19T18:00:00Z": DAY,
        "2021-06-10至2021-06-20": None,
        "二〇二一年六月十日至六月二十日": None,
        "2021年6月底前": None,
    }
    rows = [line(problem=written, deadline_on=written) for written in days]
    outcome = (await sent(scene.county, scene, workbook(*rows))).json()
    found = {
        each["facts"]: each["deadline_on"] for each in (await scene.county.get("/findings")).json()["items"]
    }
    assert {written: found.get(written) for written in days} == days
    assert {each["faults"][0]["code"] for each in outcome["rejects"]} == {"not_a_date"}


async def test_a_number_that_several_villages_gave_is_that_of_the_village_in_the_line(scene: Scene) -> None:
    homes = {"八里村": household(number="0001"), "蒙村": household(NEXT_VILLAGE, number="0001")}
    await scene.add(*homes.values())
    headers = ("存在问题", "问题类别", "乡镇", "行政村", "户编号")
    rows = [(village, "A1-03", "濉溪镇", village, "０００１") for village in homes]
    elsewhere = ("小湖村", "A1-03", "韩村镇", "小湖村", "0001")
    content = workbook(*rows, elsewhere, ("何村", "A1-03", "濉溪镇", None, "0001"), headers=headers)
    outcome = (await sent(scene.county, scene, content)).json()
    found = {
        each["facts"]: each["household_id"] for each in (await scene.county.get("/findings")).json()["items"]
    }
    assert found == {village: str(home.id) for village, home in homes.items()}
    faults = [
        (each["line"], each["faults"][0]["column"], each["faults"][0]["code"]) for each in outcome["rejects"]
    ]
    assert faults == [(6, "户编号", "unknown_household"), (7, "户编号", "ambiguous_number")]
