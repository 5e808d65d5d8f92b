"""Whether and as what a household is to be monitored, and whether a step's form holds: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.monitoring.cases import errors
from services.monitoring.cases.schemas import (
    HouseholdCheckForm,
    IncomeStatement,
    JointCheckForm,
    PublicityForm,
    RigidExpenditure,
)
from services.monitoring.limits import Limit
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from services.monitoring.replicas.rules import has_labour
from shared.domain.codes import code_lists
from shared.domain.income_line import IncomeLine
from shared.domain.money import round_to_cent
from shared.refusal import Fault, Invalid


@dataclass(frozen=True, slots=True)
class Criteria:
    """One version of the criteria."""

    version: str
    valid_from: date
    source: str
    sharp_fall: Decimal


@cache
def criteria(on: date) -> Criteria:
    """Return the criteria that hold on a day."""
    entries = yaml.safe_load(files(__package__).joinpath("criteria.yaml").read_text("utf-8"))
    valid = max((entry for entry in entries if entry["from"] <= on), key=lambda entry: entry["from"])
    return Criteria(valid["version"], valid["from"], valid["source"], Decimal(str(valid["sharp_fall"])))


def net_income_per_capita(income: IncomeStatement) -> Decimal:
    """Return 人均纯收入: all income less what producing it cost, by those who share it."""
    net = income.wage + income.business + income.property + income.transfer - income.production_cost
    return round_to_cent(net / income.sharers)


def reference_per_capita(income: IncomeStatement, expenditure: RigidExpenditure) -> Decimal:
    """Return what is left to live on (收入参考范围): with compensation, less compliant self-paid expenditure."""
    left = net_income_per_capita(income) * income.sharers + income.compensation - expenditure.total
    return round_to_cent(left / income.sharers)


def category_of(
    *,
    lifted: bool,
    net: Decimal,
    reference: Decimal,
    last: Decimal | None,
    hardship: bool,
    line: Decimal,
    fall: Decimal,
) -> str | None:
    """Return the category of monitored object (三类监测对象), or None where no criterion is met.

    Below the line the household's kind decides. Above it a described hardship counts where rigid expenditure
    leaves less than the line, or where income fell sharply.
    """
    if net < line:
        return "unstable_lifted" if lifted else "marginal"
    fell = last is not None and last > 0 and net <= last * (1 - fall)
    return "sudden_hardship" if hardship and (reference < line or fell) else None


def judge(
    form: HouseholdCheckForm, household: HouseholdReplica, line: IncomeLine, on: date
) -> tuple[str | None, dict[str, Any]]:
    """Return the category, and the judgement that stays with the decision: rule, version, inputs, thresholds."""
    rule = criteria(on)
    net = net_income_per_capita(form.income)
    reference = reference_per_capita(form.income, form.expenditure)
    category = category_of(
        lifted=household.kind == "lifted",
        net=net,
        reference=reference,
        last=household.income_per_capita,
        hardship=form.hardship is not None,
        line=line.amount,
        fall=rule.sharp_fall,
    )
    return category, {
        "rule": "identification",
        "version": rule.version,
        "source": rule.source,
        "inputs": {
            "kind": household.kind,
            "net_income_per_capita": str(net),
            "reference_per_capita": str(reference),
            "last_income_per_capita": str(household.income_per_capita)
            if household.income_per_capita
            else None,
            "rigid_expenditure": str(form.expenditure.total),
            "hardship": form.hardship,
        },
        "thresholds": {
            "income_line": str(line.amount),
            "income_line_source": line.source,
            "income_line_from": line.valid_from.isoformat(),
            "sharp_fall": str(rule.sharp_fall),
        },
        "category": category,
    }


def doubts(form: HouseholdCheckForm, members: Sequence[PersonReplica]) -> list[str]:
    """Return what an auditor would ask about the risks (数据质量清洗规则): to be explained, no reason to refuse."""
    types = {risk.risk_type for risk in form.risks}
    able = has_labour(members)
    asked = {
        "因病致贫风险，但没有医疗自付支出": "illness" in types and not form.expenditure.medical,
        "因残致贫风险，但家庭成员均无残疾": "disability" in types
        and not any("disabled" in member.health for member in members),
        "因务工就业不稳，但家庭没有劳动力": "job_instability" in types and able is False,
        "住房安全没有保障，但未登记住房安全风险": not form.guarantees.housing and "housing" not in types,
        "饮水安全没有保障，但未登记饮水安全风险": not form.guarantees.water and "water" not in types,
        "共同生活人口与登记人口不一致": form.income.sharers != len(members),
    }
    return [words for words, is_asked in asked.items() if is_asked]


def expect_published(form: PublicityForm, least: Limit) -> None:
    """Refuse publicity that was too short, or that left an objection unanswered."""
    # The first day counts.
    last = least.ends(form.from_on - timedelta(days=1))
    if form.until_on < last:
        raise errors.PublicityTooShort(f"not before {last}", zh_detail=f"公示至少应至{last}")
    if any(objection.answer is None for objection in form.objections):
        raise errors.ObjectionUnanswered


def expect_heard(form: JointCheckForm, asked: Sequence[str]) -> None:
    """Refuse a joint check that passes over a department that was to be asked, or what one of them has against it."""
    if faults := tuple(_opinion_faults(form)):
        raise Invalid(errors=faults)
    heard, names = {each.department for each in form.opinions}, code_lists()["department"]
    if missing := [department for department in asked if department not in heard]:
        raise errors.DepartmentNotHeard(
            "; ".join(names.label(each, "en") for each in missing),
            zh_detail="、".join(names.label(each) for each in missing),
            errors=tuple(
                Fault("/opinions", each, names.label(each, "en"), names.label(each)) for each in missing
            ),
        )
    if any(not each.agrees and each.answer is None for each in form.opinions):
        raise errors.OpinionUnanswered


def _opinion_faults(form: JointCheckForm) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, each in enumerate(form.opinions):
        if each.department in seen:
            yield Fault(f"/opinions/{n}/department", "department_twice", "named already", zh="该部门重复")
        if not each.agrees and each.reason is None:
            yield Fault(
                f"/opinions/{n}/reason", "no_reason", "why it does not agree", zh="未同意的须说明理由"
            )
        seen.add(each.department)
