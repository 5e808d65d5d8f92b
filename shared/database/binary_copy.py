"""Rows as COPY takes them in its binary format, made of whole columns: PostgreSQL reads them twice as fast as text.

Rows in which every field has the same length are one array with a fixed layout; so rows are sorted by their lengths,
and numpy writes those of one kind in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = -1
#: Rows that are written at a time: arrays of that size fit the cache, and their memory is used again.
_AT_ONCE = 8_192
#: What a number of a kind can be before it runs over.
_MOST_KINDS = 2**62
#: PostgreSQL counts days from 2000-01-01, polars from 1970-01-01.
EPOCH_DAYS = 10_957
#: A numeric is groups of four digits: four of them before the point, and one behind it.
_GROUPS, _WEIGHT, _NEGATIVE, _CENTS = 5, 3, 0x4000, 100


@dataclass(frozen=True)
class Field:
    """A column: how long each value is (-1 for null), and how to take the values of rows that have one length."""

    lengths: Numbers
    #: The rows' values, one a row of a two-dimensional array.
    take: Callable[[Numbers], Bytes]

    @classmethod
    def fixed(cls, rows: Bytes, present: npt.NDArray[np.bool_] | None = None) -> Self:
        """Return a column of values of one length, one a row; those that are not present are null."""
        width = rows.shape[1]
        lengths = np.full(len(rows), width) if present is None else np.where(present, width, _NULL)
        # Not rows[chosen], which copies sign by sign.
        return cls(lengths, lambda chosen: rows.take(chosen, axis=0))

    @classmethod
    def picked(cls, table: Bytes, places: Numbers) -> Self:
        """Return a column of values of one length, each that which stands at its place in a table; before it null."""
        lengths = np.where(places < 0, _NULL, table.shape[1])
        return cls(lengths, lambda chosen: table.take(places[chosen], axis=0))

    @classmethod
    def same(cls, value: bytes, count: int) -> Self:
        """Return a column that holds one value."""
        row = np.frombuffer(value, np.uint8)
        return cls(np.full(count, len(value)), lambda _: row)

    @classmethod
    def nothing(cls, count: int) -> Self:
        """Return a column of nulls."""
        return cls.fixed(np.empty((count, 0), np.uint8), np.zeros(count, np.bool_))

    @classmethod
    def text(cls, values: pl.Series) -> Self:
        """Return a column of text, or of an enumeration's words, which takes less time."""
        if values.null_count() == len(values):
            return cls.nothing(len(values))
        words = _Words(values)
        return cls(words.lengths, words.take)

    @classmethod
    def json(cls, values: pl.Series) -> Self:
        """Return a column of ``jsonb``: text behind the version of its format."""
        if values.null_count() == len(values):
            return cls.nothing(len(values))
        return cls.text("\x01" + values.cast(pl.String))

    @classmethod
    def whole(cls, values: pl.Series) -> Self:
        """Return a column of ``integer``."""
        numbers = values.cast(pl.Int64).fill_null(0).to_numpy().astype(">i4")
        return cls.fixed(_as_bytes(numbers), values.is_not_null().to_numpy())

    @classmethod
    def dates(cls, values: pl.Series) -> Self:
        """Return a column of ``date``."""
        if values.null_count() == len(values):
            return cls.nothing(len(values))
        days = values.cast(pl.Int32).cast(pl.Int64).fill_null(0).to_numpy() - EPOCH_DAYS
        return cls.fixed(_as_bytes(days.astype(">i4")), values.is_not_null().to_numpy())

    @classmethod
    def cents(cls, values: pl.Series) -> Self:
        """Return a column of ``numeric`` with two decimals, of whole cents."""
        if values.null_count() == len(values):
            return cls.nothing(len(values))
        cents = values.cast(pl.Int64).fill_null(0).to_numpy()
        words = np.zeros((len(cents), 4 + _GROUPS), ">i2")
        words[:, 0], words[:, 1], words[:, 3] = _GROUPS, _WEIGHT, 2
        words[:, 2] = np.where(cents < 0, _NEGATIVE, 0)
        # What is left of a division by multiplying: numpy finds a remainder much more slowly than a quotient.
        size = np.abs(cents)
        rest = size // _CENTS
        words[:, -1] = (size - rest * _CENTS) * _CENTS
        for place in range(_GROUPS - 2, -1, -1):
            size, rest = rest, rest // 10_000
            words[:, 4 + place] = size - rest * 10_000
        return cls.fixed(_as_bytes(words), values.is_not_null().to_numpy())


