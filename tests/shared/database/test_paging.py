"""Cursors: whatever is not one of ours is refused before it reaches the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.database.paging import BadCursor, decode_cursor, encode_cursor


@pytest.mark.check
def test_a_moment_comes_back_and_one_without_its_offset_is_refused() -> None:
    moment = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)
    assert decode_cursor(encode_cursor([moment]), [datetime]) == [moment]
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor([moment.replace(tzinfo=None)]), [datetime])
