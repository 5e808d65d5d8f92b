"""Requests and answers about teams."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class TeamMember(BaseModel):
    """Somebody in a team."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Annotated[str, Coded("team_role")]


class TeamDraft(BaseModel):
    """A team of a village or town, whole: one of that place and name is replaced."""

    model_config = ConfigDict(extra="forbid")

    division_code: DivisionCode
    name: Name
    leader: Name
    members: Annotated[list[TeamMember], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _led_by_one_of_them(self) -> Self:
        names = [member.name for member in self.members]
        if self.leader not in names:
            raise ValueError("the leader is not among the members")
        if len(set(names)) < len(names):
            raise ValueError("two members have the same name; tell them apart, as in 王伟（东组）")
        return self


class TeamView(BaseModel):
    """A team."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    division_code: str
    name: str
    leader: str
    members: list[TeamMember]
    version: int
