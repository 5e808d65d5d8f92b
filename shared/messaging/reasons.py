"""Why handling failed, in words that can be kept: no value of a person's data in them."""

from __future__ import annotations

from traceback import extract_tb

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shared.logging import mask_private
from shared.refusal import Refusal

_LONGEST = 300


def reason_of(error: BaseException) -> str:
    """Return the error's class, its message and where it was raised."""
    return f"{_said(error)[:_LONGEST]}{_place(error)}"


def _said(error: BaseException) -> str:
    match error:
        case Refusal():
            return f"{type(error).__name__}: {error.title()}"
        case ValidationError():
            # Where and what kind; the message would quote the input.
            faults = error.errors(include_input=False, include_url=False, include_context=False)
            return f"{error.title}: " + "; ".join(
                f"{'.'.join(map(str, fault['loc']))} {fault['type']}" for fault in faults
            )
        case DBAPIError():
            # SQLAlchemy's own text quotes the statement and its parameters.
            return _said(error.orig.__cause__ or error.orig) if error.orig else type(error).__name__
        case _:
            # The first line only: PostgreSQL quotes the row in the lines that follow.
            first_line = next(iter(str(error).splitlines()), "")
            return f"{type(error).__name__}: {mask_private(first_line)}"


def _place(error: BaseException) -> str:
    """Name the innermost line of our own code."""
    ours = [frame for frame in extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    return f" ({ours[-1].name}:{ours[-1].lineno})" if ours else ""
