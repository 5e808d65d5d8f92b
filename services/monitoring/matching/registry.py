"""Whom the registry knows in a county, in columns: what a batch is matched with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import select
from sqlmodel import col

from services.monitoring.matching.directory import NOWHERE, Directory, Words
from services.monitoring.replicas.model import Division
from shared.database import Reader, inside
from shared.domain.division import area_range
from shared.domain.place_name import PlaceNames

Bytes = npt.NDArray[np.uint8]

#: All persons of a town as one value a column, since a message from PostgreSQL for each person costs more than what it
#: holds. What has one length stands there as bytes; names are lines.
_PERSONS = """
    SELECT string_agg(uuid_send(household_id), '') AS household, string_agg(uuid_send(member_id), '') AS member,
        string_agg(division_code, '') AS division,
        string_agg(coalesce(substring(number_index FOR 16), decode(repeat('00', 16), 'hex')), '') AS index,
        string_agg(int4send(coalesce(left_on - date '2000-01-01', 2000000000)), '') AS left_on,
        string_agg(int4send(coalesce(birth_date - date '2000-01-01', 2000000000)), '') AS born,
        string_agg(CASE relationship WHEN 'head' THEN '1' ELSE '0' END, '') AS head,
        string_agg(name_key, E'\n') AS names
    FROM person_replica WHERE division_code >= $1 AND division_code < $2 {}
    GROUP BY left(division_code, 9)
