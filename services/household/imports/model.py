"""An import, the persons it brought (until they are written) and the lines it refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.household.households.model import Household, Member
from services.household.imports.columns import form
from services.household.tables import Row
from shared.crypto.fields import EncryptedText
from shared.database import Identified, Placed


class HouseholdImport(Row, Identified, Placed, table=True):
    """A file that was sent. The same content sent again by the same caller is the same import."""

    __table_args__ = (Index("uq_household_import_once", "owner", "digest", "options", unique=True),)

    owner: str
    digest: str
    filename: str
    #: ``validate`` (writes nothing) or ``commit``.
    mode: str
    #: ``valid`` (takes the lines that hold) or ``all`` (takes nothing where one line is refused).
    atomic: str = "valid"
    #: Division, mode, atomic and the caller's own names of columns, as one text: another choice is another import.
    options: str = ""
    #: What the file's headers were taken for: header to field or null; known once it has been read.
    headers: dict[str, str | None] | None = Field(default=None, sa_column=Column(JSONB))
    job_id: UUID | None = None
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: Known once finished: rows, accepted, rejected, withheld, by_code, registered, changed, members.
    figures: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))


def _said() -> Iterator[Column[Any]]:
    """Yield a column for each field of the form, of the registry's own type: a line may leave any of them unsaid."""
    tables = {"household": Household.__table__, "member": Member.__table__}  # type: ignore[attr-defined]
    for each in form():
        if each.field in _ALWAYS or each.checked_only:
            continue
        yield Column(each.field, LargeBinary() if each.sealed else tables[each.of].c[each.field].type)
        if each.sealed:
            yield Column(f"{each.field}_index", LargeBinary())


#: What every line has by the time that it is staged, beside what it says.
_ALWAYS = frozenset({"household_number", "division_code", "name", "identity_number", "relationship"})
#: Lines on their way into the registry. Numbers stand here encrypted and indexed, never in the clear.
IMPORT_PERSON = Table(
    "import_person",
    Row.metadata,
    Column("import_id", Uuid(), primary_key=True),
    Column("line", Integer(), primary_key=True),
    Column("household_number", String(), nullable=False),
    Column("household_id", Uuid(), nullable=False),
    Column("member_id", Uuid(), nullable=False),
    Column("division_code", String(12, collation="C"), nullable=False),
    Column("name", String(), nullable=False),
    Column("identity_number", LargeBinary()),
    Column("number_index", LargeBinary()),
    Column("sex", String()),
    Column("birth_date", Date()),
    Column("relationship", String(), nullable=False),
    *_said(),
    # Fields that the line clears.
    Column("cleared", ARRAY(String()), server_default="{}", nullable=False),
    # Households are written some at a time: without it every batch would read all lines again.
    Index("ix_import_person_import_id_household_id", "import_id", "household_id"),
)


class ImportReject(Row, Placed, table=True):
    """What was wrong with a line."""

    import_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    #: The form's header.
    header: str = Field(primary_key=True)
    #: As written, private values masked.
    value: str
    #: So that the rest of a household can be told that its head's line was refused.
    household_number: str
    is_head: bool


class RefusedLine(Row, Placed, table=True):
    """A refused line as it was sent, so that it can be handed back, corrected and sent again."""

    import_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    #: JSON, field to cell; encrypted as a whole, for numbers may stand in any cell.
    cells: str = Field(sa_type=EncryptedText(context="refused_line.cells"))
