"""Showing households: masked, unless the caller may see private fields."""

from __future__ import annotations

from collections.abc import Sequence

from services.household.households.model import Household, Income, Member
from services.household.households.private import masked
from services.household.households.schemas import HouseholdView, IncomeView, MemberView
from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)


def household_view(
    household: Household, members: Sequence[Member], incomes: Sequence[Income], caller: Principal
) -> HouseholdView:
    """Show a household with its members; reading private fields unmasked is logged."""
    clear = caller.may("pii:read")
    if clear:
        _log.info("pii.read", household_id=str(household.id), caller=caller.subject)
    return HouseholdView(
        **masked(household.model_dump(), clear=clear),
        members=[member_view(member, clear=clear) for member in members],
        incomes=[income_view(income) for income in incomes],
    )


def member_view(member: Member, *, clear: bool) -> MemberView:
    """Show a person."""
    return MemberView(**masked(member.model_dump(), clear=clear))


def income_view(income: Income) -> IncomeView:
    """Show a statement with its sum in words."""
    explanation = (
        f"（工资性 {income.wage} + 生产经营性 {income.business} + 财产性 {income.property} + 转移性 {income.transfer}"
        f" - 生产经营性支出 {income.production_cost}）÷ {income.sharers} 人 = {income.per_capita} 元"
    )
    return IncomeView(**income.model_dump(), explanation=explanation)
