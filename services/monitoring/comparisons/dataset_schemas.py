"""Shapes of datasets, with the rules that their rows may fulfil."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.monitoring.datasets.catalog import Dataset
from services.monitoring.rulebook.documents import Rule


class RuleLine(BaseModel):
    """A rule that a dataset's rows may fulfil."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    zh: str
    en: str
    #: ``warning``: a clue. ``doubt``: to be explained.
    meaning: str
    risk_type: str | None


class DatasetView(BaseModel):
    """A dataset that departments may post."""

    code: str
    zh: str
    en: str
    department: str
    #: month, quarter, term, year or event.
    period: str
    description: str
    description_en: str
    #: person, household or village.
    subject: str
    #: By what a row finds whom it is about, in the order in which it is tried.
    match: list[str]
    columns: list[dict[str, Any]]
    #: The columns that tell one thing of somebody from another: what was explained of it is not asked again.
    identified_by: list[str]
    #: What its rows may mean: ``GET /rules/{id}`` says when.
    rules: list[RuleLine]

    @classmethod
    def of(cls, dataset: Dataset, known: Iterable[Rule]) -> DatasetView:
        """Show a dataset."""
        asked = [RuleLine.model_validate(rule) for rule in known if dataset.code in rule.told_by]
        return cls(
            **dataset.model_dump(mode="json", by_alias=True, include=set(cls.model_fields)), rules=asked
        )
