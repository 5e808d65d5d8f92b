"""Moves on monitored objects: at random, and those that random ones seldom come to."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.services.monitoring import forms
from tests.services.monitoring.object_law import PEOPLE, Law

RISKS = ("illness", "schooling", "water", "housing", "disability", "accident")
STABLE = forms.STABLE | {"how": "by_itself", "per_capita_net_income": "90000.00"}
REASON = {"reason": "经核实不属实"}
BODIES: dict[str, dict[str, Any]] = {
    "risks": {"cause": "新增风险"},
    "risks/return": REASON,
    "contact": {"name": "周凯", "unit": "县住建局"},
    "closure": forms.CLOSURE,
    "closure/confirmation": forms.APPROVAL,
    "closure/return": REASON,
    "elimination": STABLE,
    "elimination/deliberation": forms.GONE,
    "elimination/review": forms.REVIEW,
    "elimination/approval": forms.APPROVAL,
    "elimination/return": REASON,
    "retagging": {"cause": "复发"},
    "retagging/confirmation": forms.APPROVAL,
    "retagging/return": REASON,
}
#: What happens besides: time goes by, somebody tells something, it is verified or is none, limits act, help is given, a
#: closed one is tagged again, who could work dies.
HAPPENINGS = ("half a year", "a clue", "a verdict", "no risk", "limits", "help", "again", "a death")
Move = tuple[str, str, str, int]
#: The move that leads on, by somebody who mostly may make it: so that an object lives through all its states.
NEXT = "next"
MOVES = st.lists(
    st.tuples(
        st.sampled_from([*BODIES, *HAPPENINGS, *["risks", "a clue", "a verdict"] * 2, *[NEXT] * 24]),
        st.sampled_from([*PEOPLE]),
        st.sampled_from(RISKS),
        st.integers(0, 19),
    ),
    min_size=15,
    max_size=45,
)


def leading(law: Law, who: str, today: date) -> tuple[str, str]:
    """Return the move that leads on from where an object stands, and who makes it."""
    county = "county-2" if "1" in who else "county-1"
    if law.closer or law.status == "closed":
        another = "county-2" if law.closer == "county-1" else "county-1"
        return ("closure/confirmation", another) if law.closer else ("again", who)
    if law.status == "elimination_proposed":
        return _leading_to_elimination(law, county)
    if law.status in {"eliminated", "retag_candidate"}:
        return ("retagging/confirmation", county) if law.verifier else ("retagging", "town-1")
    if law.is_stable(today):
        return "elimination", "village-1"
    return ("half a year" if law.able else "help"), who


def _leading_to_elimination(law: Law, county: str) -> tuple[str, str]:
    if not law.deliberator:
        return "elimination/deliberation", "village-1"
    if not law.reviewer:
        return "elimination/review", "town-1"
    return f"elimination/{'approval' if law.able else 'return'}", county


#: What random moves seldom come to: an elimination too early, a sixth risk, an approval before its review, a second
#: re-tagging beside the first, a closure that is turned down.
SELDOM = [
    ("elimination", "village-1", "water", 1),
    *[("risks", "town-1", risk, 1) for risk in RISKS],
    *[("half a year", "town-1", "water", 1), ("elimination", "village-1", "water", 1)],
    *[("elimination/review", "town-1", "water", 1), (NEXT, "village-1", "water", 1)],
    *[("elimination/approval", "county-1", "water", 1), (NEXT, "village-1", "water", 1)],
    *[(NEXT, "county-1", "water", 1), (NEXT, "town-1", "water", 1), ("retagging", "county-1", "water", 1)],
    *[("retagging/return", "county-1", "water", 1), ("retagging/return", "county-1", "water", 1)],
    *[("closure/return", "county-1", "water", 1), ("closure", "county-1", "water", 1)],
    *[("closure", "county-2", "water", 1), ("closure/confirmation", "county-1", "water", 1)],
    *[("closure/return", "county-2", "water", 1), ("closure", "town-1", "water", 1)],
    *[(NEXT, "town-1", "water", 1), ("closure", "town-1", "water", 1), (NEXT, "town-1", "water", 1)],
]


#: And these: a further risk that stops an elimination until the county turns it down; one of two risks that is not
#: back; what waits after a re-tagging, and is added.
FURTHER = [
    *[
        ("a clue", "town-1", "water", 1),
        ("a verdict", "town-1", "water", 1),
        ("limits", "town-1", "water", 1),
    ],
    *[("risks/return", "county-1", "housing", 1), ("half a year", "town-1", "water", 1)],
    *[("limits", "town-1", "water", 1), (NEXT, "village-1", "water", 1), (NEXT, "village-1", "water", 1)],
    *[(NEXT, "village-1", "water", 1), ("elimination/approval", "county-1", "water", 1)],
    *[("risks/return", "county-1", "water", 1), ("elimination/approval", "county-1", "water", 1)],
    *[("a clue", "town-1", "water", 1), ("a verdict", "village-1", "water", 1)],
    *[("a clue", "town-1", "housing", 1), ("a verdict", "county-1", "housing", 1)],
    *[("risks/return", "county-2", "water", 1), ("retagging", "town-1", "water", 1)],
    *[("retagging/return", "county-1", "water", 1), ("retagging", "town-1", "housing", 1)],
    *[("a clue", "town-1", "schooling", 1), ("a verdict", "county-1", "schooling", 1)],
    *[("retagging/confirmation", "county-1", "water", 1), ("limits", "town-1", "water", 1)],
    *[("risks/return", "county-1", "schooling", 1), ("risks", "town-1", "schooling", 1)],
]
#: News that are none, before, beside and after a re-tagging; then who could work dies while the county has to approve.
BESIDE = [
    *[("half a year", "town-1", "water", 1), *[(NEXT, "village-1", "water", 1)] * 4],
    *[("a clue", "town-1", "water", 1), ("no risk", "town-1", "water", 1)],
    *[("a clue", "town-1", risk, 1) for risk in ("housing", "illness")],
    *[("retagging", "town-1", "illness", 1), ("no risk", "town-1", "water", 1)],
    *[("retagging/return", "county-1", "water", 1), ("a clue", "town-1", "water", 1)],
    *[("no risk", "town-1", "water", 1), (NEXT, "town-1", "water", 1), (NEXT, "town-1", "water", 1)],
    *[("half a year", "town-1", "water", 1), *[(NEXT, "village-1", "water", 1)] * 3],
    *[("a death", "town-1", "water", 1), ("elimination/approval", "county-1", "water", 1)],
    *[(NEXT, "town-1", "water", 1)] * 3,
]
