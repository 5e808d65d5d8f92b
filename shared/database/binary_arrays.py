"""Arrays as PostgreSQL receives and sends them, made of whole columns: of values of one length, none of them null."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

#: Dimensions, whether a value is null, of what; how many, and the place of the first.
_HEADER = np.dtype(
    [("dimensions", ">i4"), ("nulls", ">i4"), ("of", ">i4"), ("count", ">i4"), ("first", ">i4")]
)


class Of(IntEnum):
    """What an array's values are: PostgreSQL's number of their type."""

    BYTEA = 17
    BIGINT = 20
    INTEGER = 23
    TEXT = 25
    DATE = 1082
    UUID = 2950


def elements(values: npt.NDArray[Any]) -> npt.NDArray[np.void]:
    """Return numbers, or bytes in rows of one length, as arrays hold them: each behind its length."""
    if values.ndim == 1:
        values = values.astype(values.dtype.newbyteorder(">"))
    width = values.itemsize if values.ndim == 1 else values.shape[1]
    held = np.empty(len(values), [("length", ">i4"), ("value", f"V{width}")])
    held["length"] = width
    held["value"] = np.ascontiguousarray(values).view(f"V{width}").reshape(-1)
    return held


def array(of: Of, held: npt.NDArray[np.void]) -> bytes:
    """Return an array of some elements."""
    return np.array((1, 0, of, len(held), 1), _HEADER).tobytes() + held.tobytes()


def values_of(sent: bytes, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the values of what ``array_send`` gives, numbers in the machine's own order of bytes."""
    value = np.dtype(kind)
    held = np.dtype([("length", ">i4"), ("value", value.newbyteorder(">"))])
    return np.frombuffer(sent, held, offset=_HEADER.itemsize)["value"].astype(value)
