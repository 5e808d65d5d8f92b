"""Headers as offices draw them: below titles, in two rows or three, cells over all or over a group of columns."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from shared.sheets.form import Form, HeaderMissing
from shared.sheets.parts import Place, read_parts
from shared.sheets.reading import read_headed, read_table

FORM = Form(
    {"姓名": "name", "身份证号": "number", "自付金额": "amount", "费用": "amount", "备注": "note"},
    frozenset({"name", "number", "amount"}),
)
WANG = ["1", "王建国", "3406", "1200", "300", "住院"]
READ = ("王建国", "3406", "300")


def top(*rows: str) -> list[list[str]]:
    return [row.split("|") for row in rows]


TITLE = top("某县医疗费用统计表|||||", "单位：元|||||")
NAMES = "序号|姓名|身份证号|总费用|自付金额|备注"
OVER_THREE = top("序号|姓名|身份证号|医疗费用||备注", "|||总费用|其中|", "||||自付金额|")
OVER_BOTH = top("序号|姓名|身份证号|费用||备注", "|||总费用|自付金额|")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(top(NAMES), id="one row"),
        pytest.param([*TITLE, *top(NAMES)], id="below titles"),
        pytest.param(top("基本信息|||费用||备注", NAMES), id="below titles of groups"),
        pytest.param(
            top("基本信息|基本信息|基本信息|费用|费用|备注", NAMES), id="below titles in each column"
        ),
        pytest.param(OVER_BOTH, id="cells over both rows"),
        pytest.param([*TITLE, *OVER_BOTH], id="cells over both rows, below titles"),
        pytest.param(OVER_THREE, id="cells over three rows"),
        pytest.param([*TITLE, *OVER_THREE], id="cells over three rows, below titles"),
        pytest.param(
            top("序号|姓名|身份证号|费用||备注", "|||费用|其中|", "|||总费用|自付金额|"),
            id="a group within a group that is called like a field",
        ),
        pytest.param(
            [*top("基本信息|||费用||备注"), *OVER_THREE], id="cells over three rows, below titles of groups"
        ),
        pytest.param(
            top("序号|姓名|身份证号|费用|费用|备注", "序号|姓名|身份证号|总费用|自付金额|备注"),
            id="cells repeated in both rows",
        ),
        pytest.param(
            top("序号|姓名| 身份证号|费用||备注", "| |\u3000|总费用|自付金额| "), id="blanks in the lower row"
        ),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_row_is_read_by_the_lowest_name_over_each_cell(
    tmp_path: Path, rows: list[list[str]], kind: str
) -> None:
    path = tmp_path / "file"
    lines = [*rows, WANG]
    if kind == "csv":
        path.write_text("\n".join(",".join(row) for row in lines), "utf-8")
    else:
        book = openpyxl.Workbook()
        for row in lines:
            book.worksheets[0].append([cell or None for cell in row])
        book.save(path)
    table = read_table(path, kind, FORM).select("line", "name", "number", "amount", "note")
    assert table.rows() == [(len(lines), *READ, "住院")]
    parts = read_parts(path, kind, FORM, Place())
    assert [row for part in parts for row in part.table.select(table.columns).rows()] == table.rows()


def test_the_names_are_told_as_they_stand_over_each_column(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("\n".join(",".join(row) for row in [*OVER_BOTH, WANG]), "utf-8")
    told = {
        "序号": None,
        "姓名": "name",
        "身份证号": "number",
        "总费用": None,
        "自付金额": "amount",
        "备注": "note",
    }
    assert read_headed(path, "csv", FORM)[1] == told


@pytest.mark.parametrize(
    "below",
    [
        pytest.param("1|王建国|3406|300|备注", id="a cell that reads like a name"),
        pytest.param("必填|与身份证一致|18位|元|", id="an explanation"),
        pytest.param("||||合计", id="a row with hardly anything in it"),
    ],
)
def test_a_row_below_the_header_that_is_none_is_a_row(below: str) -> None:
    header = FORM.find_header(top("序号|姓名|身份证号|自付金额|备注", below, "1|王建国|3406|300|备注"))
    assert header is not None
    assert header.position == 0


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(top("序号|姓名|身份证号", "1|王建国|3406"), id="a name is missing"),
        pytest.param(top("姓名|||", "|||", "|身份证号|自付金额|"), id="a blank row between"),
        pytest.param(top("姓名|||", "|身份证号||", "|||其中", "||自付金额|"), id="four rows"),
        pytest.param([], id="nothing at all"),
    ],
)
def test_where_no_three_rows_name_all_there_is_no_header(rows: list[list[str]]) -> None:
    assert FORM.find_header(rows) is None


def test_a_row_that_holds_a_word_of_the_header_is_a_row_of_the_table() -> None:
    names, row = ["姓名", "身份证号", "自付金额", "备注"], ["", "3406", "", "备注"]
    form = Form(FORM.fields, frozenset({"name", "amount"}))
    header = form.find_header([names, row])
    assert header is not None
    assert (header.position, dict(header.places)) == (0, {"name": 0, "number": 1, "amount": 2, "note": 3})


def test_who_sends_no_header_is_told_what_it_has_to_name(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("姓名,证号\n王建国,3406\n", "utf-8")
    with pytest.raises(HeaderMissing) as refusal:
        read_table(path, "csv", FORM)
    told = refusal.value
    assert (told.detail, told.zh_detail) == (
        "required: name, number, amount",
        "必填列：姓名、身份证号、自付金额",
    )
