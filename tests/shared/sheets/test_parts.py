"""Parts of a file are the file: wherever they are cut, from wherever a reader goes on."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from shared.sheets import parts
from shared.sheets.form import Form, UnreadableFile
from shared.sheets.parts import Place, read_parts
from shared.sheets.reading import read_headed

FORM = Form({"姓名": "name", "备注": "note"}, frozenset({"name"}))
Rows = list[tuple[int, str, str]]


def rows_of(path: Path, kind: str = "csv", begin: Place | None = None) -> Rows:
    read = read_parts(path, kind, FORM, begin or Place())
    return [row for part in read for row in part.table.select("line", "name", "note").rows()]


def expected(content: str) -> Rows:
    rows = enumerate(csv.reader(StringIO(content, newline="")), start=1)
    padded = [(line, [cell.strip() for cell in [*row, "", ""]]) for line, row in rows if line > 1]
    return [(line, name, note) for line, (name, note, *_) in padded if name or note]


cells = st.text(alphabet='王a,"\n 1', max_size=5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(cells, cells), max_size=12), st.integers(5, 60), st.sampled_from(["utf-8", "gb18030"])
)
def test_a_file_is_its_parts_wherever_they_are_cut(
    tmp_path: Path, rows: list[tuple[str, str]], size: int, encoding: str
) -> None:
    file = StringIO()
    csv.writer(file).writerows([("姓名", "备注"), *rows])
    path = tmp_path / "file.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", size)
        assert rows_of(path) == expected(file.getvalue())
        ends = [Place()] + [part.ends for part in read_parts(path, "csv", FORM, Place())]
        rest = [rows_of(path, begin=place) for place in ends]
    # Whoever goes on after a part reads what is left, and no line twice.
    assert [len(each) for each in rest] == sorted((len(each) for each in rest), reverse=True)
    assert all(rest[0][-len(each) :] == each for each in rest if each)


@pytest.mark.parametrize("size", [20, 10**6], ids=["in many parts", "in one"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param('姓名,备注\n王,5"管\n李,b\n张,c\n', id="a quote that stands alone"),
        pytest.param('姓名,备注\n王,5"管\n李,6"管\n张,c\n', id="two of them"),
        pytest.param('姓名,备注\n王,"a"b\n李,c\n', id="text behind a quoted cell"),
        pytest.param('姓名,备注\n王, "a"\n李,c\n', id="a space before a quote"),
        pytest.param("姓名,备注\n\n王,a\n,\n李,b", id="empty lines, and none at the end"),
        pytest.param('姓名,备注\r\n王,"a\r\nb"\r\n李,c\r\n', id="a cell of two lines"),
        pytest.param("姓名,备注\n王\n李,c,d,e\n", id="lines too short and too long"),
    ],
)
def test_rows_are_read_as_a_spreadsheet_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, size: int
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", size)
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode())
    assert rows_of(path) == expected(content)


def test_objects_keep_their_keys_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 10)
    path = tmp_path / "file.ndjson"
    path.write_bytes(
        '{"姓名": "王", "备注": 1}\n{"姓名": "李"}\n\n{"\\u59d3\\u540d": 340621198003010010}\n'.encode()
    )
    read = [row for part in read_parts(path, "ndjson", FORM, Place()) for row in part.table.to_dicts()]
    assert [(row["line"], row.get("name"), row.get("note")) for row in read] == [
        (1, "王", "1"),
        (2, "李", None),
        (4, "340621198003010010", None),
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(['{"姓名": "王"}', '{"备注": "李"}', "{}", "", " \t"]), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", " \n\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.integers(5, 60),
)
def test_an_object_is_told_by_the_line_on_which_it_stands(
    tmp_path: Path, lines: list[str], end: str, below: str, mark: str, size: int
) -> None:
    lines = ['{"姓名": "张", "备注": 1}', *lines]
    told = [number for number, line in enumerate(lines, start=1) if line.strip() not in {"", "{}"}]
    path = tmp_path / "file.ndjson"
    path.write_text(mark + end.join(lines) + below, "utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", size)
        read = [
            (part.ends, part.table["line"].to_list()) for part in read_parts(path, "ndjson", FORM, Place())
        ]
        assert [line for _, of_part in read for line in of_part] == told
        for number, (ends, _) in enumerate(read):
            rest = read_parts(path, "ndjson", FORM, ends)
            assert [part.table["line"].to_list() for part in rest] == [left for _, left in read[number + 1 :]]
    if not mark:
        assert read_headed(path, "ndjson", FORM)[0]["line"].to_list() == told


@pytest.mark.parametrize("size", [10, 10**6], ids=["in many parts", "in one"])
def test_no_object_is_lost_by_the_name_that_it_gives_a_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    form = Form(
        {**FORM.fields, "患者姓名": "name", "金额": "amount", "金额万元": "amount"},
        FORM.required,
        {"金额万元": "万元"},
    )
    path = tmp_path / "file.ndjson"
    lines = [
        '{"姓名": "王", "金额": 3}',
        '{"患者姓名": "李", "金额（万元）": 3}',
        "{}",
        '{"姓名": " ", "患者姓名": "张"}',
        '{"名字": "赵"}',
        '{"名字": " "}',
    ]
    path.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(parts, "PART_BYTES", size)
    read = [row for part in read_parts(path, "ndjson", form, Place()) for row in part.table.to_dicts()]
    # What has no known name says something, too: whoever sent it is to learn that it was not understood.
    told = [(row["line"], row.get("name") or "", row.get("amount") or "") for row in read]
    assert told == [(1, "王", "3"), (2, "李", "3万元"), (4, "张", ""), (5, "", "")]
    whole, headers = read_headed(path, "ndjson", form)
    assert whole.select("line", "name", "amount").rows() == told[:3]
    assert headers == {
        "姓名": "name",
        "金额": "amount",
        "患者姓名": "name",
        "金额（万元）": "amount",
        "名字": None,
    }


def test_an_object_may_tell_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "file.ndjson"
    path.write_text('{"line": 7, "姓名": "王"}\n{"line": 9, "姓名": "李"}', "utf-8")
    parts_of_it = read_parts(path, "ndjson", FORM, Place())
    told = [part.table.rows() for part in parts_of_it]
    assert told == [read_headed(path, "ndjson", FORM)[0].rows()] == [[(1, "王"), (2, "李")]]


def test_a_quote_that_is_never_closed_makes_a_file_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1000)
    monkeypatch.setattr(parts, "_LONGEST_PART", 5000)
    path = tmp_path / "file.csv"
    path.write_bytes('姓名,备注\n王,"a\n'.encode() + b"x,y\n" * 5000)
    with pytest.raises(UnreadableFile):
        rows_of(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('姓名,备注\n"王,a\n李,b\n张,c\n', id="before a cell"),
        pytest.param('姓名,备注\n王,"a\n李,b\n张,c', id="before the last cell, with no end of line"),
        pytest.param('姓名,备注\n王,5"管\n李,"b\n张,c\n', id="beside another one that stands alone"),
    ],
)
def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode())
    with pytest.raises(UnreadableFile):
        rows_of(path)
