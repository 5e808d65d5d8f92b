"""The story of a household: its rows' versions, turned into what people did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from services.household.changes.model import NaturalChange
from services.household.consents.model import Consent
from services.household.households.model import Household, Income, Member
from services.household.households.private import MASKS
from services.household.officials.model import OfficialContact, OfficialTerm
from services.household.story.schemas import Chapter, HistoryLine
from services.household.story.sources import Source, source_of
from services.household.story.words import sentence
from shared.database import Reader
from shared.database.history import Change, story
from shared.web.language import Language

_TOLD = (Household, Member, Income, NaturalChange, OfficialTerm, OfficialContact, Consent)
_PRIVATE = frozenset(MASKS) | {"number_index"} | {f"{field}_index" for field in MASKS}


async def history_of(db: Reader, household_id: UUID, language: Language) -> list[HistoryLine]:
    """Return a household's steps, row by row: who changed what, when, why, from which source."""
    lines: list[HistoryLine] = []
    for together, source, words in await _chapters(db, household_id, language):
        lines += [
            HistoryLine(
                what=change.table,
                row_id=change.row_id,
                kind=change.kind,
                at=change.at,
                by=change.by,
                reason=change.reason,
                source=source,
                words=told,
                fields=change.fields,
            )
            for change, told in zip(together, words, strict=True)
            if change.table != NaturalChange.__tablename__
        ]
    return lines


async def story_of(db: Reader, household_id: UUID, language: Language) -> list[Chapter]:
    """Return a household's story: what somebody did at one moment is one chapter, in sentences."""
    return [
        Chapter(
            at=together[0].at,
            by=together[0].by,
            reason=together[0].reason,
            source=source,
            words=[told for told in words if told],
        )
        for together, source, words in await _chapters(db, household_id, language)
        if any(words)
    ]


async def _chapters(
    db: Reader, household_id: UUID, language: Language
) -> list[tuple[list[Change], Source, list[str]]]:
    await db.get(Household, household_id)
    changes = story(await db.history(household_id, *_TOLD), hidden=_PRIVATE)
    rows: dict[UUID, dict[str, Any]] = {}
    chapters = []
    for together in _together(changes):
        words = []
        for change in together:
            row = rows.setdefault(change.row_id, {})
            row |= {field: after for field, (_, after) in change.fields.items()}
            words.append(sentence(change, row.get, language))
        chapters.append((together, source_of(together), words))
    return chapters


def _together(changes: list[Change]) -> Iterator[list[Change]]:
    for _, group in groupby(changes, key=lambda change: (change.at, change.by)):
        yield list(group)
