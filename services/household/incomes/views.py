"""Statements in words, so that nobody need take a figure on trust."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.household.incomes.rules import COST, SPENT, TOTALS, net_income, reference_income, reference_rule
from services.household.incomes.schemas import Compared, LineView, Step
from shared.domain.codes import code_lists
from shared.domain.income_line import IncomeLine
from shared.web.language import Language

_LABELS: dict[str, tuple[str, str]] = {
    "wage": ("工资性收入", "wages"),
    "business": ("生产经营性收入", "production and business"),
    "property": ("财产性收入", "property"),
    "transfer": ("转移性收入", "transfers"),
    "production_cost": ("生产经营性支出", "production costs"),
    "compensation": ("理赔收入", "compensation"),
    "spent_medical": ("医疗自付支出", "medical, self-paid"),
    "spent_schooling": ("教育支出", "schooling"),
    "spent_accident": ("意外事故支出", "accident"),
    "spent_disaster": ("受灾支出", "disaster"),
    "spent_housing": ("住房支出", "housing"),
    "net_income": ("家庭纯收入", "net income of the household"),
    "per_capita": ("人均纯收入", "per-capita net income"),
    "reference_income": ("人均参考收入", "per-capita reference income"),
}
Statement = Mapping[str, Any]


def steps_of(income: Statement, language: Language) -> list[Step]:
    """Return the calculation line by line: each line, each total, what remains, and what it makes a person."""
    steps: list[Step] = []
    kinds = code_lists()["income_kind"]
    for total, prefix in TOTALS.items():
        steps += [
            Step(
                code=line["kind"],
                words=kinds.label(line["kind"], language),
                amount=Decimal(line["amount"]),
                note=line["note"],
            )
            for line in income["lines"]
            if line["kind"].startswith(prefix)
        ]
        steps.append(_step(total, income[total], language))
    net = net_income(income)
    steps.append(_step("net_income", net, language, note=_formula(language)))
    shared = f"{net} ÷ {income['sharers']}"
    steps.append(_step("per_capita", income["per_capita"], language, note=shared))
    steps += [_step(name, income[name], language) for name in ("compensation", *SPENT) if income[name]]
    rule = reference_rule()
    words = rule.zh if language == "zh" else rule.en
    return [*steps, _step("reference_income", reference_income(income, rule), language, note=words)]


def compared(income: Statement, line: IncomeLine, language: Language) -> Compared:
    """Hold a statement against the income line."""
    rule = reference_rule()
    per_capita: Decimal = income["per_capita"]
    margin = per_capita - line.amount
    if language == "zh":
        side = "低于" if margin < 0 else "不低于"
        words = f"人均纯收入 {per_capita} 元，{side}监测范围 {line.amount} 元，相差 {abs(margin)} 元（{line.source}）"
    else:
        side = "below" if margin < 0 else "not below"
        words = (
            f"{per_capita} yuan a person is {side} the line of {line.amount} by {abs(margin)} ({line.source})"
        )
    return Compared(
        line=line_view(line),
        reference=reference_income(income, rule),
        rule=rule.id,
        rule_version=rule.version,
        below=margin < 0,
        margin=margin,
        words=words,
    )


def line_view(line: IncomeLine) -> LineView:
    """Show an income line."""
    return LineView.model_validate(line, from_attributes=True)


def _step(code: str, amount: Decimal, language: Language, *, note: str = "") -> Step:
    zh, en = _LABELS[code]
    return Step(code=code, words=zh if language == "zh" else en, amount=amount, note=note)


def _formula(language: Language) -> str:
    names = [_LABELS[name][0 if language == "zh" else 1] for name in TOTALS]
    costs = names.pop(list(TOTALS).index(COST))
    return f"{' + '.join(names)} − {costs}"
