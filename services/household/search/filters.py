"""What a search asks, as conditions: one line a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, SelectBase, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.household.households.errors import BadIdentityNumber
from services.household.households.model import Household, Member
from services.household.households.private import blind_index
from services.household.search.model import MemberLetters
from services.household.search.schemas import PeopleSearch
from shared.crypto.fields import ring
from shared.database import inside
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.person_name import normalise
from shared.refusal import Fault

Condition = ColumnElement[bool]
#: Behind every beginning: no index serves LIKE under row-level security, ranges it does.
_AFTER = "\U0010ffff"

#: Several values of one column, any of which may hold.
_ONE_OF: dict[str, Any] = {
    "sex": Member.sex,
    "relationship": Member.relationship,
    "disability_kind": Member.disability_kind,
    "disability_grade": Member.disability_grade,
    "education": Member.education,
    "school_status": Member.school_status,
    "labour": Member.labour,
    "work_place": Member.work_place,
    "public_post_kind": Member.public_post_kind,
    "household_kind": Household.kind,
    "housing_grade": Household.housing_grade,
}
_EQUAL: dict[str, Any] = {
    "medical_insurance": Member.medical_insurance,
    "lifted_year": Household.lifted_year,
    "minimum_living": Household.minimum_living,
    "destitute": Household.destitute,
}
_OTHERS: dict[str, Callable[[Any], Condition]] = {
    "born_from": lambda day: col(Member.birth_date) >= day,
    "born_to": lambda day: col(Member.birth_date) <= day,
    "health": col(Member.health).bool_op("&&"),
    "division": lambda code: inside(Member.division_code, code),
    "identity_number": lambda written: col(Member.number_index) == _number_index(written),
    "phone": lambda phone: col(Member.id).in_(_of_phone(phone)),
    "present": lambda present: col(Member.left_on).is_(None) if present else col(Member.left_on).is_not(None),
}


def conditions(wanted: PeopleSearch) -> Iterator[Condition]:
    """Yield what must hold of a person besides the name."""
    for name, value in wanted.model_dump(exclude={"q"}).items():
        if value is None or value == []:
            continue
        if name in _ONE_OF:
            yield col(_ONE_OF[name]).in_(value)
        elif name in _EQUAL:
            yield col(_EQUAL[name]) == value
        else:
            yield _OTHERS[name](value)


def is_letters(q: str) -> bool:
    """Tell whether a name is looked for in letters."""
    return q.isascii()


def in_signs(q: str) -> Condition:
    """Return what holds of a name that begins with these signs."""
    return _begins(Member.name, normalise(q))


def in_letters(q: str) -> list[Condition]:
    """Return what holds of a name that begins with these letters: in pinyin (li: 李), or by initials (lx: 李秀英).

    Each for itself: one index serves one of them, none serves both at once. A single initial begins the pinyin, too.
    """
    letters = "".join(letter for letter in q.lower() if letter.isalnum())
    by_initials = [_begins(MemberLetters.initials, letters)] if len(letters) > 1 else []
    return [_begins(MemberLetters.pinyin, letters), *by_initials]


def _begins(column: Any, beginning: str) -> Condition:
    return _between(column, beginning, beginning + _AFTER)


def _between(column: Any, low: str, high: str) -> Condition:
    return (col(column) >= low) & (col(column) < high)


def _of_phone(phone: str) -> SelectBase:
    """Return who has a phone: two indexes, asked one after the other, where OR would ask neither."""
    own, of_home, home = aliased(Member), aliased(Member), aliased(Household)
    return union_all(
        select(col(own.id)).where(col(own.mobile_index) == blind_index("mobile", phone)),
        select(col(of_home.id))
        .join(home, col(home.id) == of_home.household_id)
        .where(col(home.phone_index) == blind_index("phone", phone)),
    )


def _number_index(written: str) -> bytes:
    try:
        return ring().blind_index(parse(written).number)
    except IdentityNumberFault as fault:
        words = Fault("/identity_number", fault.fault, str(fault), fault.zh)
        raise BadIdentityNumber(errors=(words,)) from fault
