"""An amount is in the unit that its header tells, whichever the dataset's usual one is."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import openpyxl
import orjson
import pytest

from shared.web.uploads import CSV, XLSX
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

WANG = number(771)
WHO = ["姓名", "身份证号"]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(household(members=(numbered("王建国", WANG),), head_name="王建国"))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yinhang"))


@pytest.mark.parametrize(
    ("header", "cell", "yuan"),
    [
        ("贷款金额", "50000", "50000"),
        ("贷款金额（元）", "50000", "50000"),
        ("贷款金额（万元）", "5", "50000"),
        ("贷款金额（万元）", "1.25", "12500"),
        ("贷款金额万元", "5万", "50000"),
        ("贷款金额(万元)", "50000元", "50000"),
        ("放款金额（万元）", "５", "50000"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_a_header_tells_the_unit(
    department: Department, form: str, header: str, cell: str, yuan: str
) -> None:
    department.dataset = "small_credit"
    told = dict(zip([*WHO, header], ["王建国", WANG, cell], strict=True))
    content = (
        as_csv([list(told.values())], headers=list(told)) if form == "csv" else orjson.dumps(told) + b"\n"
    )
    batch = await department.send(content)
    (result,) = await department.listed(batch, "results")
    assert (result["outcome"], Decimal(result["amount"])) == ("matched", Decimal(yuan))


async def test_a_dataset_in_ten_thousands_takes_yuan_where_the_header_says_so(department: Department) -> None:
    department.dataset = "disaster"
    headers = ["户主姓名", "户主身份证号", "行政村", "灾害类型", "直接经济损失（元）"]
    cells = ["王建国", WANG, "八里村", "洪涝", "12000"]
    batch = await department.send(as_csv([cells], headers=headers), "2021-06-01")
    (result,) = await department.listed(batch, "results")
    assert Decimal(result["amount"]) == Decimal(12000)


@pytest.mark.parametrize("header", ["缺课天数（天）", "缺课（天）", "缺课"])
async def test_an_alias_may_have_its_unit_behind_it(department: Department, header: str) -> None:
    department.dataset = "dropout"
    batch = await department.send(as_csv([["王建国", WANG, "30"]], headers=[*WHO, header]))
    (result,) = await department.listed(batch, "results")
    assert Decimal(result["quantity"]) == 30


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        ("伍佰圆", "500"),
        ("伍万元", "50000"),
        ("500人民币", "500"),
        ("0.5", "5000"),
        (" 1.2345", "12345"),
    ],
)
async def test_in_a_column_of_ten_thousands_a_cell_that_tells_its_unit_is_in_it(
    department: Department, cell: str, yuan: str
) -> None:
    department.dataset = "disaster"
    headers = ["户主姓名", "户主身份证号", "行政村", "灾害类型", "直接经济损失"]
    batch = await department.send(
        as_csv([["王建国", WANG, "八里村", "洪涝", cell]], headers=headers), "2021-06-01"
    )
    (result,) = await department.listed(batch, "results")
    assert Decimal(result["amount"]) == Decimal(yuan)


async def test_what_is_no_amount_is_refused_as_it_was_written(department: Department) -> None:
    department.dataset = "small_credit"
    content = as_csv([["王建国", WANG, "约五"]], headers=[*WHO, "贷款金额（万元）"])
    batch = await department.send(content)
    (reject,) = await department.listed(batch, "rejects")
    assert (reject["code"], reject["value"]) == ("not_an_amount", "约五")


async def test_refused_amounts_come_back_beneath_the_unit_in_which_they_are_read_then(
    department: Department,
) -> None:
    department.dataset = "disaster"
    headers = ["户主姓名", "户主身份证号", "行政村", "灾害类型", "直接经济损失（元）"]
    cells = [["王建国", WANG, "八里村", "洪涝", loss] for loss in ("约三千", "3000")]
    batch = await department.send(as_csv([*cells, cells[0]], headers=headers), "2021-06-01")
    lines = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": CSV})
    form = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": XLSX})
    sheet = openpyxl.load_workbook(BytesIO(form.content)).active
    assert sheet is not None
    assert lines.text.splitlines()[0].split(",")[-1] == sheet["G1"].value == "直接经济损失（万元）"
    corrected = lines.content.replace("约三千".encode(), b"0.3")
    again = await department.send(corrected, "2021-06-02")
    assert {Decimal(each["amount"]) for each in await department.listed(again, "results")} == {Decimal(3000)}


async def test_a_percentage_that_may_be_a_fraction_is_handed_back(department: Department) -> None:
    department.dataset = "price_fall"
    written: dict[object, str | None] = {
        0.35: None,
        1: None,
        "0.5": None,
        "35": "35",
        "35%": "35",
        35.5: "35.5",
        "0.5%": "0.5",
        "1％": "1",
        0: "0",
    }
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["村", "产品", "价格跌幅"], *(["八里村", "大蒜", cell] for cell in written)):
        book.active.append(row)
    book.active["C2"].number_format = "0%"
    file = BytesIO()
    book.save(file)
    batch = await department.send(file.getvalue(), "2021-05-20")
    rejects = await department.listed(batch, "rejects")
    assert [(each["line"], each["code"]) for each in rejects] == [
        (line, "perhaps_a_fraction") for line in (2, 3, 4)
    ]
    results = await department.listed(batch, "results")
    assert [Decimal(each["quantity"]) for each in results] == [
        Decimal(each) for each in written.values() if each
    ]
