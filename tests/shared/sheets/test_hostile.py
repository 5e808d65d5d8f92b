"""Files that are made, or have come, to be more than memory holds: each is refused, and whoever reads it lives on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from shared.sheets import parts, weighing
from shared.sheets.form import Form, HeaderMissing, UnreadableFile
from shared.sheets.parts import Place, read_parts, refusing
from shared.sheets.reading import read_table

FORM = Form({"姓名": "name", "备注": "note"}, frozenset({"name"}))
SHEET = "xl/worksheets/sheet1.xml"
HEAD = "姓名,备注".encode()
Rows = list[tuple[int, str, str]]


def workbook(**members: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook of one row, with members of it rewritten."""
    made, file = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "备注"])
        sheet.write_row(1, 0, ["王建国", "住院"])
    with ZipFile(made) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            after.writestr(name, members.get(stem, bytes)(before.read(name)))
    return file.getvalue()


def with_rows(rows: str) -> bytes:
    return workbook(sheet1=lambda sheet: sheet.replace(b"</sheetData>", f"{rows}</sheetData>".encode()))


def rows_of(content: bytes, kind: str, path: Path) -> Rows:
    path.write_bytes(content)
    return [
        row
        for part in read_parts(path, kind, FORM, Place())
        for row in part.table.select("line", "name", "note").rows()
    ]


def with_entities(sheet: bytes) -> bytes:
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    return sheet.replace(
        b"<worksheet", f'<!DOCTYPE x [<!ENTITY e0 "x">{entities}]><worksheet'.encode()
    ).replace(
        b"</sheetData>",
        b'<row r="3"><c r="A3" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData>',
    )


def that_lies() -> bytes:
    """Return a workbook whose sheet is larger than it says."""
    honest = with_rows("<row/>" * 1000)
    with ZipFile(BytesIO(honest)) as book:
        size = book.getinfo(SHEET).file_size
    return honest.replace(struct.pack("<I", size), struct.pack("<I", 100))


def of_another_kind(name: str) -> bytes:
    file = BytesIO(workbook())
    with ZipFile(file, "a") as book:
        book.writestr(name, b"")
    return file.getvalue()


def compressed_otherwise() -> bytes:
    file = BytesIO(workbook())
    with ZipFile(file, "a", ZIP_BZIP2) as book:
        book.writestr("xl/x.xml", b"x")
    return file.getvalue()


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
MANY = b"".join(b'<sheet name="a%d" sheetId="%d" r:id="rId1"/>' % (each, each) for each in range(2, 100))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_rows(FAR), id="a cell in the last corner"),
        pytest.param(
            with_rows(FAR.replace('"', "'").replace("r=", "r = ")), id="the same, written otherwise"
        ),
        pytest.param(
            with_rows(FAR.replace("<c ", "<c t='n' x='>' ")), id="the same, behind other attributes"
        ),
        pytest.param(with_rows(FAR.replace("<c ", "<c" + " " * 100_000)), id="the same, far behind its tag"),
        pytest.param(
            with_rows(FAR.replace("row", "x:row").replace("<c ", "<x:c ").replace("</c", "</x:c")),
            id="prefixed",
        ),
        pytest.param(
            with_rows('<row r="4294967295"><c r="ZZZZZZ4294967295"><v>1</v></c></row>'), id="beyond"
        ),
        pytest.param(
            with_rows(f'<row>{"<c><v>1</v></c>" * 20_000}</row><row r="9999"><c><v>1</v></c></row>'),
            id="cells that say nowhere where they are",
        ),
        pytest.param(
            workbook(
                sharedStrings=lambda words: words.replace(b'uniqueCount="4"', b'uniqueCount="4294967295"')
            ),
            id="room for words that do not come",
        ),
        pytest.param(
            workbook(workbook=lambda book: book.replace(b"</sheets>", MANY + b"</sheets>")),
            id="one sheet often",
        ),
        pytest.param(workbook(sheet1=with_entities), id="entities in entities"),
        pytest.param(that_lies(), id="larger than it says"),
        pytest.param(of_another_kind("xl/workbook.bin"), id="XLSB beside it"),
        pytest.param(of_another_kind("content.xml"), id="ODS beside it"),
        pytest.param(compressed_otherwise(), id="compressed as no office does"),
        pytest.param(workbook()[:-300], id="cut off"),
        pytest.param(b"PK\x03\x04" + b"x" * 500, id="no workbook"),
    ],
)
def test_a_workbook_that_would_become_too_large_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        rows_of(content, "xlsx", tmp_path / "file.upload")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(workbook(), id="as written"),
        pytest.param(
            with_rows(FAR.replace("<v>1</v></c>", "</c>").replace("></c>", "/>")), id="a format to its end"
        ),
        pytest.param(with_rows('<row r="900"><c r="AZ900"><v>1</v></c></row>'), id="a wide one"),
        pytest.param(workbook(theme1=lambda _: b"\x00<" + b"\xff" * 300_000), id="with a picture"),
    ],
)
def test_one_that_only_looks_large_is_read(tmp_path: Path, content: bytes) -> None:
    assert rows_of(content, "xlsx", tmp_path / "file.upload") == [(2, "王建国", "住院")]


