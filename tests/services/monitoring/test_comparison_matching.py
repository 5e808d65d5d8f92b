"""Whom a row is about: by number, by name and birth date, by a household's head, by village; and who decides."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.comparisons.review import run_review
from services.monitoring.datasets.catalog import Dataset
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    member,
    numbered,
)

WANG, LI = number(501), number(502)
COSTS = ["学生姓名", "身份证号", "出生日期", "户籍所在村", "自付金额", "学段", "学校名称"]
LOSSES = ["户主姓名", "户主身份证号", "行政村", "灾害类型", "直接经济损失", "受灾日期", "房屋是否无法居住"]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(
            members=(
                numbered("王建国", WANG, relationship="head"),
                member("王小雨", "2005-09-01"),
                member("王大雨", "2003-09-01", left_on="2021-01-01", leave_reason="marriage_out"),
            )
        ),
        household(
            OTHER_VILLAGE,
            members=(numbered("李秀英", LI, relationship="head"), member("王小雨", "2005-09-01")),
        ),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="jiaoyu"))


async def outcomes(department: Department, batch: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["outcome"], each["match"]) for each in await department.listed(batch, "results")]


async def costs(department: Department, *rows: list[str]) -> dict[str, Any]:
    department.dataset = "schooling_cost"
    return await department.send(as_csv(rows, headers=COSTS), "2021")


def cost(
    name: str = "王小雨", written: str = "", born: str = "2005-09-01", village: str = "八里村"
) -> list[str]:
    return [name, written, born, village, "12000", "高一", "濉溪一中"]


async def test_an_old_number_meets_the_new_one_and_says_so(department: Department) -> None:
    batch = await costs(department, cost("王建国", WANG), cost("王建国", WANG[:6] + WANG[8:17]))
    assert await outcomes(department, batch) == [("matched", "number"), ("matched", "fifteen")]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param(cost(), ("probable", "birth"), id="name, birth date and village"),
        pytest.param(
            cost(born="2005年9月1日", village=VILLAGE), ("probable", "birth"), id="otherwise written"
        ),
        pytest.param(cost(village="濉溪镇八里村"), ("probable", "birth"), id="a village with its town"),
        pytest.param(cost(village="韩村镇"), ("probable", "birth"), id="the town alone"),
        pytest.param(cost(village=""), ("unmatched", "ambiguous_person"), id="of two none is the likelier"),
        pytest.param(
            cost("李秀英", "", "1980-03-01", ""), ("probable", "birth"), id="the only one in the county"
        ),
        pytest.param(cost(born="2005-09-02"), ("unmatched", "not_registered"), id="another birth date"),
        pytest.param(
            cost(village="小湖镇"), ("unmatched", "unknown_place"), id="a village that is not the county's"
        ),
        pytest.param(cost("王大雨", "", "2003-09-01"), ("unmatched", "not_registered"), id="who has left"),
        pytest.param(cost("王建军", WANG), ("mismatched", "number"), id="a number under another name"),
    ],
)
async def test_without_a_number_it_is_probable_at_most(
    department: Department, row: list[str], found: tuple[str, str | None]
) -> None:
    batch = await costs(department, row)
    assert await outcomes(department, batch) == [found]
    assert (batch[found[0]], batch["rows"], batch["alerts"]) == (1, 1, 0)


async def test_a_household_is_found_by_its_head(department: Department, scene: Scene) -> None:
    scene.go_to(2021, 7, 25)
    department.dataset = "disaster"
    rows = [
        ["王建国", "", "八里村", "洪涝灾害", "1.2", "2021/7/21", "是"],
        ["王建国", "", "小湖村", "洪涝灾害", "1.2", "2021/7/21", "否"],
        ["王小雨", "", "八里村", "洪涝灾害", "3000元", "2021/7/21", "否"],
        ["李秀英", LI, "", "地震", "", "昨天", "也许"],
    ]
    batch = await department.send(as_csv(rows, headers=LOSSES), "2021-07-21")
    assert await outcomes(department, batch) == [
        ("probable", "head"),
        ("unmatched", "not_registered"),
        ("unmatched", "not_registered"),
    ]
    (first, *_) = await department.listed(batch, "results")
    assert (first["amount"], first["happened_on"], first["kind"], first["more"]) == (
        "12000.00",
        "2021-07-21",
        "flood",
        {"uninhabitable": True},
    )
    rejects = [(each["column"], each["code"]) for each in await department.listed(batch, "rejects")]
    assert sorted(rejects) == [
        ("受灾日期", "not_a_date"),
        ("房屋是否无法居住", "not_yes_no"),
        ("行政村", "missing"),
    ]


async def test_a_village_is_found_by_code_or_name(department: Department, scene: Scene) -> None:
    department.dataset = "water_failure"
    rows = [
        ["八里村", "3天", "水量不足", "120户"],
        [f"{OTHER_VILLAGE}.0", "2", "", ""],
        ["濉溪县濉溪镇八里村民委员会", "1", "", ""],
        ["天上村", "1", "", ""],
        # Of a town nothing is told of any household.
        ["濉溪镇", "9", "", ""],
    ]
    headers = ["行政村", "影响天数", "问题类型", "影响户数"]
    batch = await department.send(as_csv(rows, headers=headers), "2021-06")
    nowhere = [("unmatched", "unknown_place"), ("unmatched", "whole_town")]
    assert await outcomes(department, batch) == [("matched", "division")] * 3 + nowhere
    seen = (await scene.town.get(f"/comparisons/{batch['id']}/results")).json()["items"]
    assert [(each["division_code"], each["quantity"], each["more"]) for each in seen] == [
        (VILLAGE, "3.00", {"households": 120}),
        (VILLAGE, "1.00", {"households": None}),
    ]


async def decided(scene: Scene, batch: dict[str, Any], line: int, verdict: str) -> dict[str, Any]:
    answer = await scene.town.post(f"/comparisons/{batch['id']}/results/{line}/{verdict}")
    return {"status": answer.status_code, **answer.json()}


async def test_a_person_confirms_and_then_it_counts(department: Department, scene: Scene) -> None:
    batch = await costs(department, cost())
    confirmed = await decided(scene, batch, 2, "confirmation")
    assert (confirmed["status"], confirmed["outcome"], confirmed["match"]) == (200, "matched", "person")
    await run_review(await review_of(department))
    shown = await department.shown(batch)
    assert (shown["matched"], shown["probable"], shown["alerts"]) == (1, 0, 1)
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    assert clue["risk_type"] == "schooling"
    assert (await decided(scene, batch, 2, "refusal"))["code"] == "comparison_not_probable"
    finished = [each["data"] for each in await outbox_of(department.service) if "comparison" in each["type"]]
    assert [(each["matched"], each["probable"], each["towns"][0]["matched"]) for each in finished] == [
        (0, 1, 0),
        (1, 0, 1),
    ]


async def test_what_a_person_confirmed_holds_in_the_correction_too(
    department: Department, scene: Scene
) -> None:
    first = await costs(department, cost())
    await decided(scene, first, 2, "confirmation")
    await run_review(await review_of(department))
    rows = [cost("外地人", "", "2001-01-01", ""), cost(), cost(village="小湖村")]
    corrected = await costs(department, *rows)
    assert await outcomes(department, corrected) == [
        ("unmatched", "not_registered"),
        ("matched", "person"),
        ("probable", "birth"),
    ]
    assert [corrected[name] for name in ("rows", "matched", "probable", "unmatched")] == [3, 1, 1, 1]
    assert (corrected["alerts"], corrected["clues_taken_back"]) == (1, 0)
    reconciled = (await scene.county.get(f"/comparisons/{corrected['id']}/reconciliation")).json()
    assert [(each["matched"], each["probable"]) for each in reconciled["towns"]] == [(1, 0), (0, 1)]
    assert [each["status"] for each in (await scene.county.get("/clues")).json()["items"]] == ["received"]


async def test_what_a_person_refused_is_not_asked_again_by_the_correction_of_the_correction(
    department: Department, scene: Scene
) -> None:
    first = await costs(department, cost(), cost(village="小湖村"))
    refused = await decided(scene, first, 2, "refusal")
    assert (refused["outcome"], refused["match"]) == ("unmatched", "person")
    await run_review(await review_of(department))
    # Otherwise sorted, and beside rows that say something else of the same person, or the same of another.
    other = cost()
    other[4] = "13000"
    for again in ([other, cost(village="小湖村"), cost()], [cost(), cost(village="小湖村"), other]):
        corrected = await costs(department, *again)
        found = dict(
            zip((row[4] + row[3] for row in again), await outcomes(department, corrected), strict=True)
        )
        assert found == {
            "12000八里村": ("unmatched", "person"),
            "12000小湖村": ("probable", "birth"),
            "13000八里村": ("probable", "birth"),
        }
        assert [corrected[name] for name in ("rows", "matched", "probable", "unmatched")] == [3, 0, 2, 1]
        (gone,) = await department.listed(corrected, "results", outcome="unmatched")
        assert (gone["amount"], gone["more"]) == (None, None), "what it told is forgotten anew"
    assert (await scene.county.get("/clues")).json()["items"] == []


@pytest.mark.parametrize(
    ("verdicts", "again"),
    [
        pytest.param(("confirmation", "confirmation"), ["matched", "matched"], id="both confirmed"),
        pytest.param(("confirmation", "refusal"), ["matched", "unmatched"], id="one of each"),
        pytest.param(("refusal", "confirmation"), ["unmatched", "matched"], id="and the other way round"),
        pytest.param(("refusal", "refusal"), ["unmatched", "unmatched"], id="both refused"),
    ],
)
async def test_of_two_rows_about_one_person_each_keeps_its_answer(
    department: Department, scene: Scene, verdicts: tuple[str, str], again: list[str]
) -> None:
    other = cost()
    other[4] = "13000"
    first = await costs(department, cost(), other)
    for line, verdict in enumerate(verdicts, start=2):
        await decided(scene, first, line, verdict)
    await run_review(await review_of(department))
    corrected = await costs(department, cost("外地人", "", "2001-01-01", ""), cost(), other)
    assert [outcome for outcome, _ in await outcomes(department, corrected)] == ["unmatched", *again]


async def test_of_the_same_row_twice_what_was_confirmed_counts(department: Department, scene: Scene) -> None:
    first = await costs(department, cost(), cost())
    await decided(scene, first, 2, "refusal")
    await decided(scene, first, 3, "confirmation")
    await run_review(await review_of(department))
    corrected = await costs(department, cost(), cost("外地人", "", "2001-01-01", ""))
    assert [outcome for outcome, _ in await outcomes(department, corrected)] == ["matched", "unmatched"]


async def test_nobody_decides_about_rows_that_count_no_more(department: Department, scene: Scene) -> None:
    first = await costs(department, cost())
    await costs(department, cost(), cost("外地人", "", "2001-01-01", ""))
    assert (await decided(scene, first, 2, "confirmation"))["code"] == "comparison_not_probable"


async def test_what_a_person_refuses_is_forgotten(department: Department, scene: Scene) -> None:
    batch = await costs(department, cost())
    refused = await decided(scene, batch, 2, "refusal")
    assert (refused["outcome"], refused["member_id"], refused["amount"], refused["more"]) == (
        "unmatched",
        None,
        None,
        None,
    )
    await run_review(await review_of(department))
    shown = await department.shown(batch)
    assert (shown["unmatched"], shown["probable"], shown["alerts"]) == (1, 0, 0)


async def test_nobody_decides_about_people_elsewhere(department: Department, scene: Scene) -> None:
    batch = await costs(department, cost(village="小湖村"))
    assert (await decided(scene, batch, 2, "confirmation"))["status"] == 404


async def review_of(department: Department) -> Any:
    return await department.run_named("monitoring.comparison_review")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param({"match": ["birth"]}, "takes birth_date", id="a key without its column"),
        pytest.param({"match": ["division"]}, "takes division", id="villages without a division"),
        pytest.param({"subject": "village"}, "they alone", id="villages by number"),
        pytest.param(
            {"columns": [{"field": "amount", "header": "a", "type": "date"}]}, "not written as", id="type"
        ),
        pytest.param(
            {"columns": [{"field": "x", "header": "a", "type": "code"}]}, "names its list", id="no list"
        ),
        pytest.param(
            {"columns": [{"field": "x", "header": "a", "type": "code", "codes": "nil"}]},
            "no code list",
            id="nil",
        ),
        pytest.param(
            {"columns": [{"field": "note", "header": "a"}] * 2}, "in one column", id="a field twice"
        ),
    ],
)
def test_a_dataset_that_cannot_work_is_refused(change: dict[str, Any], complaint: str) -> None:
    columns = [{"field": "name", "header": "姓名"}, {"field": "identity_number", "header": "身份证号"}]
    given = {"code": "x", "zh": "x", "en": "x", "department": "医保", "period": "month", "description": "x"}
    with pytest.raises(ValueError, match=complaint):
        Dataset.model_validate({**given, "columns": columns, **change})
