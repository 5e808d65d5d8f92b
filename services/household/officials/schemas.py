"""Shapes of officials, their terms, their contacts and their load."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.households.fields import Name, Phone
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Words = Annotated[str, Field(min_length=1, max_length=1000)]
Unit = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Official(_Strict):
    """Somebody who is responsible: the same name and unit are the same person."""

    name: Name
    unit: Unit
    phone: Phone | None = None


class Carrier(_Strict):
    """Whose households are meant: as the load names them, without a unit where none is known."""

    name: Name
    unit: Annotated[str, Field(max_length=200)] = ""


class ResponsibleOfficial(Official):
    """Who becomes responsible for a lifted household (帮扶责任人), and from when on; today unless said."""

    since: date | None = None


class EndOfTerm(_Strict):
    """Nobody is responsible from a day on."""

    on: date
    reason: Words


class Handover(_Strict):
    """Households that get one official together: those that are named, or all of another official within a division."""

    to: Official
    since: date | None = None
    reason: Words
    household_ids: Annotated[list[UUID], Field(max_length=1000)] = []
    official: Carrier | None = None
    division: DivisionCode | None = None


class HandoverDone(BaseModel):
    """How many households were handed over."""

    households: int


class TermView(BaseModel):
    """A term, and the contacts in it."""

    id: UUID
    name: str
    unit: str
    since: date
    until: date | None
    reason: str | None
    contacts: int
    last_contact_on: date | None


class NewContact(_Strict):
    """A contact with a household."""

    happened_on: date
    way: Annotated[str, Coded("contact_way")]
    #: The responsible official, if nobody else is named.
    official_name: Name | None = None
    words: Words


class ContactView(BaseModel):
    """A contact."""

    id: UUID
    household_id: UUID
    happened_on: date
    way: str
    official_name: str
    words: str
    recorded_by: str


class Load(BaseModel):
    """What one official carries, in what the caller sees."""

    name: str
    unit: str
    households: int
    people: int
    villages: int
    last_contact_on: date | None
    #: Households without a contact within the days of the rule.
    overdue: int


class LoadGap(BaseModel):
    """A lifted household for which nobody is responsible, or with which nobody was in contact."""

    id: UUID
    number: str
    division_code: str
    head_name: str | None
    official_name: str | None
    official_unit: str | None
    last_contact_on: date | None
