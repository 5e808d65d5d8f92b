"""What a batch says otherwise than the registry: to be proposed to it once, and taken back with the batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, counts
from services.monitoring.batches.rows import PERSON
from services.monitoring.comparisons.supersession import corrected_by
from services.monitoring.datasets.catalog import Correcting, Dataset
from services.monitoring.datasets.columns import VALUES
from services.monitoring.datasets.periods import parse_period
from shared.database import Writer, inside
from shared.domain.division import county_of

#: The fact of a person that says that they left.
_DEPARTURE = "leave_reason"
#: One branch a fact: what rows say of it, beside what the registry knows; of whom has left nothing is proposed anew.
_SAID = """
    SELECT result.household_id, {member_id} AS member_id, coalesce({member_id}, result.household_id) AS subject_id,
        home.division_code, '{field}' AS field, to_jsonb({known}) AS known, {found} AS found, result.happened_on,
        result.line, result.match, person.left_on IS NULL AS is_there
    FROM comparison_outcome_now result
    JOIN comparison batch ON batch.id = result.comparison_id
        AND batch.superseded_by IS NULL AND batch.withdrawn_at IS NULL
    JOIN person_replica person ON person.household_id = result.household_id AND person.member_id = result.member_id
    JOIN household_replica home ON home.id = result.household_id
    WHERE result.comparison_id = ANY(:{batches}) AND result.outcome IN ('matched', 'departed') AND {conditions}
    """
#: Rows that have just come have no statistics: the planner would compare each with each.
_JOIN_BY_HASH = text("SET LOCAL enable_nestloop = off")
#: Of several rows about a fact the newest counts. What the batches said that this one corrects is this one's from now
#: on, and is not told again; nor is what waits for the registry's decision already. So it stays with whoever has died
#: or moved away since, most of all where the registry learned that from this very batch. Of whoever went to another
#: household it was told by the id of then, and the registry follows them itself.
_PROPOSE = """
    WITH said AS ({said}),
    newest AS (
        SELECT DISTINCT ON (subject_id, field) * FROM said
        ORDER BY subject_id, field, is_there DESC, happened_on DESC NULLS LAST, line DESC),
    named AS (
        SELECT subject_id AS id, subject_id, field, found FROM newest
        UNION ALL
        SELECT mover.id, subject_id, field, found
        FROM newest JOIN mover ON mover.now_id = newest.subject_id AND mover.id <> mover.now_id),
    later AS ({later}),
    taken AS (
        UPDATE comparison_correction kept SET comparison_id = :id FROM named
        WHERE kept.comparison_id = ANY(:told) AND kept.subject_id = named.id AND kept.field = named.field
            AND kept.found = named.found AND kept.withdrawn_by IS NULL
        RETURNING named.subject_id, kept.field)
    INSERT INTO comparison_correction (id, comparison_id, division_code, household_id, member_id, subject_id, field,
        known, found, happened_on, status, sequence)
    SELECT gen_random_uuid(), :id, division_code, household_id, member_id, subject_id, field, known, found, happened_on,
        'proposed', 0
    FROM newest
    WHERE is_there AND coalesce(known, 'null') <> found
        AND NOT EXISTS (SELECT FROM taken WHERE taken.subject_id = newest.subject_id AND taken.field = newest.field)
        AND NOT EXISTS (
            SELECT FROM named JOIN comparison_correction open
                ON (open.subject_id, open.field, open.found) = (named.id, named.field, named.found)
            WHERE named.subject_id = newest.subject_id AND named.field = newest.field
                AND open.status IN ('proposed', 'waiting') AND open.withdrawn_by IS NULL)
        -- A late file would set the registry back to how things were.
        AND NOT EXISTS (
            SELECT FROM later WHERE later.subject_id = newest.subject_id AND later.field = newest.field
                AND later.found <> newest.found)
        {further}
    """
#: Of the batch itself, where it was withdrawn, and of those whose place it has taken.
_WITHDRAW = text(
    """
    UPDATE comparison_correction proposal SET withdrawn_by = :id,
        status = CASE WHEN told_at IS NULL THEN 'withdrawn' ELSE status END
    FROM comparison batch
    WHERE batch.id = proposal.comparison_id AND proposal.withdrawn_by IS NULL
        AND proposal.status IN ('proposed', 'waiting', 'accepted')
        AND (batch.superseded_by = :id OR batch.id = :id AND batch.withdrawn_at IS NOT NULL)
    RETURNING proposal.id
    """
)
#: Only what has just been taken back without having been decided.
_LEFT = """
    AND EXISTS (
        SELECT FROM named JOIN comparison_correction gone
            ON (gone.subject_id, gone.field, gone.found) = (named.id, named.field, named.found)
        WHERE named.subject_id = newest.subject_id AND named.field = newest.field
            AND gone.withdrawn_by = :gone AND gone.status <> 'accepted')
    """
#: Only of those of whom a batch tells no more, which may have told otherwise.
_UNSAID = """
    AND EXISTS (
        SELECT FROM comparison_outcome_now unsaid
        WHERE unsaid.comparison_id = ANY(:gone) AND unsaid.outcome = 'matched'
            AND unsaid.household_id = newest.household_id)
    """
#: And that a person may have confirmed only after that.
_CONFIRMED = " AND newest.match = :person"


class _Branch(NamedTuple):
    """SQL that finds what rows say of a fact, with its values."""

    sql: str
    values: dict[str, Any]


async def find_contradictions(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Keep what a batch says otherwise than the registry, in the transaction in which it takes effect."""
    if dataset.contradicts:
        await db.execute(_JOIN_BY_HASH)
        counting = await _counting(db, comparison)
        await _propose(db, comparison, dataset, counting, told=await corrected_by(db, comparison))
        await _withdraw(db, comparison, dataset, counting)
        await _propose_unsaid(db, comparison, dataset, counting)


