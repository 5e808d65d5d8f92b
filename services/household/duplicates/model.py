"""Keys by which likely pairs are found, and the pairs that people are asked about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed, Recorded


class MatchKey(Row, table=True):
    """A keyed digest that two records of one person are likely to share; only of people who are present.

    Sixty-four bits of the digest: two keys that fall together by chance cost one comparison in vain. Not limited to
    an area, for the other record may stand anywhere; without the key ring it tells nothing of anybody.
    """

    key: int = Field(sa_type=BigInteger, primary_key=True)
    member_id: UUID = Field(primary_key=True, index=True)


class PairState(StrEnum):
    """What has become of a pair."""

    OPEN = "open"
    NOT_DUPLICATE = "not_duplicate"
    MERGED = "merged"
    UNMERGED = "unmerged"
    #: Nobody decided: one of the two has left, or was corrected and is not alike any more.
    LAPSED = "lapsed"


#: Somebody may still decide.
UNDECIDED = (PairState.OPEN, PairState.UNMERGED)


class ProbableDuplicate(Row, Identified, Placed, Recorded, table=True):
    """Two members who may be one person (疑似重复). There is one row a pair, whatever becomes of it.

    Lies with the smallest division that holds both villages: who is responsible for that one sees both and decides.
    """

    __table_args__ = (
        Index("uq_probable_duplicate_one_id_other_id", "one_id", "other_id", unique=True),
        Index("ix_probable_duplicate_state_doubt_id", "state", "doubt", "id"),
    )

    #: The smaller id of the two.
    one_id: UUID
    other_id: UUID = Field(index=True)
    state: str = PairState.OPEN
    #: The chance that these are two people, so that a list in its order begins with the surest.
    doubt: Decimal = Field(sa_type=Numeric(5, 4))
    #: field, how, bits: as the matcher said it.
    agreements: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    #: ``change`` (somebody was registered, imported or changed) or ``scan``.
    found_by: str
    #: Digest of the two numbers: what was decided holds until one of them is another.
    numbers: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    decided_by: str | None = None
    decision_reason: str | None = None
    #: Of a merge: who stays, who goes, in which versions they were before, and which fields were taken over.
    kept_id: UUID | None = None
    merge: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
