"""Rows are written by kinds: those alone are together in which each field has the same length."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, strategies as st

from shared.database.binary_copy import Field, _kinds, binary_rows

lengths = st.sampled_from([-1, 0, 1, 16, 4_000, 2**26, 2**31 - 2])


@given(
    st.integers(1, 6).flatmap(
        lambda rows: st.lists(st.lists(lengths, min_size=rows, max_size=rows), min_size=1)
    )
)
def test_rows_are_of_a_kind_if_all_their_lengths_are_equal(columns: list[list[int]]) -> None:
    kinds = _kinds([np.array(column, np.int64) for column in columns])
    rows = list(zip(*columns, strict=True))
    for one, kind in zip(rows, kinds, strict=True):
        assert [another == kind for another in kinds] == [another == one for another in rows]


def test_more_kinds_than_two_bytes_can_count_are_told_apart() -> None:
    column = np.arange(70_000)
    assert len(np.unique(_kinds([column, column[::-1]]))) == len(column)


@pytest.mark.parametrize("kind", [pl.String(), pl.Enum(["李", "王建国", "", "王"])])
def test_each_row_is_written_once_whatever_its_kind(kind: pl.DataType) -> None:
    names = [None, "", "王", "王建国", "王"] * 3
    texts = pl.Series(names, dtype=kind)
    content = b"".join(binary_rows([Field.whole(pl.Series(range(15))), Field.text(texts)]))
    encoded = sorted(b"\0\2\0\0\0\4" + order.to_bytes(4) + _text(name) for order, name in enumerate(names))
    body = content.removeprefix(b"PGCOPY\n\xff\r\n\0" + bytes(8)).removesuffix(b"\xff\xff")
    assert len(body) == sum(map(len, encoded))
    assert all(row in body for row in encoded)


def _text(name: str | None) -> bytes:
    if name is None:
        return b"\xff" * 4
    return len(name.encode()).to_bytes(4) + name.encode()
