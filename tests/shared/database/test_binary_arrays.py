"""Arrays made of columns are PostgreSQL's own, there and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from shared.database.binary_arrays import Of, array, elements, values_of
from shared.identity.principal import system
from tests.clients import ServiceUnderTest


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_numbers_come_back_as_they_were(numbers: list[int]) -> None:
    sent = array(Of.BIGINT, elements(np.array(numbers, np.int64)))
    assert values_of(sent, np.int64).tolist() == numbers


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=20))
def test_bytes_come_back_as_they_were(values: list[bytes]) -> None:
    rows = np.frombuffer(b"".join(values), np.uint8).reshape(-1, 16)
    sent = array(Of.UUID, elements(rows))
    assert values_of(sent, "V16").tobytes() == b"".join(values)


async def test_postgresql_takes_them_for_arrays(notes: ServiceUnderTest) -> None:
    held = {
        "lines": array(Of.INTEGER, elements(np.array([7, -1], np.int32))),
        "ids": array(Of.BYTEA, elements(np.array([[1, 2], [3, 4]], np.uint8))),
        "days": array(Of.DATE, elements(np.array([0, 1], np.int32))),
    }
    async with notes.database.writing(system("tests")) as db:
        connection = await db.connection()
        await connection.execute(
            "CREATE TEMPORARY TABLE held (lines integer[], ids bytea[], words text[], days date[])"
        )
        await db.copy_ready("held", ["lines", "ids", "words", "days"], [held, {}])
        told = await connection.fetch(
            "SELECT lines, ids, words, days::text FROM held ORDER BY lines NULLS LAST"
        )
    assert [tuple(row) for row in told] == [
        ([7, -1], [b"\1\2", b"\3\4"], None, "{2000-01-01,2000-01-02}"),
        (None, None, None, None),
    ]
