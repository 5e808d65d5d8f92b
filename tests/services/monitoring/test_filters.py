"""A filter by what there is not is refused: an empty list would look as if nothing had come."""

from __future__ import annotations

import pytest

from tests.services.monitoring.conftest import Scene


@pytest.mark.parametrize(
    ("address", "query", "pointer", "code"),
    [
        pytest.param("/comparisons", "dataset=medical", "/query/dataset", "unknown_dataset", id="dataset"),
        pytest.param("/rule-hits", "rule=no_labour&rule=idle", "/query/rule/1", "unknown_rule", id="hits"),
        pytest.param("/doubts", "rule=owns_a_car", "/query/rule/0", "unknown_rule", id="doubts"),
    ],
)
async def test_what_there_is_not_is_no_filter(
    scene: Scene, address: str, query: str, pointer: str, code: str
) -> None:
    refused = await scene.county.get(f"{address}?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    (fault,) = refused.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert "没有这" in fault["message"]


@pytest.mark.parametrize(
    ("query", "example"),
    [
        pytest.param("period=2021-6", "2021-Q2", id="no period at all"),
        pytest.param(
            "dataset=medical_expense&period=2021-Q2", "2021-06", id="a quarter, of what comes by month"
        ),
        pytest.param("dataset=vehicle&period=2021-06", "2021-Q2", id="a month, of what comes by quarter"),
    ],
)
async def test_a_list_is_not_asked_for_a_period_that_is_none(scene: Scene, query: str, example: str) -> None:
    refused = await scene.county.get(f"/comparisons?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_period")
    assert example in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    ["dataset=vehicle", "period=2021-Q2", "dataset=vehicle&period=2031-Q2", "dataset=vehicle&period="],
)
async def test_what_there_may_be_is_an_empty_list(scene: Scene, query: str) -> None:
    listed = await scene.county.get(f"/comparisons?{query}")
    assert (listed.status_code, listed.json()["items"]) == (200, [])