def binary_rows(fields: Sequence[Field]) -> Iterator[bytes]:
    """Yield rows of these columns, in any order, as ``COPY … WITH (FORMAT binary)`` takes them."""
    kinds = _kinds([field.lengths for field in fields])
    # Few, so that they are put in order by counting.
    order = np.argsort(kinds, kind="stable")
    cuts = np.flatnonzero(np.diff(kinds[order])) + 1
    yield _HEADER
    for rows in np.split(order, cuts):
        for start in range(0, len(rows), _AT_ONCE):
            yield _alike(fields, rows[start : start + _AT_ONCE])
    yield _TRAILER


def ready_rows(columns: Sequence[str], rows: Iterable[Mapping[str, bytes]]) -> Iterator[bytes]:
    """Yield rows whose values are ready to be sent, few and large ones; a column that a row leaves out is null."""
    yield _HEADER
    for row in rows:
        yield len(columns).to_bytes(2)
        for column in columns:
            value = row.get(column)
            yield (_NULL if value is None else len(value)).to_bytes(4, signed=True)
            yield value or b""
    yield _TRAILER


def _kinds(lengths: Sequence[Numbers]) -> npt.NDArray[np.uint16 | np.int64]:
    """Give rows a number that says which fields have which lengths."""
    kinds, most = np.zeros(len(lengths[0]), np.int64), 1
    for column in lengths:
        span = int(column.max(initial=0)) + 2
        if len(column) and (column == column[0]).all():
            continue
        if most * span > _MOST_KINDS:
            # Numbered anew, so that many columns do not run over.
            kinds, most = _numbered(kinds)
        kinds, most = kinds * span + column + 1, most * span
    kinds, most = _numbered(kinds)
    return kinds.astype(np.uint16) if most <= np.iinfo(np.uint16).max else kinds


def _numbered(kinds: Numbers) -> tuple[Numbers, int]:
    """Give kinds numbers from 0 on; returns how many there are, too."""
    known = pl.Series(kinds).unique().sort().to_numpy()
    return np.searchsorted(known, kinds), len(known)


def _alike(fields: Sequence[Field], rows: Numbers) -> bytes:
    """Write rows in which each field has one length."""
    widths = [int(field.lengths[rows[0]]) for field in fields]
    layout = [("fields", ">i2")]
    for place, width in enumerate(widths):
        layout.append((f"length{place}", ">i4"))
        if width > 0:
            layout.append((f"value{place}", f"V{width}"))
    row = np.zeros(1, np.dtype(layout))
    row["fields"] = len(fields)
    for place, width in enumerate(widths):
        row[f"length{place}"] = width
    written = row.repeat(len(rows))
    for place, (field, width) in enumerate(zip(fields, widths, strict=True)):
        if width > 0:
            # Each value as one element: numpy copies rows of signs more slowly.
            written[f"value{place}"] = field.take(rows).view(f"V{width}")[..., 0]
    return written.tobytes()


class _Words:
    """Texts in the order of their lengths, so that those of one length are one array; of an enumeration each once."""

    def __init__(self, values: pl.Series) -> None:
        given = values.dtype
        texts = given.categories if isinstance(given, pl.Enum) else values.fill_null("")
        widths = texts.str.len_bytes().cast(pl.Int64).to_numpy()
        order = np.argsort(widths)
        self._widths = widths[order]
        self._texts = np.frombuffer(texts.gather(order).str.join("").item().encode(), np.uint8)
        self._begins = self._widths.cumsum() - self._widths
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        if isinstance(given, pl.Enum):
            # Behind them all stands null.
            which = values.to_physical().cast(pl.Int64).fill_null(len(texts)).to_numpy()
            self.lengths: Numbers = np.append(widths, _NULL).take(which)
            self._place: Numbers = np.append(place, _NULL).take(which)
        else:
            self.lengths = np.where(values.is_not_null(), widths, _NULL)
            self._place = place

    def take(self, rows: Numbers) -> Bytes:
        """Return the texts of rows in which they have one length."""
        place = self._place.take(rows)
        width = self._widths[place[0]]
        first, end = np.searchsorted(self._widths, [width, width + 1])
        begin = self._begins[first]
        texts = self._texts[begin : begin + (end - first) * width].reshape(-1, width)
        taken: Bytes = texts.take(place - first, axis=0)
        return taken


def _as_bytes(numbers: npt.NDArray[np.generic]) -> Bytes:
    width = numbers.itemsize * int(np.prod(numbers.shape[1:]))
    return np.ascontiguousarray(numbers).view(np.uint8).reshape(len(numbers), width)
