"""Questions about classes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, literal, not_, or_
from sqlmodel import col, select

from services.monitoring.assistance.model import Measure, MeasureStatus
from services.monitoring.classes import errors
from services.monitoring.classes.model import SupportClass
from services.monitoring.classes.rules import class_set, class_sets
from services.monitoring.classes.schemas import (
    ClassQuery,
    ClassView,
    PlaceQuery,
    SuggestionView,
    SupportView,
    UnclassifiedView,
    VillageQuery,
)
from services.monitoring.classes.suggestions import suggestions
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.replicas.queries import households_of
from shared.database import Change, Page, PageQuery, Reader, inside
from shared.database.history import story
from shared.database.paging import cut, decode_cursor
from shared.domain.division import Level, level_of


async def page_of(db: Reader, query: ClassQuery, page: PageQuery) -> Page[ClassView]:
    """Return classes in the order in which they were first proposed."""
    conditions = list(_matching(query))
    found = await db.page(select(SupportClass).where(*conditions), order=[col(SupportClass.id)], page=page)
    households = await households_of(db, [row.household_id for row in found.items])
    return found.each(lambda row: ClassView.of(row, households.get(row.household_id)))


async def get_class(db: Reader, class_id: UUID) -> tuple[SupportClass, ClassView]:
    """Return a class, and how it is shown."""
    row = await db.get(SupportClass, class_id)
    households = await households_of(db, [row.household_id])
    return row, ClassView.of(row, households.get(row.household_id))


async def story_of(db: Reader, class_id: UUID) -> list[Change]:
    """Return all changes to a household's class of a year, oldest first."""
    await db.get(SupportClass, class_id)
    return story(await db.history(class_id, SupportClass))


async def page_of_suggestions(db: Reader, query: VillageQuery, page: PageQuery) -> Page[SuggestionView]:
    """Return what the rules of today suggest in a village."""
    if level_of(query.division) is not Level.VILLAGE:
        raise errors.VillageNeeded
    after = decode_cursor(page.cursor, [UUID])[0] if page.cursor else UUID(int=0)
    # A village's households are some hundreds: all of them are judged by one statement.
    found = await suggestions(db, query.division, year=query.year, on=db.today)
    rest = [each for each in found if each.household_id > after]
    paged = cut(rest[: page.limit + 1], page.limit, lambda last: [last.household_id])
    households = await households_of(db, [each.household_id for each in paged.items])
    return paged.each(lambda each: SuggestionView.of(each, households.get(each.household_id)))


async def page_of_unclassified(db: Reader, query: PlaceQuery, page: PageQuery) -> Page[UnclassifiedView]:
    """Return lifted households that are not under watch and have no class in force for the year."""
    in_force = exists().where(*_of_household(query.year), col(SupportClass.decided_class).is_not(None))
    wanted = select(HouseholdReplica).where(
        inside(HouseholdReplica.division_code, query.division), *_to_classify(), ~in_force
    )
    found = await db.page(wanted, order=[col(HouseholdReplica.id)], page=page)
    ids = [household.id for household in found.items]
    pending = select(SupportClass).where(
        col(SupportClass.household_id).in_(ids), col(SupportClass.year) == query.year
    )
    known = {row.household_id: row for row in await db.all(pending)}
    return found.each(lambda household: _unclassified(household, known.get(household.id)))


def support_of(division_code: str, on: date) -> list[SupportView]:
    """Return what each class asks for, by the rules that hold in a division on a day."""
    rule = class_set(division_code, on)
    return [
        SupportView(
            support_class=name,
            zh=support.zh,
            en=support.en,
            measures=list(support.measures),
            version=rule.version,
            source=rule.source,
        )
        for name, support in rule.support.items()
    ]


def _unclassified(household: HouseholdReplica, row: SupportClass | None) -> UnclassifiedView:
    return UnclassifiedView(
        household_id=household.id,
        household_number=household.number,
        **household.model_dump(include={"division_code", "head_name"}),
        class_id=row.id if row else None,
        stage=row.stage if row else None,
    )


def _to_classify() -> Iterator[ColumnElement[bool]]:
    yield col(HouseholdReplica.kind) == "lifted"
    yield col(HouseholdReplica.member_count) > 0
    yield ~exists().where(
        col(MonitoredObject.household_id) == col(HouseholdReplica.id),
        col(MonitoredObject.status).in_(UNDER_WATCH),
    )


def _of_household(year: int) -> Iterator[ColumnElement[bool]]:
    yield col(SupportClass.household_id) == col(HouseholdReplica.id)
    yield col(SupportClass.year) == year


def _matching(query: ClassQuery) -> Iterator[ColumnElement[bool]]:
    if query.division:
        yield inside(SupportClass.division_code, query.division)
    for column, wanted in (
        (col(SupportClass.stage), query.stage),
        (col(SupportClass.decided_class), query.support_class),
        (col(SupportClass.departure), query.departure),
    ):
        if wanted:
            yield column.in_(wanted)
    if query.year is not None:
        yield col(SupportClass.year) == query.year
    if query.household_id is not None:
        yield col(SupportClass.household_id) == query.household_id
    for wished, holds in (
        (query.changed, CHANGED),
        (query.differs, col(SupportClass.proposed_class) != col(SupportClass.suggested_class)),
        (query.unsupported, _unsupported()),
    ):
        if wished is not None:
            yield holds if wished else not_(holds)


#: A class that holds, and another one than before.
CHANGED = and_(
    col(SupportClass.decided_class).is_not(None),
    col(SupportClass.previous_class).is_not(None),
    col(SupportClass.decided_class).is_distinct_from(col(SupportClass.previous_class)),
)


def _unsupported() -> ColumnElement[bool]:
    """Say that the class in force asks for a measure, by the rules it was suggested by, and none is planned."""
    lacking = [
        and_(
            col(SupportClass.rule) == rule.version,
            col(SupportClass.decided_class) == name,
            ~exists().where(
                col(Measure.household_id) == col(SupportClass.household_id),
                col(Measure.status) != MeasureStatus.STOPPED,
                col(Measure.kind).in_(support.measures),
            ),
        )
        for rule in class_sets()
        for name, support in rule.support.items()
        if support.measures
    ]
    return case((or_(*lacking), literal(True)), else_=literal(False))
