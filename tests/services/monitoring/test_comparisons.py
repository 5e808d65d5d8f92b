"""Departmental comparison: every row of a file is accounted for, and each office sees what is its own."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from services.monitoring.comparisons import job
from services.monitoring.datasets.periods import EXAMPLES, PeriodKind
from services.monitoring.datasets.sample import PEOPLE
from services.monitoring.matching import pipeline
from services.monitoring.matching.storing import Checked, check
from shared.contracts.household import DivisionChanged
from shared.identity.principal import system
from shared.jobs.definition import Interrupted
from shared.sheets import parts
from shared.sheets.parts import FilePart
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, figures, killed_after, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    numbered,
)

DIVISIONS = Path(__file__).parents[3] / "deploy/demo/data/divisions_340621.csv"
WANG, LI, ZHAO = number(101), number(102), number(103)


@pytest.fixture
async def department(scene: Scene) -> Department:
    """The office of medical insurance, and three persons whom the registry knows."""
    await scene.known(
        household(members=(numbered("王建国", WANG),)),
        household(members=(numbered("李秀英", LI),), destitute=True),
        household(OTHER_VILLAGE, members=(numbered("赵一", ZHAO),), minimum_living=True),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def row(name: str = "王建国", written: str = WANG, amount: str = "100.00", kind: str = "住院") -> list[str]:
    return [name, written, amount, kind]


async def test_every_row_is_accounted_for(department: Department) -> None:
    batch = await department.send(
        as_csv([row(), row("王建军"), row("外地人", number(999)), row(written="12"), row(amount="许多")])
    )
    assert figures(batch) == (5, 1, 1, 1, 2, 0)
    results = await department.listed(batch, "results")
    assert [(each["line"], each["outcome"]) for each in results] == [
        (2, "matched"),
        (3, "mismatched"),
        (4, "unmatched"),
    ]
    # About somebody who is not in the registry nothing is kept but that there was a row.
    assert (results[2]["member_id"], results[2]["amount"], results[2]["note"]) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param(row(written="3.40621E+17"), "scientific_notation", id="eaten by Excel"),
        pytest.param(row(written=WANG[:-1]), "bad_length", id="a digit lost"),
        pytest.param(
            row(written=WANG[:17] + ("0" if WANG[-1] != "0" else "1")), "wrong_check_digit", id="check digit"
        ),
        pytest.param(row(written=""), "empty", id="no number"),
        pytest.param(row(name=""), "missing", id="no name"),
        pytest.param(row(written="无"), "empty", id="none for a number"),
        pytest.param(row(amount="约一千"), "not_an_amount", id="no amount"),
        pytest.param(row(amount="一千二元"), "not_an_amount", id="an amount in signs that may be two"),
        pytest.param(row(amount="1.20E+04"), "scientific_figure", id="an amount rounded by Excel"),
        pytest.param(row(amount="-"), "missing", id="a dash for an amount"),
        pytest.param(["王建国", WANG, "1", "200.50", "住院"], "too_many_cells", id="a comma too many"),
    ],
)
async def test_rows_that_cannot_be_read_come_back_with_a_reason(
    department: Department, written: list[str], code: str
) -> None:
    batch = await department.send(as_csv([row(), written]))
    assert figures(batch) == (2, 1, 0, 0, 1, 0)
    (reject,) = await department.listed(batch, "rejects")
    assert (reject["line"], reject["code"]) == (3, code)
    assert reject["message"]
    assert WANG[:17] not in reject["value"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(row("王 建 国"), id="spaces in the name"),
        pytest.param(row(written=f" {WANG} "), id="spaces around the number"),
        pytest.param(
            row(written=WANG.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))),
            id="full width",
        ),
        pytest.param(row(amount="1,234.50元"), id="an amount in words"),
        pytest.param(row(amount="壹仟贰佰元整"), id="an amount in signs"),
        pytest.param(row(amount="0.05万元人民币"), id="an amount with its currency"),
        pytest.param([*row(), "", " "], id="cells too many in which nothing stands"),
    ],
)
async def test_rows_are_put_right_where_that_is_certain(department: Department, written: list[str]) -> None:
    assert figures(await department.send(as_csv([written]))) == (1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("written", "born", "outcome"),
    [
        pytest.param(WANG, "1980-03", "matched", id="beside a number"),
        pytest.param(WANG, "1980年3月", "matched", id="beside a number, in words"),
        pytest.param("", "1980-03", "month_only", id="instead of one"),
        pytest.param("无", "1980.03", "month_only", id="beside a word for none"),
        pytest.param("无", "一九八〇年三月一日", "probable", id="a day beside a word for none"),
        pytest.param(WANG, "去年", "not_a_date", id="what is no date at all"),
    ],
)
async def test_a_month_of_birth_does_for_whoever_has_a_number(
    department: Department, written: str, born: str, outcome: str
) -> None:
    department.dataset = "enrolment"
    headers = ["姓名", "身份证号", "出生年月", "村"]
    batch = await department.send(as_csv([["王建国", written, born, "/"]], headers=headers), "2021-spring")
    results, rejects = [await department.listed(batch, what) for what in ("results", "rejects")]
    assert [each.get("outcome") or each["code"] for each in results + rejects] == [outcome]


async def test_a_reason_is_told_in_the_language_of_the_caller(department: Department) -> None:
    batch = await department.send(as_csv([row(amount="许多")]))
    url = f"/comparisons/{batch['id']}/rejects"
    told = [
        (await department.client.get(url, headers={"Accept-Language": language})).json()["items"][0][
            "message"
        ]
        for language in ("zh", "en")
    ]
    assert told == ["应为金额", "not an amount of money"]


async def test_a_stroke_means_nothing_where_nothing_need_stand(department: Department) -> None:
    department.dataset = "small_credit"
    headers = ["姓名", "身份证号", "贷款金额", "贷款余额", "逾期天数", "放款日期", "使用问题"]
    batch = await department.send(as_csv([["王建国", WANG, "5万", "/", "-", "无", "——"]], headers=headers))
    (result,) = await department.listed(batch, "results")
    assert result["amount"] == "50000.00"
    assert [result[name] for name in ("quantity", "happened_on", "kind")] == [None] * 3


async def test_the_same_file_is_the_same_batch(department: Department) -> None:
    first = await department.send(as_csv([row()]))
    again = await department.take(as_csv([row()]))
    assert (again["id"], again["job"]) == (first["id"], first["job"])
    assert (await department.take(as_csv([row()]), "2021-06"))["id"] != first["id"]


async def test_a_department_sees_its_own_batches_and_officers_those_of_their_area(
    department: Department, scene: Scene
) -> None:
    batch = await department.send(as_csv([row(), row("赵一", ZHAO)]))
    other = await scene.service.caller("department", COUNTY, subject="jiaoyu")
    assert (await other.get("/comparisons")).json()["items"] == []
    for what in ("", "/results", "/rejects", "/reconciliation"):
        assert (await other.get(f"/comparisons/{batch['id']}{what}")).status_code == 404
    assert await _seen(scene.county, batch) == [2, 3]
    elsewhere = await scene.service.caller("county_officer", "340622000000", subject="elsewhere")
    assert (await elsewhere.get(f"/comparisons/{batch['id']}")).status_code == 404


async def test_a_department_learns_the_outcome_but_not_who_lives_where(
    department: Department, scene: Scene
) -> None:
    batch = await department.send(as_csv([row("王建军")]))
    (told,) = await department.listed(batch, "results")
    assert told["outcome"] == "mismatched"
    assert not any(told[name] for name in ("household_id", "member_id", "name", "division_code"))
    (seen,) = (await scene.county.get(f"/comparisons/{batch['id']}/results")).json()["items"]
    assert (seen["name"], seen["division_code"]) == ("王建国", VILLAGE)


async def test_a_file_that_failed_may_be_sent_again(department: Department) -> None:
    content = as_csv([row()])
    taken = await department.take(content)
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(text("UPDATE job SET state = 'failed'"))
    again = await department.take(content)
    assert again["job"] != taken["job"]
    await department.work(again)
    assert figures((await department.client.get(f"/comparisons/{again['id']}")).json())[:2] == (1, 1)


async def _seen(client: httpx.AsyncClient, batch: dict[str, Any]) -> list[int]:
    answer = await client.get(f"/comparisons/{batch['id']}/results")
    assert answer.status_code == 200, answer.text
    return [each["line"] for each in answer.json()["items"]]


async def test_a_town_sees_the_rows_about_its_own_people(department: Department, scene: Scene) -> None:
    batch = await department.send(as_csv([row(), row("赵一", ZHAO), row("外地人", number(999))]))
    assert await _seen(scene.town, batch) == [2]
    towns = (await scene.town.get(f"/comparisons/{batch['id']}/reconciliation")).json()["towns"]
    assert [(town["division_code"], town["matched"]) for town in towns] == [(TOWN, 1)]


async def test_a_batch_leaves_no_file_and_tells_what_it_found(department: Department) -> None:
    await department.send(as_csv([row(amount="20000.01"), row("赵一", ZHAO)]))
    assert not list(department.service.runtime.spool.iterdir())
    told = [
        each
        for each in await outbox_of(department.service)
        if each["type"] == "monitoring.comparison_finished.v1"
    ]
    assert len(told) == 1
    data: Any = told[0]["data"]
    figures_of_town = {"matched": 1, "mismatched": 0, "probable": 0, "departed": 0, "alerts": 1}
    assert data["towns"][0] == {"division_code": TOWN, **figures_of_town}
    assert data["division_code"] == COUNTY
    assert VILLAGE.startswith("340621100")


@pytest.mark.parametrize(
    "crash_after", ["store", "take_effect", "raise_alerts", "tell_clues", "take_all_back", "sum_up"]
)
async def test_a_comparison_that_is_killed_ends_with_the_same_figures(
    department: Department, crash_after: str
) -> None:
    content = as_csv(
        [
            row(amount="20000.01"),
            row("李秀英", LI, "1500"),
            row("王某"),
            row("外地人", number(9)),
            row(written="1"),
        ]
    )
    taken = await department.take(content)
    with killed_after(job, crash_after):
        await department.work(taken)
    result = await department.work(taken)
    assert figures(result) == (5, 2, 1, 1, 1, 2)
    told = [each["type"] for each in await outbox_of(department.service)]
    assert told.count("monitoring.comparison_finished.v1") == 1
    assert told.count("monitoring.clue_received.v1") == 2


async def test_one_that_is_stopped_between_parts_goes_on_after_the_last_one(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    checked = list[int]()

    def noted(read: FilePart, number: int, *more: Any) -> Checked:
        checked.append(number)
        return check(read, number, *more)

    monkeypatch.setattr(pipeline, "check", noted)
    taken = await department.take(as_csv([row()] * 40))
    monkeypatch.setattr(department.service.runtime, "draining", True)
    with pytest.raises(Interrupted):
        await department.work(taken)
    monkeypatch.setattr(department.service.runtime, "draining", False)
    checked.clear()
    assert figures(await department.work(taken))[:2] == (40, 40)
    assert checked == list(range(2, checked[-1] + 1))
    assert checked[-1] > 5


async def test_an_unknown_dataset_is_not_found(department: Department) -> None:
    department.dataset = "weather"
    assert (await department.post(as_csv([row()]))).status_code == 404


async def test_the_form_of_every_dataset_can_be_filled_and_sent(department: Department, scene: Scene) -> None:
    scene.go_to(2021, 12, 31)
    rows = list(csv.DictReader(DIVISIONS.read_text("utf-8").splitlines()))
    assert {village for *_, village in PEOPLE} <= {row["code"] for row in rows}, "of the demo's county"
    await scene.service.tell(*(DivisionChanged(version=2, **row) for row in rows))
    await scene.known(household(members=tuple(numbered(name, written) for name, written, *_ in PEOPLE)))
    for dataset in (await department.client.get("/datasets")).json():
        department.dataset = dataset["code"]
        form = await department.client.get(f"/datasets/{dataset['code']}/template.xlsx")
        book = openpyxl.load_workbook(BytesIO(form.content))
        assert book.worksheets[0].max_row == 2
        sample = await department.client.get(f"/datasets/{dataset['code']}/sample.xlsx")
        batch = await department.send(sample.content, EXAMPLES[PeriodKind(dataset["period"])])
        assert figures(batch)[:2] == (len(PEOPLE), len(PEOPLE))
