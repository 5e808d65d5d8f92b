"""Showing households: masked, unless the caller may see private fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.household.households.private import masked
from services.household.households.schemas import HouseholdView, IncomeView, MemberView
from shared.identity.principal import Principal
from shared.identity.private import sees_private

#: A row's fields by name.
Fields = dict[str, Any]


def household_view(
    household: Fields, members: Sequence[Fields], incomes: Sequence[Fields], caller: Principal
) -> HouseholdView:
    """Show a household with its members; reading private fields unmasked is logged."""
    clear = sees_private(caller, household_id=str(household["id"]))
    return HouseholdView(
        **masked(household, clear=clear),
        members=[member_view(member, clear=clear) for member in members],
        incomes=[income_view(income) for income in incomes],
    )


def member_view(member: Fields, *, clear: bool) -> MemberView:
    """Show a person."""
    return MemberView(**masked(member, clear=clear))


def income_view(income: Fields) -> IncomeView:
    """Show a statement with its sum in words."""
    explanation = (
        "（工资性 {wage} + 生产经营性 {business} + 财产性 {property} + 转移性 {transfer}"
        " - 生产经营性支出 {production_cost}）÷ {sharers} 人 = {per_capita} 元"
    ).format_map(income)
    return IncomeView(**income, explanation=explanation)
