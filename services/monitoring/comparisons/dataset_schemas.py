"""Shapes of datasets, with the rules that their rows may fulfil."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from services.monitoring.datasets.catalog import Dataset, Key
from services.monitoring.datasets.columns import Column
from services.monitoring.datasets.periods import PeriodKind
from services.monitoring.rulebook.documents import Meaning, Rule
from shared.domain.codes import Coded


class RuleLine(BaseModel):
    """A rule that a dataset's rows may fulfil."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    zh: str
    en: str
    #: ``warning``: a clue. ``doubt``: to be explained.
    meaning: Meaning
    risk_type: Annotated[str, Coded("risk_type")] | None


class DatasetView(BaseModel):
    """A dataset that departments may post."""

    code: str
    zh: str
    en: str
    #: As people call it, and as a client is registered that sends it.
    department: str
    department_code: Annotated[str, Coded("department")]
    period: PeriodKind
    description: str
    description_en: str
    subject: Literal["person", "household", "village"]
    #: By what a row finds whom it is about, in the order in which it is tried.
    match: list[Key]
    columns: list[Column]
    #: The columns that tell one thing of somebody from another: what was explained of it is not asked again.
    identified_by: list[str]
    #: What its rows may mean: ``GET /rules/{id}`` says when.
    rules: list[RuleLine]

    @classmethod
    def of(cls, dataset: Dataset, known: Iterable[Rule]) -> DatasetView:
        """Show a dataset."""
        asked = [RuleLine.model_validate(rule) for rule in known if dataset.code in rule.told_by]
        said = dataset.model_dump(mode="json", by_alias=True, include=set(cls.model_fields))
        return cls(**said, department_code=dataset.owner, rules=asked)
