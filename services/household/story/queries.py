"""The story of a household: its rows' versions, turned into what people did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.household.changes.model import NaturalChange
from services.household.consents.model import Consent
from services.household.divisions.model import Division, Grid
from services.household.households.model import Household, Income, Member
from services.household.households.private import MASKS
from services.household.officials.model import OfficialContact, OfficialTerm
from services.household.story.schemas import Chapter, HistoryLine
from services.household.story.sources import source_of
from services.household.story.words import REFERENCES, TOLD_BY_NATURAL_CHANGE, Step, Teller
from shared.database import Page, PageQuery, Reader
from shared.database.history import story
from shared.database.paging import decode_cursor, encode_cursor
from shared.web.language import Language

#: In the order in which one moment is told.
_TOLD = (NaturalChange, Household, Member, Income, OfficialTerm, OfficialContact, Consent)
_ORDER = {model.__tablename__: place for place, model in enumerate(_TOLD)}  # type: ignore[attr-defined]
_PRIVATE = frozenset(MASKS) | {"number_index"} | {f"{field}_index" for field in MASKS}


async def history_of(db: Reader, household_id: UUID, language: Language) -> list[HistoryLine]:
    """Return a household's steps, row by row: who changed what, when, why, from which source."""
    steps = await _steps(db, household_id)
    teller = Teller(language, await _names(db, steps))
    return [
        HistoryLine(
            what=step.change.table,
            row_id=step.change.row_id,
            kind=step.change.kind,
            at=step.change.at,
            by=step.change.by,
            reason=step.change.reason,
            source=source,
            words=teller.line(step),
            fields=step.change.fields,
        )
        for together in _together(steps)
        for source in [source_of([each.change for each in together])]
        for step in together
        if not _is_natural_change(step)
    ]


async def story_of(db: Reader, household_id: UUID, language: Language, page: PageQuery) -> Page[Chapter]:
    """Return a household's story: what somebody did at one moment is one chapter, in sentences."""
    steps = await _steps(db, household_id)
    teller = Teller(language, await _names(db, steps))
    chapters = [_chapter(together, teller) for together in _together(steps)]
    return _page([chapter for chapter in chapters if chapter.words], page)


async def _steps(db: Reader, household_id: UUID) -> list[Step]:
    """Return all that happened, by moment and author."""
    await db.get(Household, household_id)
    changes = story(await db.history(household_id, *_TOLD), hidden=_PRIVATE)
    rows: dict[str, dict[str, Any]] = {}
    steps = []
    for change in sorted(changes, key=lambda change: (change.at, change.by, _ORDER[change.table])):
        row = rows.setdefault(str(change.row_id), {})
        row |= {field: after for field, (_, after) in change.fields.items()}
        if change.table == Consent.__tablename__:
            row["whose"] = rows.get(row.get("member_id", ""), {}).get("name")
        steps.append(Step(change, dict(row)))
    return steps


def _together(steps: Sequence[Step]) -> list[list[Step]]:
    by_moment = groupby(steps, key=lambda step: (step.change.at, step.change.by))
    return [list(together) for _, together in by_moment]


def _chapter(together: Sequence[Step], teller: Teller) -> Chapter:
    first = together[0].change
    told = TOLD_BY_NATURAL_CHANGE if any(map(_is_natural_change, together)) else frozenset()
    words = [teller.sentence(step, told=told) for step in together]
    return Chapter(
        at=first.at,
        by=first.by,
        reason=first.reason,
        source=source_of([step.change for step in together]),
        words=[each for each in words if each],
    )


def _page(chapters: Sequence[Chapter], page: PageQuery) -> Page[Chapter]:
    """Return a page of what has been told: no two chapters are by the same author at the same moment."""
    left = chapters
    if page.cursor:
        after = decode_cursor(page.cursor, [datetime, str])
        left = [each for each in chapters if [each.at, each.by] > after]
    items = left[: page.limit]
    last = [items[-1].at, items[-1].by] if len(left) > page.limit else None
    total = len(chapters) if page.count else None
    return Page(items=items, next=encode_cursor(last) if last else None, total=total)


async def _names(db: Reader, steps: Sequence[Step]) -> dict[str, str]:
    """Return what the divisions, grids and other households are called that the steps refer to."""
    changed = [step.change.fields.items() for step in steps]
    named = {
        str(value)
        for fields in changed
        for field, values in fields
        if field in REFERENCES
        for value in values
        if value is not None
    }
    ids = [UUID(each) for each in named if "-" in each]
    names = await db.rows(select(Division.code, Division.name).where(col(Division.code).in_(named)))
    names = [*names, *await db.rows(select(Grid.id, Grid.name).where(col(Grid.id).in_(ids)))]
    names += await db.rows(select(Household.id, Household.number).where(col(Household.id).in_(ids)))
    return {str(key): name for key, name in names}


def _is_natural_change(step: Step) -> bool:
    return step.change.table == NaturalChange.__tablename__
