"""What became of a batch's rows: those a person may decide on one by one, all others as blocks of columns.

A block takes a quarter of the time to store that its rows would take, and a third of the room. Whoever reads asks
``OUTCOMES``, a view of the rows of both, which limits them to the caller's area.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    Uuid,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Placed

#: What told whom a row is about, or whom not, where a person did.
PERSON = "person"
#: Lines whose rows may stand in one block: as many as a page of results is looked for among.
SPAN = 16_384
#: Columns of amounts, which a block holds in hundredths.
FIGURES = ("amount", "quantity")
#: Between the words of a block, one a row; and what stands for no number and no day.
SEPARATOR, NO_FIGURE, NO_DAY = "\x1f", -(2**63), -(2**31)
_BY_PLACE: Mapping[str, Any] = {"postgresql_using": "brin", "postgresql_with": {"autosummarize": True}}


class ComparisonResult(Row, Placed, table=True):
    """What became of a row that a person may decide on, or might have: of batches of long ago, of each row.

    Filled by COPY, below the wall: see ``fill_below_the_wall`` in its migration. A part's rows lie together, so that
    where which lines lie is all that is indexed; that each line is there once, its part's own key sees to.
    """

    __table_args__ = (
        Index("ix_comparison_result_place", "comparison_id", "line", **_BY_PLACE),
        {"postgresql_partition_by": "RANGE (comparison_id)"},
    )

    # Not indexed, unlike other places: a list is of one batch, and a million rows are written at once.
    division_code: str = Field(sa_type=String(12, collation="C"))
    comparison_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    outcome: str
    #: What told whom it is about: a ``Key``, ``fifteen`` for a number of an old card, ``PERSON``.
    match: str | None = None
    #: Of strangers only: whoever is known is named by household and member. Of a row without a number that a person
    #: refused it is a digest of the row (``supersession``).
    number_index: bytes | None = None
    household_id: UUID | None = None
    member_id: UUID | None = None
    amount: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    quantity: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    happened_on: date | None = None
    kind: str | None = None
    note: str | None = None
    #: Values of the dataset's other columns.
    more: dict[str, Any] | None = Field(default=None, sa_type=JSONB)


class ComparisonBlock(Row, Placed, table=True):
    """Rows of a part that became the same and lie within ``SPAN`` lines: a column is an array, a value of each row.

    A column of which the dataset says nothing, or that is not kept of strangers, is null. Filled below the wall, too;
    read as it is only by whoever may see all of its county.
    """

    __table_args__ = ({"postgresql_partition_by": "RANGE (comparison_id)"},)

    #: The sender's: where rows about nobody stand.
    division_code: str = Field(sa_type=String(12, collation="C"))
    comparison_id: UUID = Field(primary_key=True)
    part: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    from_line: int
    to_line: int
    outcome: str
    #: What told whom the rows are about, or why about nobody: a ``Key``, ``fifteen``, ``UnmatchedReason``.
    match: str | None = None
    line: Any = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    division: Any = Field(sa_column=Column(ARRAY(Text)))
    number_index: Any = Field(sa_column=Column(ARRAY(LargeBinary)))
    household: Any = Field(sa_column=Column(ARRAY(Uuid)))
    member: Any = Field(sa_column=Column(ARRAY(Uuid)))
    #: In hundredths, ``NO_FIGURE`` where there is none.
    amount: Any = Field(sa_column=Column(ARRAY(BigInteger)))
    quantity: Any = Field(sa_column=Column(ARRAY(BigInteger)))
    #: -infinity where there is none.
    happened_on: Any = Field(sa_column=Column(ARRAY(Date)))
    #: With a ``SEPARATOR`` between the rows'; as much as nothing where there is none.
    kind: str | None = None
    note: str | None = None
    more: str | None = None


#: The rows of both as the caller may see them. ``from_line`` and ``to_line`` are those of a row's block.
#: ``comparison_outcome_now`` are the same, about whoever those people are now.
OUTCOMES = table(
    "comparison_outcome",
    column("comparison_id", Uuid),
    column("line", Integer),
    column("from_line", Integer),
    column("to_line", Integer),
    column("division_code", String),
    column("outcome", String),
    column("match", String),
    column("number_index", LargeBinary),
    column("household_id", Uuid),
    column("member_id", Uuid),
    column("amount", Numeric(14, 2)),
    column("quantity", Numeric(14, 2)),
    column("happened_on", Date),
    column("kind", String),
    column("note", String),
    column("more", JSONB),
)
