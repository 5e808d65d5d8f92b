"""Telling where people went, so that what others keep about a household or a person can follow."""

from __future__ import annotations

from services.household.changes.book import Occurrence
from services.household.changes.family import Family
from services.household.changes.model import Kind
from shared.contracts.household import (
    HouseholdMerged,
    HouseholdSplit,
    MemberTransferred,
    PersonMoved,
    RegroupingState,
)
from shared.database import Writer

_CONTRACTS: dict[Kind, type[RegroupingState]] = {
    Kind.SPLIT: HouseholdSplit,
    Kind.MERGE: HouseholdMerged,
    Kind.TRANSFER: MemberTransferred,
}


def tell(db: Writer, what: Occurrence, old: Family, new: Family) -> None:
    """Record who went from the old household to the new one."""
    db.record(
        _CONTRACTS[what.kind](
            household_id=old.household.id,
            into_id=new.household.id,
            division_code=old.household.division_code,
            happened_on=what.on,
            persons=tuple(PersonMoved(member_id=here, became=there) for here, there in old.elsewhere.items()),
            version=old.household.version,
        )
    )
