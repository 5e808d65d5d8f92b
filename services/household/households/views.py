"""Showing households: masked, unless the caller may see private fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.household.households.private import masked
from services.household.households.schemas import HouseholdView, MemberView
from services.household.incomes.views import income_view
from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)


#: A row's fields by name.
Fields = dict[str, Any]


def household_view(
    household: Fields, members: Sequence[Fields], incomes: Sequence[Fields], caller: Principal
) -> HouseholdView:
    """Show a household with its members; reading private fields unmasked is logged."""
    clear = caller.may("pii:read")
    if clear:
        _log.info("pii.read", household_id=str(household["id"]), caller=caller.subject)
    return HouseholdView(
        **masked(household, clear=clear),
        members=[member_view(member, clear=clear) for member in members],
        incomes=[income_view(income) for income in incomes],
    )


def member_view(member: Fields, *, clear: bool) -> MemberView:
    """Show a person."""
    return MemberView(**masked(member, clear=clear))
