"""Shapes of stability reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.monitoring.forms import Form
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.facts import facts
from services.monitoring.stability_reviews.model import ReviewedObject, StabilityReview, Verdict
from shared.domain.division import DivisionCode
from shared.jobs.api import public_id
from shared.web.language import Language


class ReviewRequest(Form):
    """Where all eliminated objects are to be reviewed."""

    division: DivisionCode


class ReviewLine(BaseModel):
    """A review: since ``finished_at`` it has its report."""

    id: UUID
    division_code: str
    on: date
    asked_by: str
    job: str | None
    finished_at: datetime | None

    @classmethod
    def of(cls, review: StabilityReview) -> Self:
        """Show a review."""
        shown = review.model_dump(include=set(cls.model_fields) - {"job"})
        return cls(**shown, job=public_id("monitoring", review.job_id) if review.job_id else None)


class PlaceVerdicts(BaseModel):
    """Objects of one place, by verdict."""

    division_code: str
    division_name: str | None
    stable: int
    doubtful: int
    unknown: int


class RuleCount(BaseModel):
    """How many objects a rule hits."""

    rule: str
    title: str
    objects: int


class ReviewReport(ReviewLine):
    """What a review found in the caller's area: ``reviewed == stable + doubtful + unknown``."""

    reviewed: int
    stable: int
    doubtful: int
    unknown: int
    #: Of the doubtful, those that are candidates for re-tagging now.
    candidates: int
    #: Of the doubtful, those that have been tagged again since.
    retagged: int
    places: list[PlaceVerdicts]
    by_rule: list[RuleCount]
    rules: list[dict[str, Any]]


class ReviewedView(BaseModel):
    """What a review said of one object, and why."""

    monitored_id: UUID
    household_id: UUID
    division_code: str
    household_number: str | None
    head_name: str | None
    verdict: Verdict
    eliminated_on: date
    #: Where the object stands by now.
    status: str | None
    reasons: list[str]
    #: Facts that the registry lacks, in words.
    unknown: list[str]

    @classmethod
    def of(
        cls,
        row: ReviewedObject,
        household: HouseholdReplica | None,
        status: str | None,
        known: Mapping[str, Rule],
        language: Language,
    ) -> Self:
        """Show one."""
        return cls(
            **row.model_dump(
                include={"monitored_id", "household_id", "division_code", "verdict", "eliminated_on"}
            ),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            status=status,
            reasons=[reason for hit in row.hits for reason in _reasons(hit, known, language)],
            unknown=[getattr(facts()[name], language) for name in row.unknown if name in facts()],
        )


def _reasons(hit: Mapping[str, Any], known: Mapping[str, Rule], language: Language) -> list[str]:
    found = hit_of(known, hit["rule"], hit["version"], hit["inputs"])
    if found is None:
        return [hit["rule"]]
    told = found.explained(language)
    return [
        f"{told['rule']}：{reason}" if language == "zh" else f"{told['rule']}: {reason}"
        for reason in told["reasons"]
    ]
