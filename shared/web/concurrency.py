"""Optimistic concurrency: a version goes out as ``ETag`` and must come back as ``If-Match``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Response

from shared.database import Recorded
from shared.refusal import Refusal, Stale
from shared.web.document import answered, header

#: Digits of a version, with room to spare.
_LONGEST = 18


class PreconditionNeeded(Refusal):
    """Say with If-Match which version you have read."""

    status = 428
    code = "precondition_needed"
    zh = "请在 If-Match 中注明所依据的版本"


#: How a document tells of it: FastAPI would say that it may be missing.
TOLD = header(
    "If-Match", "所依据版本的 ETag。The ETag of the version that the caller has read.", required=True
)

#: How it tells of what ``tagged`` sends.
TAGGED = answered(
    "ETag", "版本，更改时在 If-Match 中带回。The version, where it has one: changing it takes it as If-Match."
)

#: How it tells of what a caller may ask who has a copy, and of the answer that there is nothing newer.
KNOWN = header("If-None-Match", "所持版本的 ETag。The ETag of the copy that the caller has.")
UNCHANGED = {"description": "所持版本即最新。The caller's copy is the present one.", "headers": TAGGED}


async def if_match(
    tag: Annotated[str | None, Header(alias="If-Match", include_in_schema=False)] = None,
) -> int:
    """Return the version that the caller read."""
    if tag is None:
        raise PreconditionNeeded
    version = tag.removeprefix("W/").strip('"')
    # An ETag that we never issued cannot be the present one.
    if not version.isascii() or not version.isdigit() or len(version) > _LONGEST:
        raise Stale
    return int(version)


IfMatch = Annotated[int, Depends(if_match)]


def tagged(response: Response, row: Recorded) -> None:
    """Send a row's version along as ``ETag``."""
    response.headers["ETag"] = f'"{row.version}"'