async def _propose(
    db: Writer,
    comparison: Comparison,
    dataset: Dataset,
    counting: Sequence[Comparison],
    *,
    told: Sequence[UUID],
    further: str = "",
    **more: Any,
) -> None:
    branches = list(_branches(dataset))
    values = {name: value for branch in branches for name, value in branch.values.items()}
    said = " UNION ALL ".join(branch.sql for branch in branches)
    statement = _PROPOSE.format(
        said=said.format(batches="own"), later=said.format(batches="later"), further=further
    )
    later = [each.id for each in counting if _first_day(each) > _first_day(comparison)]
    own = {"id": comparison.id, "own": [comparison.id], "later": later, "told": list(told)}
    await db.execute(text(statement), values | own | more)


async def _withdraw(
    db: Writer, comparison: Comparison, dataset: Dataset, counting: Sequence[Comparison]
) -> None:
    """Take back what batches that count no more proposed, and propose anew what others say as well.

    What the registry refused needs no taking back; what it has taken over stays, and is marked there.
    """
    gone = await db.rows(_WITHDRAW, {"id": comparison.id})
    for other in counting if gone else ():
        if other.id != comparison.id:
            await _propose(db, other, dataset, counting, told=(), further=_LEFT, gone=comparison.id)


async def _propose_unsaid(
    db: Writer, comparison: Comparison, dataset: Dataset, counting: Sequence[Comparison]
) -> None:
    """Propose what files and decisions said late, while one that counts no more said otherwise of a later period."""
    gone = await db.all(select(Comparison).where(col(Comparison.superseded_by) == comparison.id))
    gone += [comparison] if comparison.withdrawn_at else []
    told = [each.job_id for each in gone if each.job_id and each.effective_at]
    ids = [each.id for each in gone]
    for other in counting if told else ():
        if _first_day(other) < _first_day(comparison):
            # As the ids of jobs tell: see ``supersession``.
            is_late = other.job_id is not None and other.job_id > min(told)
            further, more = (_UNSAID, {}) if is_late else (_UNSAID + _CONFIRMED, {"person": PERSON})
            told_by = await corrected_by(db, other)
            await _propose(db, other, dataset, counting, told=told_by, further=further, gone=ids, **more)


async def _counting(db: Writer, comparison: Comparison) -> list[Comparison]:
    """Return the batches of its dataset and county that count, the newest first."""
    of_county = select(Comparison).where(
        *counts(),
        inside(Comparison.division_code, county_of(comparison.division_code)),
        Comparison.dataset == comparison.dataset,
    )
    return await db.all(of_county.order_by(col(Comparison.id).desc()))


def _first_day(comparison: Comparison) -> date:
    told = parse_period(comparison.period)
    return told.first if told else date.min


def _branches(dataset: Dataset) -> Iterator[_Branch]:
    for place, each in enumerate(dataset.corrects):
        yield _branch(each, f"correct_{place}")
    if dataset.departs:
        departs = Correcting(of="member", field=_DEPARTURE, value=dataset.departs)
        yield _branch(departs, "departs")


def _branch(correcting: Correcting, name: str) -> _Branch:
    """Return the branch of a fact. Its names are those of columns, as the dataset's own file has been checked.

    What is so no more is found to be JSON's null.
    """
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
    if of_member:
        # Of the date or of the number one is wrong, and nobody can tell which.
        conditions.append("(result.happened_on >= person.birth_date) IS NOT FALSE")
    sql = _SAID.format(
        member_id="result.member_id" if of_member else "CAST(NULL AS uuid)",
        field=correcting.field,
        known=f"{'person' if of_member else 'home'}.{correcting.field}",
        found=found,
        conditions=" AND ".join(conditions),
        batches="{batches}",
    )
    return _Branch(sql, values)


def _cell(column: str | None) -> str:
    return f"result.{column}" if column in VALUES else f"(result.more ->> '{column}')"
