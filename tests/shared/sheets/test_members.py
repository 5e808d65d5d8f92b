"""Workbooks of more members than any has: refused by what their end says, before anything lists them."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from shared.sheets import members
from shared.sheets.form import Form, UnreadableFile
from shared.sheets.members import members_of
from shared.sheets.parts import Place, read_parts
from shared.sheets.returning import RefusedLine, is_returned, refused_form

FORM = Form({"姓名": "name"}, frozenset({"name"}))
END, LONG_END, LOCATOR = "<4s4H2IH", "<4sQ2H2I4Q", "<4sIQI"
MANY = "内部文件过多"


def workbook(*, more: int = 0) -> bytes:
    """Return a workbook of one row, with further members that say nothing."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet().write_column(0, 0, ["姓名", "王建国"])
    with ZipFile(file, "a") as written:
        for number in range(more):
            written.writestr(f"xl/media/{number}", b"")
    return file.getvalue()


def ending(content: bytes, *, shift: int = 0, comment: bytes = b"") -> bytes:
    """Return the same with another end: its directory begins elsewhere, or a comment follows."""
    *figures, begin, _ = struct.unpack(END, content[-22:])
    return content[:-22] + struct.pack(END, *figures, begin + shift, len(comment)) + comment


def with_long_end(
    content: bytes, *, members: int | None = None, longer: int = 0, astray: int = 0, hidden: bool = True
) -> bytes:
    """Return the same as zip64: with so many members, a directory longer than it is, a locator that leads astray."""
    _, _, _, here, _, length, begin, _ = struct.unpack(END, content[-22:])
    told = here if members is None else members
    long_end = struct.pack(LONG_END, b"PK\x06\x06", 44, 45, 45, 0, 0, told, told, length + longer, begin)
    locator = struct.pack(LOCATOR, b"PK\x06\x07", 0, begin + length + astray, 1)
    short = (b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    end = struct.pack(END, *short) if hidden else content[-22:]
    return content[:-22] + long_end + locator + end


def names_in(path: Path, content: bytes) -> list[str]:
    path.write_bytes(content)
    return [name for part in read_parts(path, "xlsx", FORM, Place()) for name in part.table["name"]]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(workbook(more=10_000), id="ten thousand pictures"),
        pytest.param(with_long_end(workbook(), members=1_000_000), id="a million, zip64"),
        pytest.param(with_long_end(workbook(), longer=2 * 1024**3), id="a directory of gigabytes"),
        pytest.param(
            workbook()[:-22] + struct.pack(END, b"PK\x05\x06", 0, 0, 9, 9, 2**31, 0, 0),
            id="the same, without zip64",
        ),
    ],
)
def test_a_workbook_of_too_many_members_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        names_in(tmp_path / "file.upload", content)
    assert MANY in refusal.value.zh_detail


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ending(workbook(), shift=-1), id="a directory that begins elsewhere"),
        pytest.param(
            with_long_end(workbook(), members=5, hidden=False), id="two ends that say different things"
        ),
        pytest.param(with_long_end(workbook(), astray=1), id="a long end that stands elsewhere"),
        pytest.param(workbook()[:-1], id="an end that is cut off"),
        pytest.param(b"PK\x05\x06", id="an end alone"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_workbook_that_readers_may_see_differently_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        names_in(tmp_path / "file.upload", content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(workbook(more=2_000), id="with a photo of everybody"),
        pytest.param(with_long_end(workbook()), id="as zip64"),
        pytest.param(with_long_end(workbook(), hidden=False), id="as zip64 that says everything twice"),
        pytest.param(ending(workbook(), comment=b"x" * 0xFFFF), id="with a comment"),
    ],
)
def test_one_that_is_only_written_otherwise_is_read(tmp_path: Path, content: bytes) -> None:
    assert names_in(tmp_path / "file.upload", content) == ["王建国"]


def test_nothing_lists_the_members_of_one_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.upload"
    path.write_bytes(refused_form({"name": "姓名"}, [RefusedLine(2, ["缺"], {"name": "王建国"})]))
    assert is_returned(path, "xlsx")
    monkeypatch.setattr(members, "_MOST_MEMBERS", 3)
    monkeypatch.setattr(members, "ZipFile", None)
    assert not is_returned(path, "xlsx")


@pytest.mark.parametrize(
    ("sign", "instead"),
    [
        pytest.param(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00", id="locked"),
        pytest.param(
            b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x00\x00\x13\x00", id="packed as nobody unpacks it"
        ),
        pytest.param(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff", id="of a later version"),
    ],
)
def test_a_workbook_that_cannot_be_opened_is_refused_whoever_asks(
    tmp_path: Path, sign: bytes, instead: bytes
) -> None:
    path = tmp_path / "file.upload"
    content = workbook()
    assert sign in content
    path.write_bytes(content.replace(sign, instead))
    assert not is_returned(path, "xlsx")
    with pytest.raises(UnreadableFile), members_of(path) as opened:
        opened.read("xl/workbook.xml")
