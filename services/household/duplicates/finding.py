"""Finding probable duplicates of the people of some households: by keys in one join, then weighed two by two."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.household.duplicates.keys import EVER_OF, Person, facts_of, keep_keys, people, people_of
from shared.database import Writer
from shared.domain.division import smallest_around
from shared.domain.matching import REVIEW_FROM, Match, compare
from shared.keys import uuid7

#: People of one key who are looked at. A key that more people share tells nothing; others tell of the same pair.
_MOST_OF_ONE_KEY = 60
_CANDIDATES = text(
    """
    SELECT DISTINCT least(mine.member_id, theirs.member_id), greatest(mine.member_id, theirs.member_id)
    FROM unnest(CAST(:keys AS bigint[]), CAST(:members AS uuid[])) mine (key, member_id) CROSS JOIN LATERAL (
        SELECT member_id FROM match_key other WHERE other.key = mine.key AND other.member_id <> mine.member_id
        LIMIT :most
    ) theirs
    """
)
# What was decided stays decided, as long as both have the numbers that they had then.
_RAISE = text(
    """
    INSERT INTO probable_duplicate AS known
        (id, one_id, other_id, division_code, state, doubt, agreements, found_by, numbers)
    SELECT id, one_id, other_id, division_code, 'open', doubt, CAST(agreements AS jsonb), :found_by, numbers
    FROM unnest(CAST(:id AS uuid[]), CAST(:one_id AS uuid[]), CAST(:other_id AS uuid[]), CAST(:division AS text[]),
        CAST(:doubt AS numeric[]), CAST(:agreements AS text[]), CAST(:numbers AS bytea[]))
        found (id, one_id, other_id, division_code, doubt, agreements, numbers) ORDER BY one_id, other_id
    ON CONFLICT (one_id, other_id) DO UPDATE
    SET state = 'open', doubt = excluded.doubt, agreements = excluded.agreements, numbers = excluded.numbers,
        division_code = excluded.division_code, decided_at = NULL, decided_by = NULL, decision_reason = NULL
    WHERE CASE WHEN known.state IN ('not_duplicate', 'unmerged') THEN known.numbers <> excluded.numbers
        WHEN known.state = 'open' THEN (known.agreements, known.division_code, known.numbers)
            IS DISTINCT FROM (excluded.agreements, excluded.division_code, excluded.numbers)
        ELSE known.state = 'lapsed' END
    """
)
_LAPSE = text(
    """
    UPDATE probable_duplicate SET state = 'lapsed' WHERE state = 'open'
        AND (one_id = ANY(:members) OR other_id = ANY(:members))
        AND (one_id, other_id) NOT IN (SELECT * FROM unnest(CAST(:one_id AS uuid[]), CAST(:other_id AS uuid[])))
    """
)


@dataclass(frozen=True)
class Pair:
    """Two people who may be one, the smaller id first."""

    one: Person
    other: Person
    match: Match

    @property
    def numbers(self) -> bytes:
        """What is another once either has another number."""
        return sha256(b"|".join(each.number_index or b"" for each in (self.one, self.other))).digest()[:16]


async def find(db: Writer, household_ids: Collection[UUID], *, found_by: str) -> None:
    """Look for duplicates of these households' people everywhere; raise and lapse pairs.

    Runs for the system: the other record may lie in a place that whoever caused this does not see.
    """
    present = await people_of(db, household_ids)
    held = await keep_keys(db, household_ids, present)
    pairs = await _alike(db, held, {each.id: each for each in present})
    await _raise(db, pairs, found_by)
    ever = [key for (key,) in await db.rows(text(EVER_OF), {"households": list(household_ids)})]
    ids = {"one_id": [pair.one.id for pair in pairs], "other_id": [pair.other.id for pair in pairs]}
    await db.execute(_LAPSE, {"members": ever, **ids})


async def _alike(db: Writer, held: dict[str, list[Any]], known: dict[UUID, Person]) -> list[Pair]:
    found = await db.rows(_CANDIDATES, {**held, "most": _MOST_OF_ONE_KEY})
    candidates: list[tuple[UUID, UUID]] = [(one, other) for one, other in found]
    missing = {key for pair in candidates for key in pair} - known.keys()
    everybody = known | {each.id: each for each in await people(db, missing)}
    return [pair for pair in _weighed(candidates, everybody) if pair.match.score >= REVIEW_FROM]


def _weighed(candidates: Iterable[tuple[UUID, UUID]], everybody: dict[UUID, Person]) -> Iterable[Pair]:
    facts = {key: facts_of(person) for key, person in everybody.items()}
    # Of somebody who left a moment ago there may still be keys.
    for one, other in candidates:
        if one not in facts or other not in facts:
            continue
        yield Pair(everybody[one], everybody[other], compare(facts[one], facts[other]))


async def _raise(db: Writer, pairs: list[Pair], found_by: str) -> None:
    if not pairs:
        return
    columns: dict[str, list[Any]] = {
        "id": [uuid7() for _ in pairs],
        "one_id": [pair.one.id for pair in pairs],
        "other_id": [pair.other.id for pair in pairs],
        "division": [smallest_around(pair.one.division_code, pair.other.division_code) for pair in pairs],
        "doubt": [round(1 - pair.match.score, 4) for pair in pairs],
        "agreements": [
            orjson.dumps([asdict(each) for each in pair.match.agreements]).decode() for pair in pairs
        ],
        "numbers": [pair.numbers for pair in pairs],
    }
    await db.execute(_RAISE, columns | {"found_by": found_by})
