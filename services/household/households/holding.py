"""Who holds which number: a person's belongs to one household, a household's to one in its village."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.household.households.errors import NumberTaken, PersonRegistered
from services.household.households.model import Household, HouseholdNumber, Member, PersonNumber
from shared.crypto.fields import ring
from shared.database import Writer
from shared.domain.identity_number import IdentityNumber


async def hold_household_number(db: Writer, household: Household) -> None:
    """Let a new household have its number, or refuse: another one of the village does."""
    number = {
        "division_code": household.division_code,
        "number": household.number,
        "household_id": household.id,
    }
    entered = insert(HouseholdNumber).values(number).on_conflict_do_nothing()
    if not await db.rows(entered.returning(col(HouseholdNumber.household_id))):
        raise NumberTaken


async def hold_numbers(db: Writer, members: Sequence[Member]) -> None:
    """Let these people hold their numbers, or refuse: somebody else does. Says no more of whom, or where."""
    held = [
        {"number_index": each.number_index, "member_id": each.id, "household_id": each.household_id}
        for each in members
        if each.number_index
    ]
    if not held:
        return
    entered = insert(PersonNumber).values(held).on_conflict_do_nothing()
    if len(await db.rows(entered.returning(col(PersonNumber.member_id)))) < len(held):
        raise PersonRegistered


async def let_go_of_number(db: Writer, *members: Member) -> None:
    """Free somebody's number, or several people's: for another household, or for the one whose number it really is."""
    ids = [member.id for member in members]
    await db.execute(delete(PersonNumber).where(col(PersonNumber.member_id).in_(ids)))


def give_number(member: Member, number: IdentityNumber) -> None:
    """Give somebody a number; sex and birth date follow from it."""
    member.identity_number = number.number
    member.number_index = ring().blind_index(number.number)
    member.sex, member.birth_date = number.sex, number.birth_date
