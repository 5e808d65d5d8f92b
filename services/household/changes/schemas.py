"""Shapes of natural changes, as they come in and as they go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.changes.model import Kind, Part
from services.household.households.fields import Phone, Text
from services.household.households.schemas import HouseholdView, NewMember
from shared.domain.codes import Coded

Relationship = Annotated[str, Coded("relationship")]
#: What a change rests on: a certificate's number, a decision, who was asked.
Evidence = Annotated[str, Field(max_length=500)]
HouseholdNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,40}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Occurrence(_Strict):
    """Something that happened on a day."""

    on: date
    evidence: Evidence | None = None


class Arrival(NewMember):
    """A person who was born, married in or moved in: ``join_reason`` says which, ``joined_on`` when."""

    evidence: Evidence | None = None


class NewHead(_Strict):
    """Who becomes head."""

    member_id: UUID
    #: Member's id to who they are to the new head; needed only where the old relationships do not tell.
    relationships: dict[UUID, Relationship] = {}


class Departure(_Occurrence):
    """A person leaves: by death, marriage or moving for good, to the army, to prison or to school for a time."""

    reason: Annotated[str, Coded("leave_reason")]
    #: Where the head leaves others behind.
    new_head: NewHead | None = None


class Return(_Occurrence):
    """A person who was away is back."""

    reason: Annotated[str, Coded("join_reason")]
    #: To the head of now.
    relationship: Relationship


class ChangeOfHead(_Occurrence, NewHead):
    """Another member becomes head."""


class MovingMember(_Strict):
    """Somebody who goes to another household, and who they are to the head there."""

    member_id: UUID
    relationship: Relationship


class Split(_Occurrence):
    """Some of the people become a household of their own. Statements of income stay with the old one."""

    members: Annotated[list[MovingMember], Field(min_length=1, max_length=30)]
    #: Of the old household, where its head goes.
    new_head: NewHead | None = None
    #: Made here where none is given.
    number: HouseholdNumber | None = None
    group_name: Text | None = None
    address: Text | None = None
    phone: Phone | None = None


class Merger(_Occurrence):
    """All people of one household join another one, whose head stays head."""

    #: Where they go; ``If-Match`` is about this one.
    into: UUID
    #: Where they come from: left empty, and saying where its people went.
    merged: UUID
    #: Everybody present there.
    members: Annotated[list[MovingMember], Field(min_length=1, max_length=30)]


class Transfer(_Occurrence):
    """One person joins another household that is registered."""

    household_id: UUID
    relationship: Relationship
    #: Of the household left, where its head goes.
    new_head: NewHead | None = None


class Undoing(_Strict):
    """Why a change is undone: it was entered by mistake."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class PersonView(BaseModel):
    """Somebody's part in a change."""

    member_id: UUID
    name: str
    part: Part
    #: Of who went from one household to another: the same person's id there.
    elsewhere: UUID | None


class ChangeView(BaseModel):
    """A natural change of a household."""

    id: UUID
    kind: Kind
    happened_on: date
    reason: str | None
    evidence: str | None
    #: All of it in a sentence.
    story: str
    persons: list[PersonView]
    #: The other household of a split, a merge or a transfer.
    counterpart_id: UUID | None
    household_version: int
    recorded_by: str
    recorded_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    undo_reason: str | None


class TwoHouseholds(BaseModel):
    """Both households of a split, a merge or a transfer, after it."""

    household: HouseholdView
    counterpart: HouseholdView
