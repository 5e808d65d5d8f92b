"""An export as a file: CSV and NDJSON as they come, a workbook once it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from rustpy_xlsxwriter import write_worksheet

from services.household.exports.queries import Person
from services.household.imports.columns import Column, form
from shared.database.csv_out import Sink
from shared.domain.codes import code_lists
from shared.sheets.csv_lines import MARK, csv_lines, no_formula

SHEET = "农户信息"


async def write_csv(chunks: AsyncGenerator[list[Person]], sink: Sink) -> None:
    """Write the form as CSV."""
    await sink(MARK.encode() + csv_lines([_headers()]))
    async with aclosing(chunks):
        async for people in chunks:
            await sink(csv_lines(_line(person) for person in people))


async def write_ndjson(chunks: AsyncGenerator[list[Person]], sink: Sink) -> None:
    """Write one object a person, with the fields' names and codes."""
    async with aclosing(chunks):
        async for people in chunks:
            lines = (orjson.dumps(_plain(person), option=orjson.OPT_APPEND_NEWLINE) for person in people)
            await sink(b"".join(lines))


async def write_workbook(chunks: AsyncIterator[list[Person]], path: Path) -> None:
    """Write the form as a workbook, in a thread that asks this loop for one chunk after another."""
    loop = asyncio.get_running_loop()

    async def following() -> list[Person]:
        return await anext(chunks, [])

    def rows() -> Iterator[dict[str, str]]:
        while people := asyncio.run_coroutine_threadsafe(following(), loop).result():
            yield from (_row(person) for person in people)

    await asyncio.to_thread(_write, rows(), path)


def _write(rows: Iterator[dict[str, str]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_worksheet(rows, str(path), SHEET, freeze_row=1, autofilter=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _line(person: Person) -> list[str]:
    """Return a person's cells, none of which a spreadsheet takes for a formula."""
    return [
        no_formula(write(person[field])) if words else write(person[field])
        for field, write, words in _cells()
    ]


def _row(person: Person) -> dict[str, str]:
    """Return a person's cells by header, in the words of the form."""
    cells = (write(person[field]) for field, write, _ in _cells())
    return dict(zip(_headers(), cells, strict=True))


@cache
def _headers() -> list[str]:
    return [column.header for column in form()]


@cache
def _cells() -> Sequence[tuple[str, Callable[[Any], str], bool]]:
    """Return of each field of the form how its cell is written, and whether by words, as somebody wrote them."""
    return [(column.field, _writer(column), column.words) for column in form()]


def _writer(column: Column) -> Callable[[Any], str]:
    """Return what writes a value of a column: what is not known is an empty cell."""
    if column.yes_no:
        return {None: "", True: "是", False: "否"}.__getitem__
    if not column.codes:
        return lambda value: "" if value is None else str(value)
    labels = code_lists()[column.codes].labels
    if column.many:
        return lambda codes: "、".join(labels.get(code, code) for code in codes or ())
    return lambda code: "" if code is None else labels.get(code, code)


def _plain(person: Person) -> dict[str, Any]:
    """Return what a program reads back: codes, several of them in one text as a file has them."""
    return {
        name: "、".join(value) if isinstance(value, list) else _number(value)
        for name, value in person.items()
    }


def _number(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | None) else str(value)
