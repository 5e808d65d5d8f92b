"""The story of a household: its rows' versions, turned into what people did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select

from services.household.changes.model import NaturalChange
from services.household.consents.model import Consent
from services.household.corrections.model import Correction
from services.household.divisions.model import Division, Grid
from services.household.households.model import Household, Income, Member
from services.household.households.private import MASKS
from services.household.households.sources import ChangeSource, Source
from services.household.officials.model import OfficialContact, OfficialTerm
from services.household.story.schemas import Chapter, HistoryLine
from services.household.story.words import REFERENCES, TOLD_BY_NATURAL_CHANGE, Step, Teller
from shared.database import Page, PageQuery, Reader
from shared.database.history import Change, story
from shared.database.paging import cut, decode_cursor
from shared.identity.principal import system
from shared.web.language import Language

#: In the order in which one moment is told.
_TOLD = (NaturalChange, Household, Member, Income, OfficialTerm, OfficialContact, Consent)
_ORDER = {model.__tablename__: place for place, model in enumerate(_TOLD)}  # type: ignore[attr-defined]
_SYSTEM = system("household").name
_PRIVATE = frozenset(MASKS) | {"number_index"} | {f"{field}_index" for field in MASKS}


@dataclass(frozen=True)
class Moment:
    """What somebody did at one moment, and what it came from."""

    steps: Sequence[Step]
    source: Source
    #: The natural change, or what else has a record of its own.
    source_id: UUID | None

    @property
    def first(self) -> Change:
        """One for all of them in moment, author and reason."""
        return self.steps[0].change


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
            source=moment.source,
            source_id=moment.source_id,
            words=teller.line(step),
            fields=step.change.fields,
        )
        for moment in await _moments(db, steps)
        for step in moment.steps
        if not step.is_of_book
    ]


async def story_of(db: Reader, household_id: UUID, language: Language, page: PageQuery) -> Page[Chapter]:
    """Return a household's story: what somebody did at one moment is one chapter, in sentences."""
    steps = await _steps(db, household_id)
    teller = Teller(language, await _names(db, steps))
    chapters = [_chapter(moment, teller) for moment in await _moments(db, steps)]
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


async def _moments(db: Reader, steps: Sequence[Step]) -> list[Moment]:
    stamps = {(step.change.at, step.change.by) for step in steps}
    columns = tuple_(col(ChangeSource.changed_at), col(ChangeSource.changed_by))
    said = await db.all(select(ChangeSource).where(columns.in_(stamps)))
    noted = {(each.changed_at, each.changed_by): each for each in said}
    made = await db.all(
        select(Correction).where(
            col(Correction.household_id).in_({step.change.row_id for step in steps}),
            col(Correction.household_version).is_not(None),
        )
    )
    corrected = {(each.household_id, each.household_version or 0): each for each in made}
    by_moment = groupby(steps, key=lambda step: (step.change.at, step.change.by))
    return [_moment(list(together), noted.get(stamp), corrected) for stamp, together in by_moment]


def _moment(
    steps: Sequence[Step], noted: ChangeSource | None, corrected: Mapping[tuple[UUID, int], Correction]
) -> Moment:
    # The book of natural changes says for itself what came from it.
    if natural := [step.change.row_id for step in steps if step.is_natural_change]:
        return Moment(steps, Source.NATURAL_CHANGE, natural[0])
    for step in steps:
        if correction := corrected.get((step.change.row_id, step.change.version)):
            return Moment(steps, Source(correction.source), correction.source_id)
    if noted:
        return Moment(steps, Source(noted.source), noted.source_id)
    return Moment(steps, Source.SYSTEM if steps[0].change.by == _SYSTEM else Source.ENTRY, None)


def _chapter(moment: Moment, teller: Teller) -> Chapter:
    told = TOLD_BY_NATURAL_CHANGE if moment.source is Source.NATURAL_CHANGE else frozenset()
    words = [teller.sentence(step, told=told) for step in moment.steps]
    return Chapter(
        at=moment.first.at,
        by=moment.first.by,
        reason=moment.first.reason,
        source=moment.source,
        source_id=moment.source_id,
        words=[each for each in words if each],
    )


def _page(chapters: Sequence[Chapter], page: PageQuery) -> Page[Chapter]:
    """Return a page of what has been told: no two chapters are by the same author at the same moment."""
    left = chapters
    if page.cursor:
        after = decode_cursor(page.cursor, [datetime, str])
        left = [each for each in chapters if [each.at, each.by] > after]
    total = len(chapters) if page.count else None
    return cut(left, page.limit, lambda last: [last.at, last.by], total=total)


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
