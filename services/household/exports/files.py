"""An export as a file: CSV and NDJSON as they come, and the rows of a workbook."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import cache
from typing import Any

import orjson

from services.household.exports.queries import Person
from services.household.imports.columns import Column, form
from shared.database.csv_out import Sink
from shared.domain.codes import code_lists
from shared.sheets.csv_lines import MARK, csv_lines, no_formula
from shared.web.workbooks import Row

SHEET = "农户信息"


async def write_csv(chunks: AsyncGenerator[list[Person]], sink: Sink) -> None:
    """Write the form as CSV."""
    await sink(MARK.encode() + csv_lines([headers()]))
    async with aclosing(chunks):
        async for people in chunks:
            await sink(csv_lines(_line(person) for person in people))


async def write_ndjson(chunks: AsyncGenerator[list[Person]], sink: Sink) -> None:
    """Write one object a person, with the fields' names and codes."""
    async with aclosing(chunks):
        async for people in chunks:
            lines = (orjson.dumps(_plain(person), option=orjson.OPT_APPEND_NEWLINE) for person in people)
            await sink(b"".join(lines))


async def rows_of(chunks: AsyncIterator[list[Person]]) -> AsyncIterator[list[Row]]:
    """Yield people by the form's headers and in its words, as a workbook has them."""
    async for people in chunks:
        yield [_row(person) for person in people]


def _line(person: Person) -> list[str]:
    """Return a person's cells, none of which a spreadsheet takes for a formula."""
    return [
        no_formula(write(person[field])) if words else write(person[field])
        for field, write, words in _cells()
    ]


def _row(person: Person) -> Row:
    """Return a person's cells by header, in the words of the form."""
    cells = (write(person[field]) for field, write, _ in _cells())
    return dict(zip(headers(), cells, strict=True))


@cache
def headers() -> list[str]:
    """Return the form's headers."""
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
