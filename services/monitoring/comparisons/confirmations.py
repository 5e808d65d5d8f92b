"""Evidence from departments' data about a household under watch: what it said again of a risk that was known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.monitoring.batches.model import Comparison, ComparisonAlert
from services.monitoring.clues.rules import Outcome
from services.monitoring.datasets.catalog import datasets
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.queries import names_of_persons
from services.monitoring.rulebook.documents import Hit, hit_of
from services.monitoring.rulebook.queries import rules
from shared.database import Page, PageQuery, Reader

_LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")


class Said(BaseModel):
    """What a rule says in one language: its name, and what was the case."""

    rule: str
    reasons: list[str]


class ConfirmationView(BaseModel):
    """What a department's data said of a household under watch that was known already: evidence, and no news."""

    comparison_id: UUID
    dataset: str
    dataset_zh: str
    dataset_en: str
    department: str
    period: str
    risk_type: str | None
    #: Empty where it is about the household itself.
    member_id: UUID | None
    person_name: str | None
    rule: str
    rule_version: str
    inputs: dict[str, Any]
    #: By language; empty for a rule that is no more.
    why: dict[str, Said]
    raised_at: datetime

    @classmethod
    def of(
        cls, alert: ComparisonAlert, batch: Comparison, hit: Hit | None, name: str | None
    ) -> ConfirmationView:
        """Show what a batch confirmed; ``name`` is the person's."""
        dataset = datasets()[batch.dataset]
        why = {language: Said(**hit.explained(language)) for language in _LANGUAGES} if hit else {}
        return cls(
            **alert.model_dump(include=set(cls.model_fields)),
            dataset=batch.dataset,
            dataset_zh=dataset.zh,
            dataset_en=dataset.en,
            department=dataset.department,
            period=batch.period,
            person_name=name,
            why=why,
        )


#: In which batches confirmed it.
_ORDER = [getattr(ComparisonAlert, name) for name in ("raised_at", "rule", "window", "subject_id")]


async def page_of_confirmations(db: Reader, monitored_id: UUID, page: PageQuery) -> Page[ConfirmationView]:
    """List what batches that count confirmed of a watched household, in the order in which they did so.

    It made no clue, since nobody has to look into what is known; one that is corrected or withdrawn says it no more.
    """
    thing = await db.get(MonitoredObject, monitored_id)
    found = await db.page(_about(thing.household_id), order=_ORDER, page=page)
    return found.with_items(await _shown(db, found.items))


async def confirmations_of(db: Reader, household_id: UUID) -> list[ConfirmationView]:
    """Return all of what ``page_of_confirmations`` lists."""
    return await _shown(db, await db.all(_about(household_id).order_by(*_ORDER)))


def _about(household_id: UUID) -> SelectOfScalar[ComparisonAlert]:
    return select(ComparisonAlert).where(
        ComparisonAlert.household_id == household_id,
        ComparisonAlert.outcome == Outcome.ALREADY_MONITORED,
    )


async def _shown(db: Reader, alerts: Sequence[ComparisonAlert]) -> list[ConfirmationView]:
    if not alerts:
        return []
    telling = {alert.comparison_id for alert in alerts}
    batches = {
        batch.id: batch for batch in await db.all(select(Comparison).where(col(Comparison.id).in_(telling)))
    }
    named = [(alert.household_id, alert.member_id) for alert in alerts if alert.member_id]
    names, known = await names_of_persons(db, named), await rules(db)
    return [
        ConfirmationView.of(
            alert,
            batches[alert.comparison_id],
            hit_of(known, alert.rule, alert.rule_version, alert.inputs),
            names.get(alert.member_id) if alert.member_id else None,
        )
        for alert in alerts
    ]
