"""Pure decisions on natural changes: on which day something can have happened, and who keeps a place."""

from __future__ import annotations

from datetime import date

from services.household.changes.errors import (
    DateBeforeBirth,
    DateBeforeJoining,
    DateBeforeLeaving,
    NotOnTheDayOfBirth,
)
from services.household.changes.model import Kind
from services.household.households.errors import DateAhead
from services.household.households.model import Member
from services.household.households.rules import AWAY

BIRTH = "birth"
#: What a household that splits off has in common with the one it came from. Support such as minimum living does not
#: split: it is granted to a household, and asked for anew.
INHERITED = (
    "division_code",
    "group_name",
    "grid_id",
    "address",
    "kind",
    "lifted_year",
    "main_cause",
    "official_name",
    "official_unit",
    "official_phone",
)


def kind_of_departure(reason: str) -> Kind:
    """Tell leave, from which people come back, from departure."""
    return Kind.LEAVE if reason in AWAY else Kind.DEPARTURE


def check_arrival(member: Member, *, today: date) -> None:
    """Refuse a day of joining that cannot be; a birth without a day of joining takes the day of birth."""
    if member.join_reason == BIRTH:
        member.joined_on = member.joined_on or member.birth_date
        if member.joined_on is None or member.joined_on != member.birth_date:
            raise NotOnTheDayOfBirth
    if member.joined_on is None:
        return
    if member.joined_on > today:
        raise DateAhead
    if member.birth_date and member.joined_on < member.birth_date:
        raise DateBeforeBirth


def check_departure(member: Member, on: date, *, today: date) -> None:
    """Refuse a day of leaving that cannot be; whoever is away already leaves for good no earlier."""
    if on > today:
        raise DateAhead
    if any(day and on < day for day in (member.joined_on, member.birth_date, member.left_on)):
        raise DateBeforeJoining


def check_return(member: Member, on: date, *, today: date) -> None:
    """Refuse a day of coming back that cannot be."""
    if on > today:
        raise DateAhead
    if member.left_on and on < member.left_on:
        raise DateBeforeLeaving
