"""Requests and answers about doubts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.monitoring.datasets.catalog import datasets
from services.monitoring.doubts.model import Doubt, DoubtState
from services.monitoring.forms import Evidence, Form, Words
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.rulebook.documents import Hit
from shared.domain.division import DivisionCode


class ExplanationForm(Form):
    """How it comes that a department's list names somebody, and what shows it."""

    words: Words
    evidence: Evidence = ()


class DecisionForm(Form):
    """What the county makes of an explanation, and why."""

    #: False: the doubt is upheld.
    accepted: bool
    opinion: Words


class DoubtQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    household_id: UUID | None = None
    rule: list[str] = []
    state: list[DoubtState] = []
    #: Of the open ones, those that are explained already, or those that are not.
    awaits_decision: bool | None = None


class DoubtReasons(BaseModel):
    """A doubt in one language: the rule, and what was the case."""

    rule: str
    reasons: list[str]


class Telling(BaseModel):
    """A batch that says what is in doubt."""

    comparison_id: UUID
    period: str


class RaisedDoubtView(BaseModel):
    """A doubt: whom it is about, who says so and why, and what became of it."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    #: Empty where it is about the household itself.
    member_id: UUID | None
    person_name: str | None
    dataset: str
    dataset_zh: str
    dataset_en: str
    department: str
    period: str
    comparison_id: UUID
    #: All batches that say so, oldest period first: it is explained and decided once.
    told_by: list[Telling]
    rule: str
    rule_version: str
    inputs: dict[str, Any]
    #: By language; empty for a rule that is no more.
    why: dict[str, DoubtReasons]
    raised_at: datetime
    state: DoubtState
    explanation: str | None
    evidence: list[str]
    explained_by_name: str | None
    explained_on: date | None
    awaits_decision: bool
    opinion: str | None
    decided_by_name: str | None
    decided_on: date | None
    version: int
    changed_at: datetime

    @classmethod
    def of(
        cls,
        doubt: Doubt,
        hit: Hit | None,
        household: HouseholdReplica | None,
        person_name: str | None,
        periods: Mapping[UUID, str],
    ) -> Self:
        """Show a doubt."""
        dataset = datasets()[doubt.dataset]
        return cls(
            **doubt.model_dump(include=set(cls.model_fields)),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            person_name=person_name,
            told_by=sorted(
                (
                    Telling(comparison_id=each, period=periods[each])
                    for each in doubt.comparison_ids
                    if each in periods
                ),
                key=lambda telling: telling.period,
            ),
            dataset_zh=dataset.zh,
            dataset_en=dataset.en,
            department=dataset.department,
            why={
                "zh": DoubtReasons.model_validate(hit.explained("zh")),
                "en": DoubtReasons.model_validate(hit.explained("en")),
            }
            if hit
            else {},
            awaits_decision=doubt.state == DoubtState.OPEN and doubt.explained_by is not None,
        )
