"""Names in letters, beside the people who bear them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, String
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Placed


class MemberLetters(Row, Placed, table=True):
    """A member's name in pinyin and by its initials.

    A table of its own, written after the registry has told of a household: whoever writes names need not know of it.
    """

    __table_args__ = (
        Index("ix_member_letters_pinyin", "pinyin", "member_id"),
        Index("ix_member_letters_initials", "initials", "member_id"),
    )

    member_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    pinyin: str = Field(sa_type=String(collation="C"))
    initials: str = Field(sa_type=String(collation="C"))
