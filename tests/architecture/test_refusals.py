"""Every way to say no can be told apart by programs and read by people, in Chinese and in English."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

import gateway
import services
import shared
from services.household.divisions.reasons import REASONS as OF_DIVISIONS
from services.household.imports.reasons import REASONS as OF_HOUSEHOLDS
from services.inspection.feedback.reasons import REASONS as OF_FEEDBACK
from services.monitoring.comparisons.reasons import REASONS as OF_COMPARISONS
from shared.refusal import Refusal

pytestmark = pytest.mark.check

_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CHINESE = re.compile(r"[一-鿿]")
_STATUSES = range(400, 600)
#: Started as programs: importing them would start one.
_PROGRAMS = frozenset({"shared.jobs.child"})


def faults_of(kind: type[Refusal]) -> list[str]:
    """Return what is missing in a refusal's definition."""
    own = vars(kind)
    title = (own.get("__doc__") or "").strip()
    checks = {
        "its docstring, one sentence, is its title": title.endswith(".") and not title.startswith("Refuse"),
        "its code is its own, in snake_case": bool(_CODE.fullmatch(own.get("code", ""))),
        "its words are Chinese": bool(_CHINESE.search(own.get("zh", ""))),
        "its status is an error's": kind.status in _STATUSES,
    }
    return [f"{kind.__module__}.{kind.__name__}: {law}" for law, holds in checks.items() if not holds]


def _refusals() -> list[type[Refusal]]:
    for room in (shared, services, gateway):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations" not in module.name and module.name not in _PROGRAMS:
                import_module(module.name)
    return [kind for kind in _below(Refusal) if kind.__module__.partition(".")[0] != "tests"]


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def test_every_refusal_is_well_defined() -> None:
    assert [fault for kind in _refusals() for fault in faults_of(kind)] == []


def test_a_code_means_one_thing() -> None:
    """Features may refuse in the same way, each in its own words; the status is what programs act on."""
    statuses: dict[str, set[int]] = defaultdict(set)
    for kind in _refusals():
        statuses[kind.code].add(kind.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_a_feature_does_not_use_a_code_twice() -> None:
    counted = Counter((kind.__module__, kind.code) for kind in set(_refusals()))
    assert [place for place, count in counted.items() if count > 1] == []


@pytest.mark.parametrize(
    "reasons",
    [
        pytest.param(OF_HOUSEHOLDS, id="households"),
        pytest.param(OF_DIVISIONS, id="divisions"),
        pytest.param(OF_FEEDBACK, id="feedback"),
        pytest.param(OF_COMPARISONS, id="comparisons"),
    ],
)
def test_every_reason_why_a_line_is_refused_is_told_in_both_languages(
    reasons: dict[str, tuple[str, str]],
) -> None:
    untold = [
        code
        for code, (chinese, english) in reasons.items()
        if not (_CODE.fullmatch(code) and _CHINESE.search(chinese) and english.isascii() and english)
    ]
    assert untold == []


def test_the_rule_catches_a_careless_refusal() -> None:
    careless = type("TooVague", (Refusal,), {"__module__": "tests", "code": "Too vague", "zh": "no"})
    assert len(faults_of(careless)) == 3
