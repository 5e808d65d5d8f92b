"""Whom the registry knows in a county, in columns: what a batch is matched with."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date
from struct import Struct

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import select
from sqlmodel import col

from services.monitoring.replicas.model import Division
from shared.database import Reader, inside
from shared.domain.division import area_range, town_of

Bytes = npt.NDArray[np.uint8]

#: Everything of one length stands before the name, so that all rows are cut at the same places.
_PERSONS = """
    SELECT household_id, member_id, division_code, coalesce(number_index, decode(repeat('00', 32), 'hex')),
        coalesce(left_on, '4000-01-01'::date), coalesce(birth_date, '1000-01-01'::date), relationship = 'head', name_key
    FROM person_replica WHERE division_code >= $1 AND division_code < $2
"""
_HEADER = 19
_FIXED, _LENGTH = 119, Struct(">i")
_HOUSEHOLD, _MEMBER, _DIVISION = slice(6, 22), slice(26, 42), slice(46, 58)
_INDEX, _LEFT, _BORN, _HEAD = slice(62, 94), slice(98, 102), slice(106, 110), 114
_POWERS = 10 ** np.arange(11, -1, -1, dtype=np.int64)
_EPOCH = date(2000, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
_PRESENT, _UNBORN = date(4000, 1, 1), date(1000, 1, 1)


@dataclass(frozen=True)
class Registry:
    """The persons of a county, and its divisions. A person is a place in the columns."""

    household: Bytes
    member: Bytes
    #: As ASCII.
    division: Bytes
    #: person, name, born, head, left_on, division: of everybody.
    persons: pl.DataFrame
    #: low, high (the blind index), person: of each number whoever is present, else whoever left last.
    numbers: pl.DataFrame
    #: Names and codes of divisions, as rows may tell them, to codes.
    divisions: dict[str, str]


async def read_registry(db: Reader, division_code: str) -> Registry:
    """Read whom the registry knows in a division: as of this transaction, in some 150 bytes a person."""
    low, high = area_range(division_code)
    copied = await db.copy_out(_PERSONS, low, high)
    return await asyncio.to_thread(_registry, copied, await _divisions(db, division_code))


def halves(indexes: Bytes) -> dict[str, pl.Series]:
    """Return the first half of blind indexes as two numbers: enough to tell any two apart, and quick to join on."""
    words = np.ascontiguousarray(indexes[:, :16]).view(np.uint64)
    return {"low": pl.Series(words[:, 0]), "high": pl.Series(words[:, 1])}


def _registry(copied: bytes, divisions: dict[str, str]) -> Registry:
    starts, names = _cut(copied)
    if not len(starts):
        copied = bytes(_FIXED)
    rows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(copied, np.uint8), _FIXED)[starts]
    persons = pl.DataFrame(
        {
            "person": np.arange(len(rows), dtype=np.uint32),
            "name": pl.Series(names, dtype=pl.Binary).cast(pl.String),
            "born": _days(rows[:, _BORN]),
            "head": rows[:, _HEAD] > 0,
            "left_on": _days(rows[:, _LEFT]),
            "division": (rows[:, _DIVISION] - ord("0")).astype(np.int64) @ _POWERS,
        }
    ).with_columns(
        pl.col("left_on").replace(_PRESENT, None),
        pl.col("born").replace(_UNBORN, None),
        pl.col("division").cast(pl.String),
    )
    numbers = persons.select("person", "left_on", **halves(rows[:, _INDEX]))
    numbers = numbers.filter((pl.col("low") != 0) | (pl.col("high") != 0))
    here = numbers.filter(pl.col("left_on").is_null()).unique(["low", "high"], keep="first")
    gone = numbers.drop_nulls("left_on").sort("left_on", descending=True, maintain_order=True)
    gone = gone.unique(["low", "high"], keep="first").join(here, on=["low", "high"], how="anti")
    household, member, division = (
        np.ascontiguousarray(rows[:, cut]) for cut in (_HOUSEHOLD, _MEMBER, _DIVISION)
    )
    found = pl.concat([here, gone]).select("low", "high", "person")
    return Registry(household, member, division, persons, found, divisions)


def _cut(copied: bytes) -> tuple[npt.NDArray[np.int64], list[bytes]]:
    """Return where each row begins, and its name: the one thing that differs in length."""
    starts, names = [], []
    place, length_at = _HEADER, _LENGTH.unpack_from
    # Two bytes of -1 end it all.
    while place + 2 < len(copied):
        starts.append(place)
        end = place + _FIXED
        (length,) = length_at(copied, end - 4)
        place = end + length
        names.append(copied[end:place])
    return np.array(starts, np.int64), names


def _days(words: Bytes) -> pl.Series:
    days = np.ascontiguousarray(words).view(">i4").reshape(-1).astype(np.int32) + _EPOCH
    return pl.Series(days).cast(pl.Date)


async def _divisions(db: Reader, division_code: str) -> dict[str, str]:
    """Return every way to write a division of the county that means one only: code, name, town and village."""
    statement = select(col(Division.code), col(Division.name))
    names = {
        row.code: row.name for row in await db.rows(statement.where(inside(Division.code, division_code)))
    }
    written = {(name, code) for code, name in names.items()}
    written |= {(names.get(town_of(code), "") + name, code) for code, name in names.items()}
    times = Counter(name for name, _ in written)
    return {name: code for name, code in written if times[name] == 1} | {code: code for code in names}
