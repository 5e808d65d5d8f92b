"""Requests and answers about classes of lifted households."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.classes.model import Suggestion, SupportClass
from services.monitoring.classes.rules import Class, ClassSet, set_of
from services.monitoring.classes.stages import ClassStage
from services.monitoring.forms import Form, Words
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Year = Annotated[int, Field(ge=2000, le=2100)]


class VillageForm(Form):
    """A village and a year: what is done to all its households that wait for it."""

    division: DivisionCode
    year: Year
    on: date | None = None


class ProposalForm(Form):
    """The village's proposal for one household; without a class the suggested one."""

    household_id: UUID
    year: Year
    support_class: Class | None = None
    #: Needed where it is not the suggested one.
    why: Words | None = None
    on: date | None = None


class ClassStepForm(Form):
    """That it is agreed to, and on which day."""

    on: date | None = None


class ClassReturnForm(ClassStepForm):
    """Why it is sent back."""

    reason: Words


class ClassesMoved(BaseModel):
    """What became of a village's households."""

    done: int
    #: Still waiting: proposed or checked by the caller, who does not decide on their own words, or after that day.
    left: int = 0


class ClassQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    year: Year | None = None
    stage: list[ClassStage] = []
    #: In force.
    support_class: list[Class] = []
    household_id: UUID | None = None
    departure: list[Annotated[str, Coded("class_departure")]] = []
    #: True: of those that hold, another one than before.
    changed: bool | None = None
    #: True: the proposed one is not the suggested one.
    differs: bool | None = None
    #: True: the class in force asks for a measure, and none is planned.
    unsupported: bool | None = None


class VillageQuery(BaseModel):
    """Which village's suggestions."""

    division: DivisionCode
    year: Year


class PlaceQuery(BaseModel):
    """Where, and of which year."""

    division: DivisionCode
    year: Year


class ReasonView(BaseModel):
    """A condition that holds."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    zh: str
    en: str


def reasons_of(ids: Sequence[str], rule: ClassSet) -> list[ReasonView]:
    """Return the words of conditions."""
    return [ReasonView.model_validate(rule.reason(each)) for each in ids]


class SuggestionView(BaseModel):
    """What the rules suggest for a household."""

    household_id: UUID
    household_number: str | None
    head_name: str | None
    support_class: str
    reasons: list[ReasonView]
    rule: str
    facts: dict[str, Any]
    earlier_class: str | None

    @classmethod
    def of(cls, suggestion: Suggestion, household: HouseholdReplica | None) -> Self:
        """Show a suggestion."""
        return cls(
            household_id=suggestion.household_id,
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            support_class=suggestion.support_class,
            reasons=reasons_of(suggestion.reasons, set_of(suggestion.rule)),
            rule=suggestion.rule,
            facts=dict(suggestion.facts),
            earlier_class=suggestion.earlier_class,
        )


class ClassView(BaseModel):
    """A household's class of a year: proposed, suggested, in force, and by whom."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    year: int
    stage: ClassStage
    proposed_class: str
    suggested_class: str
    reasons: list[ReasonView]
    rule: str
    facts: dict[str, Any]
    why: str | None
    decided_class: str | None
    previous_class: str | None
    proposed_on: date
    proposed_by: str
    checked_on: date | None
    checked_by: str | None
    decided_on: date | None
    decided_by: str | None
    returned_on: date | None
    returned_by: str | None
    returned_for: str | None
    left_on: date | None
    departure: str | None
    version: int
    changed_at: datetime

    @classmethod
    def of(cls, row: SupportClass, household: HouseholdReplica | None) -> Self:
        """Show a class."""
        told = {"proposed_by", "checked_by", "decided_by", "reasons"}
        return cls(
            **row.model_dump(include=set(cls.model_fields) - told),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            reasons=reasons_of(row.reasons, set_of(row.rule)),
            proposed_by=row.proposed_by_name,
            checked_by=row.checked_by_name,
            decided_by=row.decided_by_name,
            returned_by=row.returned_by_name,
        )


class SupportView(BaseModel):
    """What a class asks for."""

    support_class: str
    zh: str
    en: str
    #: At least one of these; none: no measure is asked for.
    measures: list[str]
    version: str
    source: str


class UnclassifiedView(BaseModel):
    """A lifted household that is not under watch and has no class in force for the year."""

    household_id: UUID
    division_code: str
    household_number: str
    head_name: str | None
    #: Of what is under way, if anything is.
    class_id: UUID | None
    stage: str | None


class ProgressLine(BaseModel):
    """How far a town or village is."""

    division_code: str
    name: str | None
    #: Lifted households that are not under watch.
    households: int
    #: With a class in force.
    classified: int
    by_class: dict[str, int]
    by_stage: dict[str, int]
    #: In force, and another one than before.
    changed: int


class ProgressView(BaseModel):
    """How far a place is, and all directly below it; the lines add up to the total."""

    year: int
    total: ProgressLine
    lines: list[ProgressLine]
