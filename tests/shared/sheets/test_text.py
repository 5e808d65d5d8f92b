"""Text as offices save it: any encoding and separator gives the same rows; what is broken is named by its line."""

from __future__ import annotations

import codecs
import csv
import re
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from shared.sheets import parts, text
from shared.sheets.csv_lines import csv_lines, no_formula
from shared.sheets.form import Form, HeaderMissing, UnreadableFile
from shared.sheets.parts import OVERLONG, Place, read_parts
from shared.sheets.reading import read_headed, read_table

FORM = Form({"姓名": "name", "备注": "note", "name": "name", "note": "note"}, frozenset({"name", "note"}))
Row = tuple[str, ...]
ROWS: list[Row] = [("姓名", "备注"), ("王建国", "住院，5天；已结"), ("李秀英", 'a, "b"; c\td\n第二行')]
READ = [(2, "王建国", "住院，5天；已结"), (3, "李秀英", 'a, "b"; c\td\n第二行')]


def written(rows: list[Row], *, separator: str = ",", end: str = "\r\n") -> str:
    file = StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    return file.getvalue()


def rows_of(path: Path, kind: str = "csv") -> list[tuple[int, str, str]]:
    """Return a file's rows, which both readers agree on."""
    whole = read_table(path, kind, FORM).drop(OVERLONG, strict=False).rows()
    names = ("line", "name", "note")
    assert [
        row for part in read_parts(path, kind, FORM, Place()) for row in part.table.select(names).rows()
    ] == whole
    return whole


@pytest.mark.parametrize(
    "title", ["", "某县报表\n", "sep=;\n"], ids=["no title", "a title", "Excel's own mark"]
)
@pytest.mark.parametrize("separator", [",", "\t", ";"], ids=["commas", "tabs", "semicolons"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_as_offices_save_it(tmp_path: Path, encoding: str, separator: str, title: str) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes((title + written(ROWS, separator=separator)).encode(encoding))
    assert rows_of(path) == [(line + bool(title), *cells) for line, *cells in READ]


def test_the_other_order_of_bytes_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(codecs.BOM_UTF16_BE + written(ROWS, separator="\t").encode("utf-16-be"))
    assert rows_of(path) == READ


@pytest.mark.parametrize(
    ("marked", "meant"),
    [
        ("'0340", "0340"),
        ('="0340"', "0340"),
        ("'=1+1", "=1+1"),
        ("'户主' 病重", "'户主' 病重"),
        ("=1+1", "=1+1"),
    ],
)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE], ids=["as CSV", "as it is"])
def test_what_marks_a_text_for_a_spreadsheet_is_no_part_of_it(
    tmp_path: Path, marked: str, meant: str, quoting: Literal[0, 3]
) -> None:
    path = tmp_path / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=quoting, quotechar=None if quoting else '"').writerows(
            [("姓名", "备注"), (marked, "无"), ("王建国", marked)]
        )
    assert rows_of(path) == [(2, meant, "无"), (3, "王建国", meant)]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1))
def test_no_cell_that_is_written_begins_as_a_formula_and_each_is_read_as_it_was(cells: list[str]) -> None:
    lines = csv_lines([map(no_formula, cells)]).decode()
    (row,) = csv.reader(StringIO(lines, newline=""))
    assert not any(re.match(r"[=+@\t\r]|-(?![0-9.]+$)", cell) for cell in row)
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]


def test_signs_of_prose_part_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("姓名，备注\n王建国，住院\n", "utf-8")
    with pytest.raises(HeaderMissing):
        rows_of(path)


