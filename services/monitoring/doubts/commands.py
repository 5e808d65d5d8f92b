"""What is done with doubts: explained by one person, decided by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.datasets.catalog import datasets
from services.monitoring.doubts import errors
from services.monitoring.doubts.model import Doubt, DoubtState
from services.monitoring.doubts.schemas import DecisionForm, ExplanationForm
from shared.database import Writer
from shared.refusal import Fault


async def explain(db: Writer, doubt_id: UUID, form: ExplanationForm, *, version: int) -> Doubt:
    """Take the village's explanation."""
    doubt = await _locked(db, doubt_id, version)
    doubt.explain(form.words, evidence=form.evidence, by=db.principal, on=db.today)
    await db.flush()
    return doubt


async def decide(db: Writer, doubt_id: UUID, form: DecisionForm, *, version: int) -> Doubt:
    """Take the county's decision."""
    doubt = await _locked(db, doubt_id, version)
    async with db.because(form.opinion):
        doubt.decide(accepted=form.accepted, opinion=form.opinion, by=db.principal, on=db.today)
        await db.flush()
    return doubt


async def explain_standing(
    db: Writer, household_id: UUID, explanations: Mapping[str, str], *, evidence: Sequence[str]
) -> None:
    """Take what a case's data check says of the household's doubts, by dataset; refuse one that it passes over.

    What somebody has explained already need not be said again, and keeps their words.
    """
    unexplained = await _standing_unexplained(db, household_id)
    if passed_over := [doubt for doubt in unexplained if doubt.dataset not in explanations]:
        raise _unexplained(passed_over, "/hits")
    for doubt in unexplained:
        doubt.explain(explanations[doubt.dataset], evidence=evidence, by=db.principal, on=db.today)
    await db.flush()


async def expect_explained(db: Writer, household_id: UUID) -> None:
    """Refuse to go on while something is said of the household that nobody has explained."""
    if passed_over := await _standing_unexplained(db, household_id):
        raise _unexplained(passed_over, "")


async def _standing_unexplained(db: Writer, household_id: UUID) -> list[Doubt]:
    return await db.all(
        select(Doubt)
        .where(
            col(Doubt.household_id) == household_id,
            Doubt.state == DoubtState.OPEN,
            col(Doubt.explained_by).is_(None),
        )
        .order_by(col(Doubt.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _unexplained(doubts: Sequence[Doubt], pointer: str) -> errors.DoubtUnexplained:
    """Name each: the dataset and its period, and the doubt's id."""
    known = datasets()
    named = [(doubt, known[doubt.dataset]) for doubt in doubts]
    return errors.DoubtUnexplained(
        "; ".join(f"{dataset.en}, {doubt.period}" for doubt, dataset in named),
        zh_detail="；".join(
            f"{dataset.department}：{dataset.zh}（{doubt.period}）" for doubt, dataset in named
        ),
        errors=tuple(
            Fault(
                pointer,
                doubt.dataset,
                f"{dataset.en}, {doubt.period}: {doubt.id}",
                f"{dataset.zh}：{doubt.id}",
            )
            for doubt, dataset in named
        ),
    )


async def _locked(db: Writer, doubt_id: UUID, version: int) -> Doubt:
    doubt = await db.one(
        select(Doubt)
        .where(col(Doubt.id) == doubt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return doubt.expect(version)