@pytest.mark.parametrize("bound", ["_LARGEST", "_MOST_CELLS"])
def test_a_workbook_is_refused_by_its_bytes_and_by_its_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(weighing, bound, 50)
    with pytest.raises(UnreadableFile) as refusal:
        rows_of(with_rows("<row><c/></row>" * 100), "xlsx", tmp_path / "file.upload")
    assert "工作表过大" in refusal.value.zh_detail


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param("csv", HEAD + b"," * 200_000 + b"\n" + b"a\n" * 1000, id="a header of many columns"),
        pytest.param(
            "csv", HEAD + b"," * 400 + b"\n" + b"a\n" * 50_000, id="rows far shorter than the header"
        ),
        pytest.param("csv", HEAD + b"\n" + b"x" * 60_000, id="a line that does not end"),
        pytest.param("csv", HEAD + b'\n"' + b"x\n" * 40_000, id="a quote that does not end"),
        pytest.param("ndjson", b'{"name": "' + b"x" * 60_000 + b'"}', id="an object that does not end"),
        pytest.param("ndjson", b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}\n", id="nested without end"),
        pytest.param(
            "ndjson", b"\xff{\n" + b"x" * 60_000, id="a line that is broken before one that does not end"
        ),
    ],
)
def test_text_that_would_become_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, content: bytes
) -> None:
    for bound, small in (("PART_BYTES", 5_000), ("_LONGEST_PART", 20_000), ("_MOST_CELLS", 200_000)):
        monkeypatch.setattr(parts, bound, small)
    with pytest.raises((UnreadableFile, HeaderMissing)):
        rows_of(content, kind, tmp_path / "file.upload")


def test_objects_of_which_each_has_another_key_are_refused(tmp_path: Path) -> None:
    # Thirty thousand columns of thirty thousand rows would be fourteen gigabytes.
    many = b"".join(b'{"k%d": 1}\n' % each for each in range(30_000))
    content = '{"姓名": "王建国", "备注": "住院"}\n'.encode() + many
    with pytest.raises(UnreadableFile):
        rows_of(content, "ndjson", tmp_path / "file.upload")
    with pytest.raises(UnreadableFile):
        read_table(tmp_path / "file.upload", "ndjson", FORM)


def test_a_reader_that_gives_up_on_a_file_refuses_it(tmp_path: Path) -> None:
    class PanicException(BaseException):
        pass

    with pytest.raises(UnreadableFile), refusing(tmp_path, "xlsx"):
        raise PanicException
    with pytest.raises(KeyboardInterrupt), refusing(tmp_path, "xlsx"):
        raise KeyboardInterrupt