cells = st.text(alphabet='王😀a,;\t"\n 1', max_size=5)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(cells, cells), max_size=12),
    st.integers(5, 60),
    st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["doubled", "as they are"]),
)
def test_whoever_goes_on_after_a_part_reads_what_is_left(
    tmp_path: Path, rows: list[Row], size: int, encoding: str, separator: str, quotes: str
) -> None:
    content = written([("姓名", "备注"), *rows], separator=separator)
    if quotes == "as they are":
        # Quotes that stand in a cell as they are.
        rows = [tuple("x" + re.sub(f"[{separator}\n]", "", cell) for cell in row) for row in rows]
        content = "".join(f"{separator.join(row)}\n" for row in [("姓名", "备注"), *rows])
    path = tmp_path / "file.txt"
    path.write_bytes(content.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", size)
        read = [(part.ends, part.table.rows()) for part in read_parts(path, "csv", FORM, Place())]
        left = [row for _, of_part in read for row in of_part]
        expected = [tuple(cell.strip() for cell in row) for row in rows]
        assert [row[1:3] for row in left] == [row for row in expected if any(row)]
        for ends, of_part in read:
            left = left[len(of_part) :]
            assert [row for part in read_parts(path, "csv", FORM, ends) for row in part.table.rows()] == left


BROKEN = b"\xff"


@pytest.mark.parametrize("size", [20, 10**6], ids=["in many parts", "in one"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            '姓名,备注\n王,a\n李,"b\nb"\n张,'.encode() + BROKEN + b"\n",
            "line 4 is not UTF-8, as the file is",
            id="UTF-8",
        ),
        pytest.param(
            "姓名,备".encode() + BROKEN + "注\n王,a\n".encode(),
            "line 1 is not UTF-8, as the file is",
            id="in the header",
        ),
        pytest.param(
            "某表\n".encode() + "姓名,备注\n王,a\n".encode()[1:],
            "line 2 is not UTF-8, as the file is",
            id="in a name of the header, which is lost",
        ),
        pytest.param(
            '姓名,备注\n王,5"管\n'.encode() + BROKEN,
            "line 3 is not UTF-8, as the file is",
            id="beside a quote that stands alone",
        ),
        pytest.param(
            "name,note\n王建国,住院\n李".encode() + BROKEN + b",\n",
            "line 3 is not UTF-8, as the file is",
            id="below a header in ASCII",
        ),
        pytest.param(
            "姓名,备注\n王,a\n张,".encode("gb18030") + BROKEN + b"\n",
            "line 3 is not GB18030, as the file is",
            id="GB18030",
        ),
        pytest.param(
            "name,note\n王建国,住院\n李".encode("gb18030") + BROKEN + b",\n",
            "line 3 is not GB18030, as the file is",
            id="GB18030 below a header in ASCII",
        ),
        pytest.param(
            "姓名\t备注\n王\ta\n".encode("utf-16") + b"\x00\xd8" + "张\n".encode("utf-16-le"),
            "line 3 is not UTF-16, as the file is",
            id="half a sign of UTF-16",
        ),
        pytest.param(
            "姓名\t备注\n王\ta".encode("utf-16") + b"\n",
            "line 2 is not UTF-16, as the file is",
            id="UTF-16 cut in the middle",
        ),
    ],
)
def test_a_line_that_is_not_in_the_files_encoding_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str, size: int
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", size)
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=told):
        list(read_parts(path, "csv", FORM, Place()))
    with pytest.raises(UnreadableFile) as refusal:
        read_table(path, "csv", FORM)
    assert refusal.value.detail == told
    assert refusal.value.zh_detail.startswith(
        f"第 {told.split()[1]} 行有字符不是有效的 {told.split()[4].rstrip(',')} 编码"
    )


def test_an_object_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "file.ndjson"
    path.write_bytes('{"姓名": "王", "备注": ""}\n{"姓名": "'.encode() + BROKEN + b'"}\n')
    for reader in (
        lambda: list(read_parts(path, "ndjson", FORM, Place())),
        lambda: read_table(path, "ndjson", FORM),
    ):
        with pytest.raises(UnreadableFile, match="line 2 is not UTF-8"):
            reader()


def test_the_encoding_is_told_by_the_first_signs_beyond_ascii_however_late_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "_PROBED", 100)
    monkeypatch.setattr(parts, "PART_BYTES", 60)
    path = tmp_path / "file.csv"
    for encoding in ("utf-8", "gb18030"):
        # Of which alone the last line reads as UTF-8 in either.
        path.write_bytes(b"name,note\n" + b"a,b\n" * 100 + "王建国,住院\n一,\n".encode(encoding))
        assert rows_of(path)[-2:] == [(102, "王建国", "住院"), (103, "一", "")]
        *_, last = read_parts(path, "csv", FORM, Place())
        ends = [part.ends for part in read_parts(path, "csv", FORM, Place())]
        (again,) = read_parts(path, "csv", FORM, ends[-2])
        assert again.table.rows() == last.table.rows()


def test_a_sign_at_the_end_of_what_is_read_first_tells_the_encoding_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    for encoding in ("utf-8", "gb18030"):
        content = "name,note\na,王\nb,\n".encode(encoding)
        path.write_bytes(content)
        for probed in range(10, len(content)):
            monkeypatch.setattr(text, "_PROBED", probed)
            assert rows_of(path) == [(2, "a", "王"), (3, "b", "")]


def test_a_quote_that_another_separator_would_open_hides_no_header(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    rows = [("姓名", "备注"), ("王", 'x, "y'), *[("李", "b" * 100)] * 2000]
    path.write_text("\n".join("\t".join(row) for row in rows), "utf-8")
    assert rows_of(path)[:2] == [(2, "王", 'x, "y'), (3, "李", "b" * 100)]


def test_what_each_cell_of_the_header_was_taken_for_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes("姓名\t年龄\t备注\n王\t5\t\n".encode("utf-16"))
    assert read_headed(path, "csv", FORM)[1] == {"姓名": "name", "年龄": None, "备注": "note"}