"""
#: The numbers by a subquery: as constants, each is weighed by the planner, and written out for each parallel worker. As
#: one value, since the driver takes longer to send a list of them than PostgreSQL to cut it.
_OF_SOME = _PERSONS.format(
    """AND number_index = ANY(CAST((
        SELECT array_agg(substring(CAST($3 AS bytea) FROM 32 * place + 1 FOR 32))
        FROM generate_series(0, length(CAST($3 AS bytea)) / 32 - 1) place) AS bytea[]))"""
)
_OF_HOUSEHOLDS = _PERSONS.format("AND household_id = ANY($3)")
_OF_EVERYBODY = _PERSONS.format("")
NOBODY = -1
#: A day that is not told.
_NO_DAY = 2_000_000_000
_POWERS = 10 ** np.arange(11, -1, -1, dtype=np.int64)
_EPOCH = date(2000, 1, 1).toordinal() - date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Persons:
    """Persons in columns: somebody is a place in each of them."""

    household: Bytes
    member: Bytes
    #: As ASCII.
    division: Bytes
    #: The first half of the blind index, enough to tell any two apart; zeros for none.
    index: Bytes
    #: name, born, head, left_on, division (as a number).
    known: pl.DataFrame

    def __add__(self, others: Persons) -> Persons:
        return Persons(
            np.concatenate([self.household, others.household]),
            np.concatenate([self.member, others.member]),
            np.concatenate([self.division, others.division]),
            np.concatenate([self.index, others.index]),
            pl.concat([self.known, others.known]),
        )

    def without(self, households: Sequence[UUID]) -> Persons:
        """Return all but the people of these households."""
        ids = {each.bytes for each in households}
        # The random half of an id finds whom to look at.
        random = pl.Series(_words(self.household)[:, 1])
        near = random.is_in([int(np.frombuffer(each, np.uint64)[1]) for each in ids]).arg_true().to_numpy()
        is_staying = np.ones(len(self.household), np.bool_)
        is_staying[[place for place in near if self.household[place].tobytes() in ids]] = False
        return Persons(
            self.household[is_staying],
            self.member[is_staying],
            self.division[is_staying],
            self.index[is_staying],
            self.known.filter(is_staying),
        )


@dataclass(frozen=True)
class Numbers:
    """Blind indexes in order, each with its person; of several who is present, then who left last."""

    low: Directory
    high: Words
    person: npt.NDArray[np.int64]

    @classmethod
    def of(cls, persons: Persons) -> Numbers:
        """Put the numbers of persons in order."""
        low, high = _words(persons.index).T
        left_on = persons.known["left_on"].cast(pl.Int32).fill_null(_NO_DAY).to_numpy()
        person = np.argsort(-left_on, kind="stable")
        person = person[(low[person] != 0) | (high[person] != 0)]
        person = person[np.argsort(low[person], kind="stable")]
        return cls(Directory.of(low[person]), high[person], person)

    def find(self, indexes: Bytes) -> npt.NDArray[np.int64]:
        """Return whose numbers these are: persons, and ``NOBODY``."""
        if not len(self.person):
            return np.full(len(indexes), NOBODY)
        low, high = _words(indexes).T
        place = self.low.find(low)
        while len(others := np.flatnonzero((place != NOWHERE) & (self.high.take(place) != high))):
            following = place[others] + 1
            place[others] = np.where(self.low.holds(following, low[others]), following, NOWHERE)
        return np.where(place == NOWHERE, NOBODY, self.person.take(place))


@dataclass(frozen=True)
class Registry:
    """The persons of a county, and its divisions."""

    persons: Persons
    numbers: Numbers
    divisions: PlaceNames


async def read_registry(db: Reader, division_code: str, indexes: Bytes | None = None) -> Registry:
    """Read whom the registry knows in a division, as of now: of everybody, some 150 bytes a person.

    With ``indexes`` only who has one of these numbers, which is quicker for a county's usual files of a few rows.
    """
    area = area_range(division_code)
    if indexes is None:
        towns = await db.glance(_OF_EVERYBODY, *area)
    else:
        # In the order in which the index has them, it is walked once.
        asked = np.unique(np.ascontiguousarray(indexes).view("S32"))
        towns = await db.glance(_OF_SOME, *area, asked.tobytes())
    divisions = await read_divisions(db, division_code)
    return await asyncio.to_thread(registry_of, _persons(towns), divisions)


async def read_households(db: Reader, division_code: str, households: Sequence[UUID]) -> Persons:
    """Read who of these households the registry knows in a division, as of now."""
    return _persons(await db.glance(_OF_HOUSEHOLDS, *area_range(division_code), households))


def registry_of(persons: Persons, divisions: PlaceNames) -> Registry:
    """Make persons ready to be looked up."""
    return Registry(persons, Numbers.of(persons), divisions)


def _words(values: Bytes) -> Words:
    """Return the first half of blind indexes, or ids, as two numbers each."""
    return np.ascontiguousarray(values[:, :16]).view(np.uint64)


def _persons(towns: Sequence[Mapping[str, Any]]) -> Persons:
    household, member, index = (_bytes(towns, name, 16) for name in ("household", "member", "index"))
    division = _bytes(towns, "division", 12)
    names = "\n".join(town["names"] for town in towns).split("\n") if towns else []
    known = pl.DataFrame(
        {
            "name": pl.Series(names, dtype=pl.String),
            "born": _days(towns, "born"),
            "head": (_bytes(towns, "head", 1) == ord("1"))[:, 0],
            "left_on": _days(towns, "left_on"),
            "division": (division - ord("0")).astype(np.int64) @ _POWERS,
        }
    )
    return Persons(household, member, division, index, known)


def _bytes(towns: Sequence[Mapping[str, Any]], name: str, width: int) -> Bytes:
    """Return a column of values of one length, one a row."""
    values = [town[name] for town in towns]
    joined = b"".join(value.encode() if isinstance(value, str) else value for value in values)
    return np.frombuffer(joined, np.uint8).reshape(-1, width)


def _days(towns: Sequence[Mapping[str, Any]], name: str) -> pl.Series:
    days = pl.Series(_bytes(towns, name, 4).view(">i4")[:, 0].astype(np.int32))
    return pl.select(pl.when(days != _NO_DAY).then(days + _EPOCH).cast(pl.Date)).to_series()


async def read_divisions(db: Reader, division_code: str) -> PlaceNames:
    """Read the names of the county's divisions."""
    statement = select(col(Division.code), col(Division.name))
    rows = await db.rows(statement.where(inside(Division.code, division_code)))
    return PlaceNames({row.code: row.name for row in rows})
