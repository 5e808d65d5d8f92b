"""Pure decisions on households: who is head, what a statement of income comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from services.household.households.errors import (
    BadIdentityNumber,
    ContradictsNumber,
    HeadNeeded,
    RepeatedPerson,
)
from services.household.households.model import Member
from shared.domain.identity_number import IdentityNumber, IdentityNumberFault, parse
from shared.refusal import Fault

HEAD = "head"
DEATH = "death"
#: Reasons of leaving for a time: who is away comes back to this household, and no other can register them meanwhile.
AWAY = frozenset({"army", "prison", "missing", "student"})


class Person(Protocol):
    """What is said of somebody whose number is checked."""

    @property
    def identity_number(self) -> str | None:
        """As written."""

    @property
    def sex(self) -> str | None:
        """Code of the list ``sex``."""

    @property
    def birth_date(self) -> date | None:
        """As stated beside the number."""

    @property
    def disability_card(self) -> str | None:
        """Number of the disability card, which begins with the identity number."""


def holds_number(member: Member) -> bool:
    """Tell whether a member's number is held: by who is there, who comes back, and for good by who died."""
    return member.left_on is None or member.leave_reason in AWAY | {DEATH}


def check_one_head(relationships: Iterable[str]) -> None:
    """Refuse a household with no head, or with several."""
    if sum(relationship == HEAD for relationship in relationships) != 1:
        raise HeadNeeded


def parse_numbers(persons: Sequence[Person], pointer: str, *, today: date) -> list[IdentityNumber | None]:
    """Return the persons' numbers, or refuse with every fault at once.

    ``pointer`` leads to a person; ``{}`` in it is the place among them.
    """
    parsed = [_parsed(person, pointer.format(place), today) for place, person in enumerate(persons)]
    if faults := [each for each in parsed if isinstance(each, Fault)]:
        raise BadIdentityNumber(errors=tuple(faults))
    numbers = [each for each in parsed if not isinstance(each, Fault)]
    known = [each.number for each in numbers if each]
    if len(set(known)) < len(known):
        raise RepeatedPerson
    pairs = zip(persons, numbers, strict=True)
    if faults := [
        fault
        for place, (person, number) in enumerate(pairs)
        for fault in contradictions(person, number, pointer.format(place))
    ]:
        raise ContradictsNumber(errors=tuple(faults))
    return numbers


def contradictions(person: Person, number: IdentityNumber | None, pointer: str) -> list[Fault]:
    """Return in what somebody's sex, birth date and disability card contradict the number."""
    if number is None:
        return []
    card = person.disability_card
    said = {
        "sex": (person.sex, number.sex),
        "birth_date": (person.birth_date, number.birth_date),
        "disability_card": (card and card[:18], number.number),
    }
    return [
        Fault(
            f"{pointer}/{name}", "contradicts_number", "contradicts the identity number", zh="与身份证号不符"
        )
        for name, (stated, by_number) in said.items()
        if stated is not None and stated != by_number
    ]


def _parsed(person: Person, pointer: str, today: date) -> IdentityNumber | Fault | None:
    if not person.identity_number:
        return None
    try:
        number = parse(person.identity_number)
        fault = IdentityNumberFault("impossible_date") if number.birth_date > today else None
    except IdentityNumberFault as error:
        fault = error
    return Fault(f"{pointer}/identity_number", fault.fault, str(fault), zh=fault.zh) if fault else number
