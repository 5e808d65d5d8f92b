"""What a batch says otherwise than the registry: proposed to it, each once, whatever is corrected or killed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.comparisons.catalog import Correcting, Dataset
from services.monitoring.comparisons.columns import VALUES
from services.monitoring.comparisons.model import Comparison, ComparisonCorrection
from services.monitoring.comparisons.supersession import corrected_by
from shared.contracts.monitoring import ComparedCorrection, ComparisonCorrectionsProposed
from shared.database import Writer

#: Most proposals that are told in one transaction: as many events as travel in one message, at most.
_AT_ONCE = 500
#: The fact of a person that says that they left.
_DEPARTURE = "leave_reason"
#: One branch a fact: what rows about somebody who is there say of it, beside what the registry knows.
_SAID = """
    SELECT result.household_id, {member_id} AS member_id, coalesce({member_id}, result.household_id) AS subject_id,
        home.division_code, '{field}' AS field, to_jsonb({known}) AS known, {found} AS found, result.happened_on,
        result.line
    FROM comparison_result result
    JOIN comparison batch ON batch.id = result.comparison_id
        AND batch.superseded_by IS NULL AND batch.withdrawn_at IS NULL
    JOIN person_replica person ON person.household_id = result.household_id AND person.member_id = result.member_id
        AND person.left_on IS NULL
    JOIN household_replica home ON home.id = result.household_id
    WHERE result.comparison_id = :id AND result.outcome = 'matched' AND {conditions}
    """
#: Of several rows about a fact the newest counts. What the batches said that this one corrects is this one's from now
#: on, and is not told again; nor is what waits for the registry's decision already.
_PROPOSE = """
    WITH said AS ({said}),
    newest AS (
        SELECT DISTINCT ON (subject_id, field) * FROM said
        ORDER BY subject_id, field, happened_on DESC NULLS LAST, line DESC),
    taken AS (
        UPDATE comparison_correction kept SET comparison_id = :id FROM newest
        WHERE kept.comparison_id = ANY(:told) AND kept.subject_id = newest.subject_id AND kept.field = newest.field
            AND kept.found = newest.found
        RETURNING kept.subject_id, kept.field)
    INSERT INTO comparison_correction (id, comparison_id, division_code, household_id, member_id, subject_id, field,
        known, found, happened_on, status, sequence)
    SELECT gen_random_uuid(), :id, division_code, household_id, member_id, subject_id, field, known, found, happened_on,
        'proposed', 0
    FROM newest
    WHERE known IS DISTINCT FROM found
        AND NOT EXISTS (SELECT FROM taken WHERE taken.subject_id = newest.subject_id AND taken.field = newest.field)
        AND NOT EXISTS (
            SELECT FROM comparison_correction open
            WHERE open.subject_id = newest.subject_id AND open.field = newest.field AND open.found = newest.found
                AND open.status IN ('proposed', 'waiting'))
    """


class _Branch(NamedTuple):
    """SQL that finds what rows say of a fact, with its values."""

    sql: str
    values: dict[str, Any]


async def find_contradictions(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Keep what a batch says otherwise than the registry, in the transaction in which it takes effect."""
    branches = list(_branches(dataset))
    if not branches:
        return
    values = {name: value for branch in branches for name, value in branch.values.items()}
    told = await corrected_by(db, comparison)
    statement = _PROPOSE.format(said=" UNION ALL ".join(branch.sql for branch in branches))
    await db.execute(text(statement), values | {"id": comparison.id, "told": told})


async def tell_contradictions(db: Writer, comparison: Comparison, dataset: Dataset) -> int:
    """Propose the next ones that are not told yet to the registry, one event a household; returns how many."""
    untold = select(ComparisonCorrection).where(
        ComparisonCorrection.comparison_id == comparison.id, col(ComparisonCorrection.told_at).is_(None)
    )
    order = (col(ComparisonCorrection.household_id), col(ComparisonCorrection.id))
    proposals = await db.all(untold.order_by(*order).limit(_AT_ONCE))
    for each in proposals:
        each.told_at = db.now
    await db.flush()
    for _, of_household in groupby(proposals, key=lambda each: each.household_id):
        db.record(_told(comparison, dataset, list(of_household)))
    return len(proposals)


def _branches(dataset: Dataset) -> Iterator[_Branch]:
    for place, each in enumerate(dataset.corrects):
        yield _branch(each, f"correct_{place}")
    if dataset.departs:
        departs = Correcting(of="member", field=_DEPARTURE, value=dataset.departs)
        yield _branch(departs, "departs")


def _branch(correcting: Correcting, name: str) -> _Branch:
    """Return the branch of a fact. Its names are those of columns, as the dataset's own file has been checked."""
    values: dict[str, Any] = {}
    found = f"to_jsonb({_cell(correcting.column)})"
    if correcting.column is None:
        found = f"CAST(:{name} AS jsonb)"
        values[name] = orjson.dumps(correcting.value).decode()
    conditions = [f"{found} IS NOT NULL"]
    for place, (column, value) in enumerate(correcting.when.items()):
        conditions.append(f"{_cell(column)} = :{name}_{place}")
        values[f"{name}_{place}"] = value
    of_member = correcting.of == "member"
    sql = _SAID.format(
        member_id="result.member_id" if of_member else "CAST(NULL AS uuid)",
        field=correcting.field,
        known=f"{'person' if of_member else 'home'}.{correcting.field}",
        found=found,
        conditions=" AND ".join(conditions),
    )
    return _Branch(sql, values)


def _cell(column: str | None) -> str:
    return f"result.{column}" if column in VALUES else f"(result.more ->> '{column}')"


def _told(
    comparison: Comparison, dataset: Dataset, proposals: list[ComparisonCorrection]
) -> ComparisonCorrectionsProposed:
    assert comparison.effective_at is not None  # noqa: S101 - told once it has taken effect
    return ComparisonCorrectionsProposed(
        id=comparison.id,
        division_code=proposals[0].division_code,
        version=comparison.version,
        household_id=proposals[0].household_id,
        dataset=dataset.code,
        department=comparison.owner_name,
        period=comparison.period,
        compared_at=comparison.effective_at,
        proposed_by=comparison.owner,
        corrections=tuple(
            ComparedCorrection.model_validate(each, from_attributes=True) for each in proposals
        ),
    )
