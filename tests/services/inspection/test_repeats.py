"""Which finding repeats which: of any two lists what one comparison with each of the others gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, strategies as st

from services.inspection.findings.model import Finding
from services.inspection.findings.repeats import link
from shared.keys import uuid7

DAYS = st.integers(0, 800).map(lambda days: date(2021, 1, 1) + timedelta(days=days))
FOUND = st.lists(st.tuples(DAYS, st.sampled_from(["A1-04", "A8-04"])), max_size=30)


@given(FOUND, FOUND)
def test_each_is_linked_to_the_newest_before_it_within_a_year(known: list[Any], new: list[Any]) -> None:
    before = sorted((finding(*each) for each in known), key=lambda each: (each.raised_on, each.id))
    findings = [finding(*each) for each in new]
    expected = {}
    alike = list(before)
    for each in sorted(findings, key=lambda each: each.raised_on):
        within = [
            other
            for other in alike
            if other.item == each.item
            and each.raised_on - timedelta(days=365) <= other.raised_on <= each.raised_on
        ]
        expected[each.id] = max(within, key=lambda other: other.raised_on).id if within else None
        alike.append(each)
    link(before, findings)
    assert {each.id: each.repeats for each in findings} == expected


def finding(day: date, item: str) -> Finding:
    told: dict[str, Any] = {"item": item, "raised_on": day, "division_code": "340621100001"}
    return Finding(id=uuid7(), **told)
