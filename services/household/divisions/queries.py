"""Questions about divisions. Names and codes are public: no area limits them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from services.household.divisions.model import Division, FormerName, Grid
from services.household.divisions.schemas import (
    DivisionTree,
    DivisionView,
    DivisionWithPath,
    FormerNameView,
)
from shared.database import Page, PageQuery, Reader
from shared.domain.division import Level, ancestors_of

_AFTER = "\U0010ffff"


async def list_divisions(
    db: Reader, page: PageQuery, *, parent: str | None, level: Level | None, q: str | None, on: date | None
) -> Page[DivisionView]:
    """List by code the divisions that there are on a day, today unless said otherwise, as they were called then."""
    day = on or db.today
    wanted = select(Division).where(_there(day))
    if parent:
        wanted = wanted.where(Division.parent_code == parent)
    if level:
        wanted = wanted.where(Division.level == level.value)
    if q:
        wanted = wanted.where(_called(q))
    found = await db.page(wanted, order=[Division.code], page=page)
    views = await _views(db, found.items, day)
    return found.with_items(views)


async def tree_below(db: Reader, root: str, *, depth: int, on: date | None) -> DivisionTree:
    """Return a division with those below it, ``depth`` levels down, as they were on a day."""
    day = on or db.today
    levels = [[await db.one(select(Division).where(Division.code == root, _there(day)))]]
    for _ in range(depth):
        codes = [each.code for each in levels[-1]]
        below = select(Division).where(col(Division.parent_code).in_(codes), _there(day))
        levels.append(await db.all(below.order_by(Division.code)))
    views = await _views(db, [each for level in levels for each in level], day)
    nodes = {view.code: DivisionTree(**view.model_dump(), children=[]) for view in views}
    for node in nodes.values():
        if node.code != root and node.parent_code:
            nodes[node.parent_code].children.append(node)
    return nodes[root]


async def get_division(db: Reader, code: str) -> DivisionWithPath:
    """Return a division, there still or no more, with its path and its former names."""
    division = await db.one(select(Division).where(Division.code == code))
    above = await db.all(
        select(Division).where(col(Division.code).in_(ancestors_of(code))).order_by(Division.code)
    )
    below = select(func.count()).select_from(Division)
    children = await db.scalar(below.where(Division.parent_code == code, _there(db.today)))
    names = select(FormerName).where(FormerName.code == code).order_by(col(FormerName.until))
    return DivisionWithPath(
        **DivisionView.of(division).model_dump(),
        path=[DivisionView.of(each) for each in above],
        children=children,
        former_names=[FormerNameView(name=each.name, until=each.until) for each in await db.all(names)],
    )


async def find_village(db: Reader, code: str) -> Division | None:
    """Return a village, there still or no more."""
    return await db.first(
        select(Division).where(Division.code == code, Division.level == Level.VILLAGE.value)
    )


async def grid_of_group(db: Reader, village: str, group: str | None) -> UUID | None:
    """Return the grid that a villagers' group belongs to as a whole."""
    if group is None:
        return None
    wanted = select(Grid.id).where(Grid.division_code == village, col(Grid.closed_on).is_(None))
    return await db.first(wanted.where(col(Grid.groups).contains([group])))


async def divisions_of(db: Reader, codes: Collection[str]) -> dict[str, Division]:
    """Return divisions by their codes."""
    found = await db.all(select(Division).where(col(Division.code).in_(codes)))
    return {each.code: each for each in found}


def _there(day: date) -> ColumnElement[bool]:
    begun = or_(col(Division.valid_from).is_(None), col(Division.valid_from) <= day)
    return begun & or_(col(Division.valid_until).is_(None), col(Division.valid_until) > day)


def _called(q: str) -> ColumnElement[bool]:
    """Return what holds of a name with these signs in it, or that begins with these letters."""
    if not q.isascii():
        return col(Division.name).contains(q, autoescape=True)
    letters = "".join(letter for letter in q.lower() if letter.isalnum())
    return or_(
        *(
            (col(column) >= letters) & (col(column) < letters + _AFTER)
            for column in (Division.pinyin, Division.initials)
        )
    )


async def _views(db: Reader, divisions: Sequence[Division], day: date) -> list[DivisionView]:
    """Show divisions by the names of that day."""
    former = await _former_names(db, (each.code for each in divisions), day) if day < db.today else {}
    views = [DivisionView.of(each) for each in divisions]
    return [view.model_copy(update={"name": former.get(view.code, view.name)}) for view in views]


async def _former_names(db: Reader, codes: Iterable[str], day: date) -> dict[str, str]:
    wanted = select(FormerName).where(col(FormerName.code).in_(set(codes)), col(FormerName.until) > day)
    names: dict[str, list[str]] = defaultdict(list)
    for each in await db.all(wanted.order_by(col(FormerName.until))):
        names[each.code].append(each.name)
    return {code: earliest for code, (earliest, *_later) in names.items()}
