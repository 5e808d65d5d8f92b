"""A directory finds what a search from the first word to the last would."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from services.monitoring.matching.directory import Directory

word = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2, 2**63, 2**64 - 2, 2**64 - 1]))


@given(st.lists(word), st.lists(word))
def test_each_word_is_found_where_it_stands_first(known: list[int], others: list[int]) -> None:
    words, asked = sorted(known), [*known, *others]
    found = Directory.of(np.array(words, np.uint64)).find(np.array(asked, np.uint64))
    assert found.tolist() == [words.index(each) if each in known else -1 for each in asked]
