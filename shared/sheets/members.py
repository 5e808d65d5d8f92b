"""A workbook's members, opened once its directory is known to be small.

A reader lists all members before it tells anything: a million of them take it five seconds.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from shared.sheets.form import UnreadableFile

#: A sheet for every village and a picture in every row are fewer. A member takes some hundred bytes of the directory.
_MOST_MEMBERS, _LONGEST_DIRECTORY = 10_000, 1024**2
#: What a file ends with: at last, how many members there are (in this file, in all), how long their directory is,
#: where it begins, and how long the comment is that follows.
_END, _END_SIGN, _LONGEST_COMMENT = Struct("<4s4x2H2IH"), b"PK\x05\x06", 0xFFFF
#: With zip64 the same stands before it in more bytes, and where that is.
_LOCATOR, _LOCATOR_SIGN = Struct("<4s4xQ4x"), b"PK\x06\x07"
_LONG_END, _LONG_END_SIGN = Struct("<4s20x4Q"), b"PK\x06\x06"
#: What a figure says where only the long one is right.
_SEE_LONG_END = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


@contextmanager
def members_of(path: Path) -> Iterator[ZipFile]:
    """Open a workbook's members; what is none, or has more than any workbook, is refused with ``UnreadableFile``."""
    try:
        with path.open("rb") as file:
            _expect_few(file)
            with ZipFile(file) as members:
                yield members
    # A member that is locked, or packed as nobody unpacks it, is a RuntimeError; its name may be no text.
    except (BadZipFile, EOFError, RuntimeError, UnicodeDecodeError, zlib.error) as error:
        raise UnreadableFile from error


def _expect_few(file: BinaryIO) -> None:
    here, in_all, length, begin, end = _directory(file)
    if max(here, in_all) > _MOST_MEMBERS or length > _LONGEST_DIRECTORY:
        raise UnreadableFile(
            "it has more parts than any workbook: save it anew, or send it as CSV",
            zh_detail="工作簿的内部文件过多：请另存为新的 XLSX，或改用 CSV 报送",
        )
    # One reader looks where it is said to begin, another where it ends: both are to see the same.
    if begin + length != end:
        raise UnreadableFile


def _directory(file: BinaryIO) -> tuple[int, int, int, int, int]:
    """Return how many members there are (in this file, in all), and their directory's length, begin and end."""
    start = max(0, file.seek(0, os.SEEK_END) - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    found = tail.rfind(_END_SIGN, 0, max(0, len(tail) - _END.size + len(_END_SIGN)))
    if found < 0:
        raise UnreadableFile
    _, *told, _ = _END.unpack_from(tail, found)
    end = start + found
    located = _record(file, end - _LOCATOR.size, _LOCATOR, _LOCATOR_SIGN)
    if located:
        end -= _LOCATOR.size + _LONG_END.size
        long_end = _record(file, end, _LONG_END, _LONG_END_SIGN)
        if located != [end] or not long_end:
            raise UnreadableFile
        # Both are read, by one reader or another, and must say the same.
        if any(short not in each for short, *each in zip(told, long_end, _SEE_LONG_END, strict=True)):
            raise UnreadableFile
        told = long_end
    return (*told, end)


def _record(file: BinaryIO, at: int, layout: Struct, sign: bytes) -> list[int]:
    """Return the figures of a record, or none where it does not stand."""
    if at < 0:
        return []
    file.seek(at)
    read = file.read(layout.size)
    begins = len(read) == layout.size and read.startswith(sign)
    return list(layout.unpack(read)[1:]) if begins else []
