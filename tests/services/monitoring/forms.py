"""The forms of the procedure, filled in for one household: a farmer fell ill, income is below the line."""

from __future__ import annotations

from typing import Any

SOLID = {"education": True, "medical": True, "housing": True, "water": True}
WITHDRAWAL = {"reason": "子女已承担医疗费用，自愿撤回", "signed_by": "王建国", "evidence": ["撤回申请"]}
WISHED = {"opinion": "已上门核实，系本户真实意愿"}
CONSENT = {"signed_by": "王建国", "evidence": ["授权书"]}
CHECK: dict[str, Any] = {
    "officers": ["张强", "刘芳"],
    "income": {
        "wage": "9000.00",
        "business": "6000.00",
        "property": "0",
        "transfer": "1500.50",
        "production_cost": "1200.50",
        "sharers": 3,
    },
    "expenditure": {"medical": "18000.00"},
    "guarantees": SOLID,
    "risks": [{"risk_type": "illness", "cause": "尿毒症透析，自付高"}],
    "evidence": ["入户照片"],
}
DATA_CHECK = {
    "hits": [{"dataset": "vehicle", "facts": "名下有三轮车", "explanation": "农用三轮，价值三千元"}],
    "opinion": "疑点已说明",
}
DELIBERATION: dict[str, Any] = {
    "participants": [
        {"name": "周明", "role": "村书记"},
        {"name": "吴霞", "role": "村民代表"},
        {"name": "郑军", "role": "村民代表"},
    ],
    "votes_for": 3,
    "votes_against": 0,
    "minutes": "一致同意纳入",
}
GONE = DELIBERATION | {"minutes": "一致认为风险已稳定消除"}
#: The same with the head's brother among the delegates, recused.
DELIBERATION_WITH_KIN: dict[str, Any] = DELIBERATION | {
    "participants": [
        *DELIBERATION["participants"],
        {"name": "王建军", "role": "村民代表", "kin": True},
    ],
    "minutes": "同意纳入，王建军系户主之弟，已回避",
}
PUBLICITY = {"place": "村务公开栏"}
REVIEW = {"opinion": "抽查属实，同意"}
#: All whom the office asks about some risk, each speaking for its department.
JOINT_CHECK: dict[str, Any] = {
    "opinions": [
        {"department": department, "by": by, "opinion": "agree"}
        for department, by in (
            ("civil_affairs", "孙敏"),
            ("medical_insurance", "钱进"),
            ("health", "冯洁"),
            ("education", "褚卫"),
            ("disabled_federation", "沈慧"),
            ("human_resources", "韩冰"),
            ("housing_construction", "杨帆"),
            ("water", "朱江"),
            ("agriculture", "秦岭"),
            ("emergency", "许安"),
            ("public_security", "何平"),
        )
    ],
    "opinion": "各部门无异议，报县审定",
}
APPROVAL = {"opinion": "同意纳入"}
ANNOUNCEMENT = {"place": "村务公开栏"}
STABLE: dict[str, Any] = {
    "how": "by_help",
    "per_capita_net_income": "8600.00",
    "stable_months": 7,
    "guarantees": SOLID,
    "expenditure_settled": True,
    "facts": "已纳入大病保障，本人在公益性岗位就业，收入稳定",
}
MEASURE = {"kind": "health", "risk_type": "illness", "description": "纳入大病救助，报销比例提高"}
PLAN: dict[str, Any] = {
    "situation": "劳动力一人患病",
    "goal": "自付可承受",
    "approach": "救助加就业",
    "intents": [{"risk_type": "illness", "intended": "代办慢病卡，控制自付"}],
    "agreed": True,
}
CLOSURE = {"kind": "moved_away", "reason": "整户迁往外省"}
MISTAKEN = {"kind": "wrongly_identified", "reason": "识别有误", "mistake": "漏报县城商品房一套"}
