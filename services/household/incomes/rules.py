"""What a statement of income comes to: pure decisions, amounts in yuan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from services.household.incomes.errors import TotalsDiffer
from shared.domain.money import round_to_cent
from shared.refusal import Fault

#: Total to what its lines' kinds begin with; costs are taken off.
TOTALS = {
    "wage": "wage_",
    "business": "business_",
    "property": "property_",
    "transfer": "transfer_",
    "production_cost": "cost_",
}
COST = "production_cost"
SPENT = ("spent_medical", "spent_schooling", "spent_accident", "spent_disaster", "spent_housing")


class ReferenceRule(BaseModel):
    """Which income is held against the monitoring range; read from ``reference.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    zh: str
    en: str
    source: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]


@cache
def reference_rule() -> ReferenceRule:
    """Return the rule that is in force."""
    text = files(__package__).joinpath("reference.yaml").read_text("utf-8")
    return ReferenceRule.model_validate(yaml.safe_load(text))


def totals_of(
    stated: Mapping[str, Decimal | None], lines: Sequence[tuple[str, Decimal]]
) -> dict[str, Decimal]:
    """Return every total: as stated, or the sum of its lines, which need not be added up by hand.

    Refuses with ``TotalsDiffer`` where a total is stated, has lines, and is not their sum.
    """
    totals, faults = dict[str, Decimal](), list[Fault]()
    for name, prefix in TOTALS.items():
        amounts = [amount for kind, amount in lines if kind.startswith(prefix)]
        total, summed = stated.get(name), sum(amounts, Decimal(0))
        if total is not None and amounts and total != summed:
            words = f"the lines make {summed}, which differs by {total - summed}"
            zh = f"明细合计 {summed} 元，与总额相差 {total - summed} 元"
            faults.append(Fault(f"/{name}", "totals_differ", words, zh=zh))
        totals[name] = summed if total is None else total
    if faults:
        raise TotalsDiffer(errors=tuple(faults))
    return totals


def net_income(totals: Mapping[str, Decimal]) -> Decimal:
    """家庭纯收入 = 工资性 + 生产经营性 + 财产性 + 转移性 - 生产经营性支出, the plan's formula."""
    return sum((totals[name] for name in TOTALS if name != COST), Decimal(0)) - totals[COST]


def per_capita_income(totals: Mapping[str, Decimal], sharers: int) -> Decimal:
    """人均纯收入 = 家庭纯收入 ÷ 共享人口, to the cent."""
    return round_to_cent(net_income(totals) / sharers)


def reference_income(statement: Mapping[str, Any], rule: ReferenceRule) -> Decimal:
    """Return the per-capita income that is held against the monitoring range."""
    plus = sum((statement[name] for name in rule.plus), Decimal(0))
    minus = sum((statement[name] for name in rule.minus), Decimal(0))
    return round_to_cent((net_income(statement) + plus - minus) / statement["sharers"])


def change_in_percent(now: Decimal, before: Decimal) -> Decimal | None:
    """Return by how many percent an income rose or fell; None where there was none to compare with."""
    return round_to_cent((now - before) * 100 / abs(before)) if before else None
