"""Pure decisions on a merge: which record stays, and whose value of each field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.household.duplicates.errors import UnknownChoice
from services.household.households.model import Member
from services.household.households.rules import AWAY
from services.household.households.schemas import MemberView

#: What belongs to the record, not to the person: where it stands, as whom, from when to when.
_OF_THE_RECORD = frozenset(
    {"id", "relationship", "joined_on", "join_reason", "left_on", "leave_reason"} | {"sex", "birth_date"}
)
#: A number says when somebody was born, and of which sex: they go together.
_BY_NUMBER = ("sex", "birth_date")
DUPLICATE = "duplicate"


def sides_of(one: Member, other: Member, keep: UUID | None) -> tuple[Member, Member]:
    """Return who stays and who goes: as was said, else whoever has a number stays, else who was entered first."""
    if keep is None:
        return (other, one) if other.identity_number and not one.identity_number else (one, other)
    if keep not in (one.id, other.id):
        raise UnknownChoice(f"{keep} is neither of the two", zh_detail="保留的人员不是这两人之一")
    return (one, other) if keep == one.id else (other, one)


def choosable(kept: Member, gone: Member) -> list[str]:
    """Return the fields of which either value may be taken."""
    numbered = kept.identity_number or gone.identity_number
    fields = [name for name in MemberView.model_fields if name not in _OF_THE_RECORD and hasattr(kept, name)]
    return fields if numbered else [*fields, *_BY_NUMBER]


def suggested(kept: Member, gone: Member) -> list[str]:
    """Return the fields that the one who stays lacks and the other has."""
    return [
        name for name in choosable(kept, gone) if _empty(getattr(kept, name)) > _empty(getattr(gone, name))
    ]


def taken(kept: Member, gone: Member, wanted: Sequence[str] | None) -> list[str]:
    """Return the fields to take over: as was said, else as suggested."""
    if wanted is None:
        return suggested(kept, gone)
    if unknown := set(wanted) - set(choosable(kept, gone)):
        raise UnknownChoice(
            ", ".join(sorted(unknown)), zh_detail="不能选择的字段：" + "、".join(sorted(unknown))
        )
    return list(wanted)


def has_left(member: Member) -> bool:
    """Tell whether somebody is gone for good, not away for a time."""
    return member.left_on is not None and member.leave_reason not in AWAY


def columns_of(fields: Sequence[str]) -> list[str]:
    """Return the columns that make up fields: the number's index, sex and birth date, a phone's index."""
    columns: list[str] = []
    for field in fields:
        beside = ("number_index", *_BY_NUMBER) if field == "identity_number" else (f"{field}_index",)
        columns += [name for name in (field, *beside) if name in Member.model_fields]
    return columns


def _empty(value: Any) -> bool:
    return value is None or value in ("", [])
