"""What a request accepts, held against what an address offers."""

from __future__ import annotations

import pytest
from fastapi import Request

from shared.web.accepting import JSON, NoSuchFormat, accepted
from shared.web.uploads import CSV, XLSX

pytestmark = pytest.mark.check


def asking(*accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", each.encode()) for each in accept]})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("", JSON, id="nothing is said"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("*; q=.2", JSON, id="anything, as old Java says it"),
        pytest.param("application/json, text/plain, */*", JSON, id="what browsers' programs say"),
        pytest.param(CSV, CSV, id="one"),
        pytest.param("Text/CSV;charset=utf-8", CSV, id="one with parameters"),
        pytest.param("text/*", CSV, id="any of a kind"),
        pytest.param("text/html, text/csv;q=0.9", CSV, id="behind what is not offered"),
        pytest.param("text/csv, application/json", CSV, id="the first of two alike"),
        pytest.param("application/json, text/csv", JSON, id="the first of two alike, the other way"),
        pytest.param("application/json, text/csv;q=0.1", JSON, id="the heavier"),
        pytest.param("application/json;q=0.1, text/csv", CSV, id="the heavier, behind"),
        pytest.param("application/json;charset=utf-8;q=0.1, text/csv;q=0.2", CSV, id="behind parameters"),
        pytest.param("*/*, text/csv", CSV, id="what is named, before what anything is"),
        pytest.param("*/*, application/json;q=0", CSV, id="anything but one"),
        pytest.param("application/json;q=often, text/csv;q=0.1", CSV, id="a weight that is none"),
    ],
)
def test_what_is_wanted_most_is_answered(accept: str, expected: str) -> None:
    assert accepted(asking(accept), JSON, CSV) == expected


def test_a_header_may_come_in_several_lines() -> None:
    assert accepted(asking("application/json;q=0.5", CSV), JSON, CSV) == CSV


@pytest.mark.parametrize("accept", [XLSX, "image/*", "text/csv;q=0", "*/*;q=0"])
def test_what_is_not_offered_is_refused(accept: str) -> None:
    with pytest.raises(NoSuchFormat) as refusal:
        accepted(asking(accept), JSON, CSV)
    assert "application/json, text/csv" in refusal.value.detail
