"""Undoing what a merge did to a record: byte by byte, from the image that its history kept."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from services.household.duplicates.errors import ChangedSince
from services.household.households.model import Member
from shared.database import Writer

_SAME_ROW = """
    present.id = :id AND past.root_id = :household AND past.table_name = 'member' AND past.row_id = :id
    AND past.version = :version
    """
# Where the row has been changed since, the merge's own version of it is history, too.
_CHANGED_SINCE = text(
    f"""
    SELECT count(*) FROM member present, history past, unnest(CAST(:columns AS text[])) field
    WHERE {_SAME_ROW} AND to_jsonb(present) -> field IS DISTINCT FROM past.image -> field
    """  # noqa: S608 - values are bound
)


async def restore(
    db: Writer, member: Member, columns: list[str], merge: dict[str, Any], side: Literal["kept", "gone"]
) -> None:
    """Put columns back as they were before the merge; refuse where one of them was changed after it.

    Through the database, not through the model: a value that is encrypted anew would not be the same bytes.
    """
    if not columns:
        return
    # History stands under the household of the time: the person may have moved on.
    row = {"id": member.id, "household": UUID(merge["households"][side])}
    if await db.scalar(_CHANGED_SINCE, row | {"columns": columns, "version": merge["after"][side]}):
        raise ChangedSince
    back = ", ".join(f"{name} = image.{name}" for name in columns if name in Member.model_fields)
    await db.execute(
        text(
            f"""
            UPDATE member present SET {back} FROM history past, jsonb_populate_record(NULL::member, past.image) image
            WHERE {_SAME_ROW}
            """  # noqa: S608 - names are the model's columns, values are bound
        ),
        row | {"version": merge["before"][side]},
    )
