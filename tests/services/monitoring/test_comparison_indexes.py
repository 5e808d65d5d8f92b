"""A blind index that is remembered is the one that would be made anew."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, strategies as st

from services.monitoring.matching import indexes
from services.monitoring.matching.indexes import blind_indexes
from shared.crypto.keyring import KeyRing
from tests.services.monitoring.comparing import number

columns = st.lists(st.lists(st.integers(0, 60), max_size=40), min_size=1, max_size=6)


@pytest.mark.parametrize("suite", ["international", "national"])
@given(drawn=columns, most=st.sampled_from([45, 1_000]), in_the_way=st.sampled_from([1, 40]))
def test_each_number_has_its_own_index(
    suite: str, drawn: list[list[int]], most: int, in_the_way: int
) -> None:
    keys = KeyRing.generate(suite)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexes, "_FEW", 0)
        patch.setattr(indexes, "_MOST", most)
        patch.setattr(indexes, "_IN_THE_WAY", in_the_way)
        for each in drawn:
            numbers = [number(which) for which in each]
            found = blind_indexes(pl.Series(numbers, dtype=pl.String), keys)
            assert [row.tobytes() for row in found] == keys.blind_index_many(numbers)


def test_a_number_is_indexed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeyRing.generate()
    made: list[bytes] = []
    make = keys.blind_index_encoded

    def noted(texts: list[bytes]) -> list[bytes]:
        made.extend(texts)
        return make(texts)

    monkeypatch.setattr(indexes, "_FEW", 0)
    monkeypatch.setattr(keys, "blind_index_encoded", noted)
    for which in ([1, 2, 2, 3], [3, 2, 4, 1], [4, 4]):
        blind_indexes(pl.Series([number(each) for each in which]), keys)
    assert sorted(made) == sorted(number(each).encode() for each in (1, 2, 3, 4))


def test_another_ring_finds_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "_FEW", 0)
    numbers = pl.Series([number(1)])
    one, other = (blind_indexes(numbers, KeyRing.generate()).tobytes() for _ in range(2))
    assert one != other
