"""Optimistic concurrency: a version goes out as ``ETag`` and must come back as ``If-Match``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Response

from shared.database import Recorded
from shared.refusal import Refusal, Stale

#: Digits of a version, with room to spare.
_LONGEST = 18


class PreconditionNeeded(Refusal):
    """Say with If-Match which version you have read."""

    status = 428
    code = "precondition_needed"
    zh = "请在 If-Match 中注明所依据的版本"


async def if_match(
    header: Annotated[str | None, Header(alias="If-Match", include_in_schema=False)] = None,
) -> int:
    """Return the version that the caller read; the document tells of it as of a header that must be there."""
    if header is None:
        raise PreconditionNeeded
    version = header.removeprefix("W/").strip('"')
    # An ETag that we never issued cannot be the present one.
    if not version.isascii() or not version.isdigit() or len(version) > _LONGEST:
        raise Stale
    return int(version)


IfMatch = Annotated[int, Depends(if_match)]


def tagged(response: Response, row: Recorded) -> None:
    """Send a row's version along as ``ETag``."""
    response.headers["ETag"] = f'"{row.version}"'
