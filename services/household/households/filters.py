"""Which households are asked for: one line a filter, the same for lists and for exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement
from sqlmodel import col

from services.household.households.fields import Year
from services.household.households.model import Household
from shared.database import inside
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.moment import Moment

Condition = ColumnElement[bool]


class HouseholdFilter(BaseModel):
    """Which households: all that is said must hold; of a list, any of its values."""

    division: DivisionCode | None = None
    kind: list[Annotated[str, Coded("household_kind")]] = []
    q: Annotated[str, Field(description="户主姓名开头 beginning of the head's name")] | None = None
    number: Annotated[str, Field(description="户编号 household number")] | None = None
    group: Annotated[list[str], Field(description="村民组 villagers' group")] = []
    grid: UUID | None = None
    official: Annotated[str, Field(description="帮扶责任人姓名 the responsible official's name")] | None = (
        None
    )
    minimum_living: bool | None = None
    destitute: bool | None = None
    relocated: bool | None = None
    lifted_year: list[Year] = []
    main_cause: list[Annotated[str, Coded("main_cause")]] = []
    housing_grade: list[Annotated[str, Coded("housing_grade")]] = []
    water_safe: bool | None = None
    people: Annotated[bool | None, Field(description="是否有在册成员 whether anybody is there")] = None
    updated_since: Moment | None = None


_EQUAL: dict[str, Any] = {
    "number": Household.number,
    "grid": Household.grid_id,
    "official": Household.official_name,
    "minimum_living": Household.minimum_living,
    "destitute": Household.destitute,
    "relocated": Household.relocated,
    "water_safe": Household.water_safe,
}
_ONE_OF: dict[str, Any] = {
    "kind": Household.kind,
    "group": Household.group_name,
    "lifted_year": Household.lifted_year,
    "main_cause": Household.main_cause,
    "housing_grade": Household.housing_grade,
}
_OTHERS: dict[str, Callable[[Any], Condition]] = {
    "division": lambda code: inside(Household.division_code, code),
    # As a range, since LIKE never uses an index under row-level security.
    "q": lambda beginning: _between(Household.head_name, beginning, beginning + "\U0010ffff"),
    "people": lambda some: col(Household.member_count) > 0 if some else col(Household.member_count) == 0,
    "updated_since": lambda moment: col(Household.changed_at) >= moment,
}


def conditions(wanted: HouseholdFilter) -> Iterator[Condition]:
    """Yield what must hold of a household."""
    for name in HouseholdFilter.model_fields:
        value = getattr(wanted, name)
        if value is None or value == []:
            continue
        if name in _EQUAL:
            yield col(_EQUAL[name]) == value
        elif name in _ONE_OF:
            yield col(_ONE_OF[name]).in_(value)
        else:
            yield _OTHERS[name](value)


def _between(column: Any, low: str, high: str) -> Condition:
    return (col(column) >= low) & (col(column) < high)
