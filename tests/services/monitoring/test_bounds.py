"""What a figure must come to before anybody can be hit: never more than the rule itself asks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import text

from services.monitoring.rulebook.bounds import Least, least_of
from services.monitoring.rulebook.documents import Rule
from services.monitoring.rulebook.figures import Taken, taken_sql
from shared.identity.principal import system
from tests.services.monitoring.conftest import Scene

CLASSES = ["destitute", "minimum_living", "monitored", "lifted", "general"]
FIGURES = {
    "paid": {
        "of": "person",
        "kind": "yuan",
        "zh": "自付",
        "en": "paid",
        "datasets": ["medical_expense"],
        "take": "sum_amount",
        "window": "year",
    }
}
amounts = st.integers(0, 20).map(lambda thousands: thousands * 1000)
conditions = st.one_of(
    st.builds(lambda least: {"fact": "paid", "at_least": least}, amounts),
    st.just({"fact": "paid", "over": {"threshold": "most", "by": "person_class"}}),
    st.just({"fact": "paid", "over": {"fact": "age"}}),
)


def rule_of(*versions: tuple[list[dict[str, Any]], dict[str, int]]) -> Rule:
    """Return a rule whose versions ask that; their examples are of no account here."""
    written = [
        {
            "version": str(place),
            "from": "2021-01-01",
            "source": "样例",
            "thresholds": {"most": of_each},
            "if": conditions,
            "examples": [
                {"zh": "中", "given": {"paid": 10**9, "age": 2, "person_class": min(of_each)}, "hit": True},
                {"zh": "不中", "given": {}, "hit": False},
            ],
        }
        for place, (conditions, of_each) in enumerate(versions)
    ]
    head = {"id": "tried", "zh": "试", "en": "tried", "subject": "person", "meaning": "warning"}
    return Rule.model_validate(head | {"risk_type": "illness", "figures": FIGURES, "versions": written})


asked = st.tuples(
    st.lists(conditions, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(CLASSES), amounts, min_size=1),
)


@given(st.lists(asked, min_size=1, max_size=3), st.sampled_from(CLASSES), st.integers(0, 21_000))
def test_whoever_is_hit_has_the_least_of_their_class(
    versions: list[tuple[list[dict[str, Any]], dict[str, int]]], person_class: str, paid: int
) -> None:
    rule = rule_of(*versions)
    least = least_of(rule.versions, "paid")
    given_ = {"paid": Decimal(paid), "age": Decimal(0), "person_class": person_class}
    if least is None or not any(version.hits(given_) for version in rule.versions):
        return
    assert paid >= least.amount
    assert paid >= least.of_most or person_class in least.sooner


@pytest.mark.parametrize(
    ("versions", "least"),
    [
        pytest.param(
            [
                (
                    [{"fact": "paid", "over": {"threshold": "most", "by": "person_class"}}],
                    {"general": 9, "lifted": 5},
                )
            ],
            Least(Decimal(5), "person_class", {"general": Decimal(9), "lifted": Decimal(5)}),
            id="by class",
        ),
        pytest.param([([{"fact": "paid", "over": 7}], {"general": 9})], Least(Decimal(7)), id="of everybody"),
        pytest.param(
            [
                ([{"fact": "paid", "over": {"threshold": "most", "by": "person_class"}}], {"general": 9}),
                ([{"fact": "paid", "over": 7}], {"general": 9}),
            ],
            Least(Decimal(7)),
            id="of everybody by one version",
        ),
        pytest.param([([{"fact": "age", "over": 1}], {"general": 9})], None, id="of no amount"),
    ],
)
def test_the_least_is_what_all_versions_ask(
    versions: list[tuple[list[dict[str, Any]], dict[str, int]]], least: Least | None
) -> None:
    assert least_of(rule_of(*versions).versions, "paid") == least


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param([], id="nothing"),
        pytest.param(["0.01", "-0.02"], id="below zero"),
        pytest.param(["167772.15", "167772.16", "-167772.17"], id="where one half ends"),
        pytest.param(["999999999999.99"] * 3 + ["-999999999999.99", "0.10"], id="as much as a column holds"),
    ],
)
async def test_a_sum_of_halves_is_the_sum(scene: Scene, amounts: list[str]) -> None:
    taken = taken_sql(Taken("sum_amount"))
    query = f"SELECT {taken} AS halves, sum(amount) AS whole FROM unnest(CAST(:amounts AS numeric(14, 2)[])) AS amount"  # noqa: S608
    async with scene.service.database.reading(system("tests")) as db:
        ((halves, whole),) = await db.rows(text(query), {"amounts": [Decimal(each) for each in amounts]})
    assert (halves, str(halves)) == (whole, str(whole))
