"""Moves on a case: what each is filled in with, how chance picks them, and what chance brings about seldom."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from services.monitoring.cases.steps import Step
from tests.services.monitoring import forms
from tests.services.monitoring.case_law import PEOPLE

KIN = {"name": "town-2", "office": "镇扶贫专干", "relation": "户主之弟"}
RICH = {"income": forms.CHECK["income"] | {"wage": "90000.00"}}
#: The risk that somebody tells of meanwhile, and the one of the household's head.
TOLD = {"risk_type": "schooling", "cause": "长女入读高中"}
OF_HEAD = forms.CHECK["risks"][0] | {"member_id": "head"}
AGREED = forms.JOINT_CHECK["opinions"]


def opined(**of_the_first: Any) -> dict[str, Any]:
    """Return a joint check at which the first department says something else."""
    return forms.JOINT_CHECK | {"opinions": [AGREED[0] | of_the_first, *AGREED[1:]]}


#: What each move is filled in with: the first forms lead on, the others are a matter of themselves.
FORMS: dict[str, list[dict[str, Any]]] = {
    "consent": [forms.CONSENT],
    "household-check": [
        forms.CHECK,
        forms.CHECK | {"relatives": [KIN]},
        forms.CHECK | {"officers": ["county-2", "刘芳"]},
        forms.CHECK | RICH,
        forms.CHECK | {"risks": [*forms.CHECK["risks"], TOLD]},
        forms.CHECK | {"risks": [OF_HEAD]},
    ],
    "data-check": [forms.DATA_CHECK],
    "deliberation": [
        forms.DELIBERATION,
        forms.DELIBERATION_WITH_KIN,
        forms.DELIBERATION | {"votes_for": 0, "votes_against": 3},
        forms.DELIBERATION | {"votes_for": 9},
    ],
    "publicity": [
        forms.PUBLICITY,
        forms.PUBLICITY | {"days": 3},
        forms.PUBLICITY | {"objections": [{"by": "村民", "words": "他家有车"}]},
    ],
    "town-review": [forms.REVIEW],
    "joint-check": [
        forms.JOINT_CHECK,
        forms.JOINT_CHECK | {"opinions": AGREED[1:]},
        opined(opinion="object", reason="已纳入低保"),
        opined(opinion="doubt", reason="是否重复救助", answer="两项不重复"),
        opined(by="town-2"),
        opined(by="county-2"),
        forms.JOINT_CHECK | {"opinions": AGREED[:2]},
    ],
    "county-approval": [forms.APPROVAL, forms.APPROVAL | {"approved": False}],
    "announcement": [forms.ANNOUNCEMENT],
    "return": [{"to_step": step, "reason": "材料不全"} for step in Step],
    "withdrawal": [forms.WITHDRAWAL],
    "withdrawal/confirmation": [forms.WISHED],
    "withdrawal/return": [{"reason": "本户并无此意"}],
}
#: What is written into the file, where it is not the move's name.
WRITTEN = {
    "withdrawal": "withdrawal_proposed",
    "withdrawal/confirmation": "withdrawal",
    "withdrawal/return": "withdrawal_returned",
}
MOVE_OF = {line: name for name, line in WRITTEN.items()}
#: What happens besides: somebody tells of another risk, the head or everybody leaves, or all are there again.
HAPPENINGS = ("told", "head leaves", "all leave", "all back")
#: The move that is next; or whichever, so that a case lives through all its steps and every other move is tried.
NEXT = "next"
Move = tuple[str, str, int, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from([*FORMS, *HAPPENINGS, "return", "all back", *[NEXT] * 34]),
        st.sampled_from([*PEOPLE]),
        # Mostly the first form.
        st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 6]),
        # Seldom, and never without need, what was read long ago.
        st.integers(0, 19),
    ),
    min_size=15,
    max_size=45,
)
#: Moves that a case is tried with once it has ended.
AFTER_THE_END = 4
#: What chance brings about seldom: a withdrawal at the end of the whole way; then kin who would review.
SELDOM = [
    *[(NEXT, "village-1", 0, 1)] * 8,
    ("withdrawal", "village-1", 0, 1),
    *[(NEXT, "village-1", 0, 1)] * (AFTER_THE_END + 1),
    ("household-check", "village-1", 1, 1),
    *[(NEXT, "village-1", 0, 1)] * 3,
    ("town-review", "town-2", 0, 1),
]
#: A wish that is overtaken, one that is turned down, and one that is confirmed, each by the right and the wrong person.
WITHDRAWN = [
    ("withdrawal", "village-1", 0, 1),
    (NEXT, "village-1", 0, 1),
    ("withdrawal/confirmation", "town-1", 0, 1),
    *[("withdrawal", "town-1", 0, 1)] * 2,
    ("withdrawal/return", "town-1", 0, 1),
    ("withdrawal/return", "county-1", 0, 1),
    ("withdrawal", "town-1", 0, 1),
    ("withdrawal/confirmation", "town-1", 0, 1),
    ("withdrawal/confirmation", "town-2", 0, 1),
]
#: What happens between the check and the approval, which nobody passes over: a risk is told, the person at risk leaves.
MEANWHILE = [
    (NEXT, "village-1", 0, 1),
    ("household-check", "village-1", 5, 1),
    *[(NEXT, "village-1", 0, 1)] * 5,
    *[("told", "village-1", 0, 1), ("county-approval", "county-1", 0, 1)],
    *[("head leaves", "village-1", 0, 1), ("county-approval", "county-1", 0, 1)],
    ("return", "town-1", 1, 1),
    *[("household-check", "village-1", variant, 1) for variant in (5, 4)],
    *[(NEXT, "village-1", 0, 1)] * 5,
    *[("told", "village-1", 0, 1), ("all leave", "village-1", 0, 1), ("county-approval", "county-1", 0, 1)],
    *[("all back", "village-1", 0, 1), ("county-approval", "county-1", 0, 1)],
]
#: And publicity of three days, for a household above the line.
TOO_RICH = [
    (NEXT, "village-1", 0, 1),
    ("household-check", "village-1", 3, 1),
    *[(NEXT, "village-1", 0, 1)] * 2,
    ("publicity", "village-1", 1, 1),
    *[(NEXT, "village-1", 0, 1)] * 4,
]
