"""Scopes, and the roles that bundle them.

A scope names a resource and what may be done with it; where four eyes are needed the two acts are two scopes,
and the model compares the persons besides.
"""

from __future__ import annotations

SCOPES: dict[str, str] = {
    "divisions:write": "维护行政区划 · maintain administrative divisions",
    "households:read": "查看农户 · read households",
    "households:write": "登记和修改农户 · register and change households",
    "households:import": "批量导入农户 · bulk import of households",
    "households:export": "导出农户 · export households",
    "duplicates:decide": "处理疑似重复人员 · look for duplicates, merge, un-merge and dismiss them",
    "corrections:decide": "审核信息更正 · accept or refuse corrections that wait for a person",
    "pii:read": "查看完整身份证号等 · see identity numbers and phones unmasked",
    "pii:export": "导出完整身份证号等 · export them unmasked",
    "campaigns:read": "查看排查工作 · read campaigns and progress",
    "campaigns:write": "组织排查工作 · plan and open campaigns",
    "visits:write": "入户排查 · record visits",
    "findings:read": "查看问题台账 · read the findings ledger",
    "findings:write": "登记、整改问题 · raise, plan and rectify findings",
    "findings:verify": "核实销号 · verify, close, return and reopen findings",
    "attachments:read": "查看照片、签名等附件 · see photos, signatures and documents",
    "attachments:write": "上传附件 · send in photos, signatures and documents",
    "clues:read": "查看线索 · read clues",
    "clues:write": "报送线索 · send in clues",
    "self-applications:write": "自主申报 · tell of one's own hardship",
    "clues:decide": "核实线索 · accept or dismiss clues",
    "cases:read": "查看识别程序 · read identification cases",
    "cases:check": "入户核实、评议、公示 · household check, deliberation, publicity",
    "cases:compare": "信息比对、部门联审 · data check and joint check of a case",
    "cases:review": "乡镇审核 · town review",
    "cases:approve": "县级审定 · county approval",
    "monitored:read": "查看监测对象 · read monitored objects",
    "archives:read": "查看监测对象档案 · read the whole archive of a monitored object",
    "monitored:write": "维护监测对象、帮扶措施 · contacts, plans, measures, follow-ups",
    "rules:write": "起草和发布规则 · write rules and put them in force",
    "comparisons:read": "查看比对结果 · read comparison results",
    "comparisons:write": "报送比对数据 · post comparison data",
    "comparisons:decide": "确认疑似比中 · say whether a row without a number is about somebody",
    "reports:read": "查看报表 · read figures and reports",
    "reports:write": "生成自查报告 · make self-inspection reports",
    "changes:read": "读取变更流 · read the change feed",
    "webhooks:write": "订阅变更 · subscribe to changes",
    "clients:write": "管理接入方 · manage clients",
    "jobs:read-all": "查看所有任务 · see everybody's jobs",
}

_READ = frozenset(
    {
        "households:read",
        "campaigns:read",
        "findings:read",
        "attachments:read",
        "clues:read",
        "cases:read",
        "monitored:read",
        "archives:read",
    }
)
_VILLAGE = _READ | {
    "reports:read",
    "households:write",
    "visits:write",
    "findings:write",
    "attachments:write",
    "clues:write",
    "self-applications:write",
    "clues:decide",
    "cases:check",
    "monitored:write",
    "pii:read",
}
_TOWN = _VILLAGE | {
    "households:import",
    "households:export",
    "duplicates:decide",
    "corrections:decide",
    "campaigns:write",
    "findings:verify",
    "cases:review",
    "comparisons:read",
    "comparisons:decide",
    "reports:write",
    "changes:read",
}
_COUNTY = _TOWN | {
    "divisions:write",
    "cases:compare",
    "cases:approve",
    "rules:write",
    "comparisons:write",
    "pii:export",
    "webhooks:write",
}

#: Role to scopes. Departments see their own batches and nothing of the registry.
ROLES: dict[str, frozenset[str]] = {
    "village_officer": _VILLAGE,
    "town_officer": _TOWN,
    "county_officer": _COUNTY,
    "department": frozenset({"comparisons:read", "comparisons:write"}),
    "supervisor": _READ | {"comparisons:read", "reports:read", "changes:read"},
    "provincial_system": frozenset(
        {"clues:write", "changes:read", "webhooks:write", "reports:read", "monitored:read"}
    ),
    # Whoever comes without a token, to the paths that the gateway leaves open.
    "public": frozenset({"self-applications:write"}),
    "administrator": frozenset({"clients:write", "jobs:read-all", "divisions:write"}),
}


def scopes_of(roles: tuple[str, ...]) -> frozenset[str]:
    """Return all scopes that the roles bundle; an unknown role gives none."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
