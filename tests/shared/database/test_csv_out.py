"""Lines of CSV that PostgreSQL writes are what would be written here."""

from __future__ import annotations

import csv
from io import StringIO

from sqlalchemy import Integer, Text, column, null, select, values

from shared.database.csv_out import no_formula_sql
from shared.identity.principal import system
from shared.sheets.csv_lines import no_formula
from tests.clients import ServiceUnderTest

WRITTEN = [
    *(
        "",
        "王建国",
        "=1+1",
        "+86",
        "@我",
        "\t缩进",
        "\r回车",
        "-12.50",
        "-1-1",
        "-",
        "--",
        "- 3",
        " =1",
        "'=1",
    ),
    *(
        '说"好", 是',
        "两\n行",
        "￥5",
        "=",
        "𠮷=",
        "−1",
        "-12.5x",
        "-.5",
        "\uff1d1",
        "\uff0d5",
        "\uff0b",
        "\uff20",
    ),
]


async def test_cells_are_what_they_were_and_no_formula(notes: ServiceUnderTest) -> None:
    said = values(column("place", Integer), column("cell", Text), name="said").data(
        list(enumerate(WRITTEN, 1))
    )
    wanted = select(said.c.place, no_formula_sql(said.c.cell), null()).order_by(said.c.place)
    pieces: list[bytes] = []

    async def sink(piece: bytes) -> None:
        pieces.append(piece)

    async with notes.database.reading(system("notes")) as db:
        await db.write_csv(wanted, sink)
    lines = list(csv.reader(StringIO(b"".join(pieces).decode(), newline="")))
    assert lines == [[str(place), no_formula(cell), ""] for place, cell in enumerate(WRITTEN, start=1)]
