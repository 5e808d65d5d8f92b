"""Keyset paging: a page starts after the last row of the one before, whatever was inserted meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import Select, literal, tuple_

from shared.refusal import Refusal

T = TypeVar("T")
S = TypeVar("S")


class BadCursor(Refusal):
    """The cursor is not one of ours."""

    status = 400
    code = "bad_cursor"
    zh = "翻页游标无效"


class PageQuery(BaseModel):
    """``?limit=&cursor=&count=exact`` of every list."""

    limit: Annotated[int, Field(ge=1, le=200, description="每页条数。How many to a page.")] = 50
    cursor: Annotated[
        str | None,
        Field(description="上一页的 next；首页不填。`next` of the page before; none for the first."),
    ] = None
    count: Annotated[
        Literal["exact"] | None,
        Field(
            description="exact：同时给出总数 total，较慢。`exact`: tell the `total`, too, which takes longer."
        ),
    ] = None


class Page(BaseModel, Generic[T]):
    """One page of a list; ``next`` is the cursor of the following one, or null."""

    items: Sequence[T]
    next: str | None = None
    total: int | None = None

    def each(self, shown: Callable[[T], S]) -> Page[S]:
        """Return the same page with every item shown in another way."""
        return self.with_items([shown(item) for item in self.items])

    def with_items(self, items: Sequence[S]) -> Page[S]:
        """Return the same page of other things: those that its items were only the keys of."""
        return Page(items=items, next=self.next, total=self.total)


def cut(
    found: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]], *, total: int | None = None
) -> Page[T]:
    """Return the page of what was found, of which one more than ``limit`` was asked for to see whether more follows.

    ``key`` gives the sort key that the next page starts after.
    """
    items = found[:limit]
    return Page(items=items, next=encode_cursor(key(items[-1])) if len(found) > limit else None, total=total)


def from_cursor(
    statement: Select[*tuple[Any, ...]], order: Sequence[Any], page: PageQuery, *, newest_first: bool
) -> Select[*tuple[Any, ...]]:
    """Return a statement of a page's rows and one more."""
    ordered = [key.desc() for key in order] if newest_first else order
    wanted = statement.order_by(None).order_by(*ordered).limit(page.limit + 1)
    if not page.cursor:
        return wanted
    after = decode_cursor(page.cursor, [key.type.python_type for key in order])
    row = tuple_(*order)
    turned = tuple_(*(literal(value, key.type) for value, key in zip(after, order, strict=True)))
    return wanted.where(row < turned if newest_first else row > turned)


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        # Nobody knows when that was, and the driver takes none.
        raise ValueError("a moment without its offset")
    return moment


_DECODE: dict[str, Any] = {
    "u": UUID,
    "t": _moment,
    "d": date.fromisoformat,
    "n": Decimal,
    "v": lambda value: value,
}


def encode_cursor(values: Sequence[Any]) -> str:
    """Return an opaque cursor that holds the sort key of a page's last row."""
    return base64.urlsafe_b64encode(orjson.dumps([_tagged(value) for value in values])).decode().rstrip("=")


def decode_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the sort key in a cursor, whose values are of these ``kinds``, or refuse what is not ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        tagged = orjson.loads(base64.urlsafe_b64decode(padded))
        values = [_DECODE[tag](value) for tag, value in tagged]
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise BadCursor from error
    if len(values) != len(kinds) or not all(map(isinstance, values, kinds)):
        raise BadCursor
    return values


def _tagged(value: Any) -> tuple[str, Any]:
    match value:
        case UUID():
            return "u", str(value)
        case datetime():
            return "t", value.isoformat()
        case date():
            return "d", value.isoformat()
        case Decimal():
            return "n", str(value)
        case _:
            return "v", value
