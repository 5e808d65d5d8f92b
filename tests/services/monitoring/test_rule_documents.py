"""Rules as documents: what is sound, what is not, and that Python and PostgreSQL read them alike."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from services.monitoring.rulebook.commands import read_rule
from services.monitoring.rulebook.conditions import Parameters
from services.monitoring.rulebook.documents import Rule, shipped_rules
from services.monitoring.rulebook.errors import RuleUnsound
from services.monitoring.rulebook.facts import SQL_TYPES, as_given
from shared.domain.codes import code_lists
from shared.identity.principal import system
from tests.services.monitoring.conftest import Scene


def written(**changes: Any) -> dict[str, Any]:
    """Return a sound rule, changed."""
    version = {
        "version": "1",
        "from": "2021-01-01",
        "source": "样例",
        "thresholds": {"most": {"lifted": 5000, "general": 20000}, "unsafe": ["C", "D"], "age": 60},
        "if": [{"fact": "income_per_capita", "over": {"threshold": "most", "by": "person_class"}}],
        "examples": [
            {"zh": "超过", "given": {"income_per_capita": 5000.01, "person_class": "lifted"}, "hit": True},
            {"zh": "不超过", "given": {"income_per_capita": 5000, "person_class": "lifted"}, "hit": False},
        ],
    }
    head = {"id": "tried", "zh": "试", "en": "tried", "subject": "person", "meaning": "warning"}
    rule = head | {"risk_type": "illness", "versions": [version | changes.pop("version", {})]}
    return rule | changes


HIT, MISS = {"zh": "中", "given": {}, "hit": True}, {"zh": "不中", "given": {}, "hit": False}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param(
            {"version": {"if": [{"fact": "nothing", "is": 1}]}}, "no fact 'nothing'", id="an unknown fact"
        ),
        pytest.param(
            {"subject": "household"}, "no fact 'person_class'", id="a person's fact in a household's rule"
        ),
        pytest.param(
            {"version": {"if": [{"fact": "housing_grade", "over": 3}]}},
            "cannot be asked",
            id="an operator of numbers",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": 3, "under": 9}]}},
            "exactly one thing",
            id="two questions at once",
        ),
        pytest.param({"version": {"if": [{"fact": "age"}]}}, "exactly one thing", id="no question"),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": {"threshold": "none"}}]}},
            "no threshold 'none'",
            id="no such threshold",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": {"threshold": "most"}}]}},
            "several values",
            id="nobody chooses",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": {"threshold": "age", "by": "sex"}}]}},
            "no fact 'sex'",
            id="chosen by an unknown fact",
        ),
        pytest.param(
            {"version": {"examples": [HIT, HIT]}}, "at least one example", id="no example that is missed"
        ),
        pytest.param(
            {
                "version": {
                    "examples": [HIT | {"given": {"income_per_capita": 1, "person_class": "lifted"}}, MISS]
                }
            },
            "is not hit",
            id="an example that fails",
        ),
        pytest.param({"version": {"examples": [MISS]}}, "at least 2", id="one example only"),
        pytest.param(
            {"version": {"examples": [HIT | {"given": {"wealth": 1}}, MISS]}},
            "no fact 'wealth'",
            id="an example's fact",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": "old"}]}}, "never 'old'", id="words for a number"
        ),
        pytest.param(
            {"version": {"if": [{"fact": "housing_grade", "is": "E"}]}}, "never 'E'", id="a code that is none"
        ),
        pytest.param(
            {"version": {"if": [{"fact": "housing_grade", "is": ["C"]}]}},
            "one value",
            id="several values for one",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "housing_grade", "one_of": "C"}]}},
            "several",
            id="one value for several",
        ),
        pytest.param(
            {"version": {"if": [{"fact": "age", "over": {"fact": "health"}}]}},
            "not compared",
            id="unlike facts",
        ),
        pytest.param(
            {"version": {"thresholds": {"most": {"rich": 1}}}},
            "'rich' is no value",
            id="a class that is none",
        ),
        pytest.param(
            {"version": {"examples": [HIT | {"given": {"age": "old"}}, MISS]}},
            "never 'old'",
            id="an example's value",
        ),
        pytest.param(
            {"subject": "departed"}, "raise doubts, and nothing else", id="a warning of who has left"
        ),
        pytest.param({"risk_type": None}, "names the type of risk", id="a warning without a risk"),
        pytest.param({"risk_type": "boredom"}, "not a code", id="an unknown risk"),
        pytest.param({"version": {"colour": "red"}}, "Extra inputs", id="a word that is not known"),
    ],
)
def test_an_unsound_rule_is_refused_with_the_reason(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Rule.model_validate(written(**changes))
    with pytest.raises(RuleUnsound) as refused:
        read_rule(written(**changes))
    assert any(re.search(fault, each.message) for each in refused.value.errors)
    for each in refused.value.errors:
        assert re.search("[一-鿿]", each.zh), f"not told in Chinese: {each.message}"


def test_a_sound_rule_survives_its_own_writing() -> None:
    for rule in (Rule.model_validate(written()), *shipped_rules().values()):
        again = rule.model_dump(mode="json", by_alias=True, exclude_none=True)
        assert Rule.model_validate(again) == rule


def test_every_shipped_rule_says_who_says_so_and_since_when() -> None:
    assert len(shipped_rules()) >= 12
    assert {rule.meaning for rule in shipped_rules().values()} == {"warning", "instability", "doubt"}
    for rule in shipped_rules().values():
        for version in rule.versions:
            assert len(version.source) > 5
            assert all(fact in rule.known for fact in version.facts)


def some(kind: str, codes: str, draw: random.Random) -> Any:
    """Return a value of a kind, or nothing."""
    if draw.random() < 0.2:
        return None
    known = [code.code for code in code_lists()[codes].codes] if codes else []
    makers: dict[str, Callable[[], Any]] = {
        "yes_no": lambda: draw.random() < 0.5,
        "code": lambda: draw.choice(known),
        "codes": lambda: draw.sample(known, draw.randint(0, 3)),
        "number": lambda: draw.randint(0, 20),
        "yuan": lambda: draw.choice([0, 5000, 5000.01, 5999.99, 6000, 6000.01, 20000.5]),
    }
    return makers[kind]()


async def test_python_and_postgresql_read_every_rule_alike(scene: Scene) -> None:
    draw = random.Random(7)
    rules = [*shipped_rules().values(), Rule.model_validate(written())]
    judged = {True: 0, False: 0}
    async with scene.service.database.reading(system("tests")) as db:
        for rule in rules:
            for version in rule.versions:
                cases = [
                    {
                        name: some(rule.known[name].kind, rule.known[name].codes, draw)
                        for name in version.facts
                    }
                    for _ in range(150)
                ]
                parameters = Parameters("v", rule.kinds)
                columns = ", ".join(
                    f'"{name}" {SQL_TYPES[rule.known[name].kind]}' for name in sorted(version.facts)
                )
                asked = text(
                    f"""
                    SELECT coalesce({version.sql(parameters)}, false)
                    FROM jsonb_array_elements(CAST(:cases AS jsonb)) WITH ORDINALITY AS given (facts, place),
                        LATERAL jsonb_to_record(given.facts) AS told ({columns}) ORDER BY place
                    """  # noqa: S608 - names of the rulebook; values are bound
                )
                found = [
                    hit for (hit,) in await db.rows(asked, parameters.values | {"cases": json.dumps(cases)})
                ]
                expected = [version.hits(as_given(rule.known, case)) for case in cases]
                assert found == expected, rule.id
                for hit in found:
                    judged[hit] += 1
    # Both verdicts occur often enough for the agreement to mean something.
    assert min(judged.values()) > 100, judged


def test_a_hit_is_told_in_both_languages() -> None:
    rule = shipped_rules()["low_income"]
    given = as_given(rule.known, {"income_per_capita": 5800.5, "income_line": 6000})
    (version,) = rule.versions
    assert version.why(given, rule.known, "zh") == [
        "家庭人均纯收入：5,800.50 元，低于监测范围收入标准（6,000.00 元）"
    ]
    assert version.why(given, rule.known, "en") == [
        "per-capita net income: 5,800.50 yuan, which is under the income line of the monitoring range (6,000.00 yuan)"
    ]
    assert given["income_per_capita"] == Decimal("5800.5")
