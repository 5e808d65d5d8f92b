"""Shapes of grids."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.households.fields import Name, Phone
from shared.domain.division import DivisionCode

Words = Annotated[str, Field(min_length=1, max_length=100)]
Groups = Annotated[list[Words], Field(max_length=50)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewGrid(_Strict):
    """A grid of a village. The households of its groups belong to it without being named."""

    division_code: DivisionCode
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")]
    name: Words
    officer_name: Name | None = None
    officer_phone: Phone | None = None
    groups: Groups = []


class GridChange(_Strict):
    """What is to change: what is not given stays. Households of a group that is taken away stay in the grid."""

    name: Words = ""
    officer_name: Name | None = None
    officer_phone: Phone | None = None
    groups: Groups = []


class GridHouseholds(_Strict):
    """Households, by name, that belong to the grid from now on."""

    household_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class GridView(BaseModel):
    """A grid with its officer and how much it holds; the phone is masked unless the caller may see it."""

    id: UUID
    division_code: str
    number: str
    name: str
    officer_name: str | None
    officer_phone: str | None
    groups: list[str]
    closed_on: date | None
    households: int
    people: int
    version: int
