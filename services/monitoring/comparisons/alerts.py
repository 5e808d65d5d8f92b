"""Whom the rules of a dataset hit once a batch takes effect, is corrected or withdrawn, or people are others now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison
from services.monitoring.comparisons.following import LOOKED_INTO
from services.monitoring.comparisons.outcomes import recount_alerts
from services.monitoring.datasets.catalog import Dataset
from services.monitoring.datasets.periods import parse_period
from services.monitoring.doubts.following import DOUBT, follow_alerts
from services.monitoring.replicas.whereabouts import hold_whereabouts
from services.monitoring.rulebook.evaluation import Question, asked, judgement
from services.monitoring.rulebook.figures import about_sql, column_of
from services.monitoring.rulebook.gathering import Told, Wanted, gathered, key_of
from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.summing import columns_of
from services.monitoring.rulebook.windows import Windows
from shared.database import Writer
from shared.domain.dated import in_force
from shared.domain.division import county_of
from shared.keys import uuid7

#: Sums of a county's people.
_SUM_IN_MEMORY = text("SET LOCAL work_mem = '128MB'")
#: An alert is that of the first period in which the rule hits, so that it is the same in whatever order batches come:
#: one of an earlier period stands, one of this period or a later one moves here. What was told is not told again,
#: but other figures are news: of the batch that brings them, or else of the one that tells of somebody.
_RAISE = """
    WITH {facts},
    hits AS (
        SELECT household_id, member_id, coalesce(member_id, household_id) AS subject_id, division_code, batch,
            {version} AS rule_version, {inputs} AS inputs
        FROM facts WHERE {hit})
    INSERT INTO comparison_alert AS known (rule, "window", subject_id, household_id, member_id, division_code,
        comparison_id, rule_version, risk_type, inputs, raised_at, outcome, asking, news_of)
    SELECT :rule, :window, subject_id, household_id, member_id, division_code, batch, rule_version, :risk_type, inputs,
        :now, :outcome, :asking, coalesce(CAST(:id AS uuid), batch)
    FROM hits
    ON CONFLICT (rule, "window", subject_id) DO UPDATE SET
        comparison_id = CASE WHEN known.comparison_id = ANY(:telling) THEN known.comparison_id
            ELSE excluded.comparison_id END,
        rule_version = excluded.rule_version, inputs = excluded.inputs, asking = excluded.asking,
        news_of = CASE WHEN known.outcome IS NULL OR known.inputs <> excluded.inputs THEN excluded.news_of
            ELSE known.news_of END
    WHERE known.comparison_id = ANY(:open) AND known.asking IS DISTINCT FROM excluded.asking
    """
#: Of whom a batch, or the one whose place it takes, says what the other does not: rows are the same in any order. A row
#: that says nothing but whom it is about says that: of nulls alone the hash is nothing, whence the first value.
_CHANGED = """
    SELECT {column} AS about FROM comparison_outcome_now WHERE comparison_id = ANY(:told) AND outcome = '{outcome}'
    GROUP BY {column}
    HAVING sum(CASE WHEN comparison_id = :id THEN 1 ELSE -1 END
        * CAST(hash_record_extended(ROW(true, amount, quantity, happened_on, kind, note, more), 0) AS numeric)) <> 0
    LIMIT :most
    """
#: What the corrected batch told of the others is the new one's.
_KEEP = """
    UPDATE comparison_alert SET comparison_id = :id, asking = :asking,
        news_of = CASE WHEN outcome IS NULL THEN :id ELSE news_of END
    WHERE rule = ANY(:rules) AND comparison_id = ANY(:gone) AND NOT {about}
    """
#: As many are named one by one; of more, all of whom the batches tell are asked.
_FEW = 50_000
_TOLD = """{column} IN (
    SELECT {column} FROM comparison_outcome_now WHERE comparison_id = ANY(:told) AND outcome = '{outcome}')"""
#: Those that were asked about and do not hold any more: what came of them is to be taken back, but a verdict is kept.
_DROP = f"""
    WITH gone AS (
        DELETE FROM comparison_alert known
        WHERE rule = :rule AND comparison_id = ANY(:open) AND asking IS DISTINCT FROM :asking
            AND (comparison_id = ANY(:gone) OR {{asked}})
        RETURNING *),
    settled AS (
        INSERT INTO comparison_verdict (division_code, rule, "window", subject_id, asking, household_id,
            comparison_id, raised_at, outcome, clue_id)
        SELECT gone.division_code, rule, "window", subject_id, coalesce(asking, news_of), gone.household_id,
            comparison_id, raised_at, outcome, clue.id
        FROM gone LEFT JOIN clue ON clue.id = {LOOKED_INTO.format(alert="gone")}
        WHERE clue.settled_on IS NOT NULL OR outcome = 'already_monitored')
    INSERT INTO comparison_retraction (comparison_id, rule, told_by, subject_id, household_id, member_id, risk_type)
    SELECT coalesce(CAST(:id AS uuid), comparison_id), rule, told_by, subject_id, household_id, member_id, risk_type
    FROM gone
    WHERE risk_type IS NOT NULL AND told_by IS NOT NULL
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - ours


async def raise_alerts(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Ask the dataset's rules of whom a batch tells, or does not any more, in the transaction in which it does so.

    Of its own period, and of the later ones whose sums reach back to it.
    """
    await db.execute(_SUM_IN_MEMORY)
    await hold_whereabouts(db, [comparison.division_code])
    told = [comparison.id]
    if comparison.withdrawn_at is None:
        # One that never took effect was never asked about: whatever this one says is news.
        before = col(Comparison.superseded_by) == comparison.id, col(Comparison.effective_at).is_not(None)
        told += await db.all(select(Comparison.id).where(*before))
    asking = _Asking(uuid7(), county_of(comparison.division_code), told, comparison)
    await _ask_all(db, asking, dataset)
    await recount_alerts(db, asking.open - {comparison.id}, corrected=told[1:])


async def raise_alerts_of(
    db: Writer, people: Collection[UUID], dataset: Dataset, county: str, told: Sequence[UUID]
) -> None:
    """Ask the dataset's rules of people about whom other rows are now, in the periods of ``told``, which tell of them.

    What that makes news is the news of those batches. The caller holds where people are.
    """
    await db.execute(_SUM_IN_MEMORY)
    asking = _Asking(uuid7(), county, list(told), people=list(people))
    await _ask_all(db, asking, dataset)
    await recount_alerts(db, asking.open)


@dataclass
class _Asking:
    """Rules asked once: of those whom some batches tell of, or of these people alone."""

    id: UUID
    county: str
    #: The batch itself, and those whose place it has taken; or those that tell of the people.
    told: list[UUID]
    comparison: Comparison | None = None
    people: list[UUID] = field(default_factory=list)
    #: Batches whose alerts may be others afterwards.
    open: set[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.open = set(self.told)

    def touches(self, windows: Windows) -> Mapping[str, Sequence[UUID]]:
        """Return the periods in which a rule is asked, earliest first, each with the county's batches of it."""
        if self.comparison is None:
            return windows.told_by(self.told, self.county)
        return windows.touched_by(self.comparison)

    def years(self, periods: Collection[str]) -> list[str]:
        """Return the years of periods, and of the batch's own: it may be the only one that told of it."""
        own = [self.comparison.period] if self.comparison else []
        return sorted({period[:4] for period in (*own, *periods)})

    def opened(self, periods: Mapping[str, Sequence[UUID]]) -> list[UUID]:
        """Return the batches whose alerts may be others once these periods are asked about."""
        batches = {*self.told, *(batch for telling in periods.values() for batch in telling)}
        self.open |= batches
        return list(batches)

    @property
    def gone(self) -> list[UUID]:
        """Those that count no more."""
        if self.comparison is None:
            return []
        return [each for each in self.told if each != self.comparison.id or self.comparison.withdrawn_at]


async def _ask_all(db: Writer, asking: _Asking, dataset: Dataset) -> None:
    rules_alike = await _alike(db, dataset, asking.county)
    for (key, outcome, _), alike in rules_alike.items():
        if asking.comparison or key == "person":
            await _ask(db, asking, key, outcome, alike)
    if any(windows.rule.meaning == "doubt" for alike in rules_alike.values() for windows in alike):
        await follow_alerts(db, asking.open)


async def _alike(
    db: Writer, dataset: Dataset, county: str
) -> Mapping[tuple[str, str, frozenset[str]], list[Windows]]:
    """Return a dataset's rules that may hold in a county, those together that look at the same rows alike."""
    alike: dict[tuple[str, str, frozenset[str]], list[Windows]] = defaultdict(list)
    for rule in (await rules(db)).values():
        if dataset.code in rule.told_by and rule.may_hold_in(county):
            alike[key_of(rule, dataset.subject), rule.outcome, rule.told_by].append(
                await Windows.of(db, rule)
            )
    return alike


async def _ask(db: Writer, asking: _Asking, key: str, outcome: str, alike: Sequence[Windows]) -> None:
    touched = [(windows, asking.touches(windows)) for windows in alike]
    # Who looks at more years sees the periods of the others, too.
    periods = max((of_rule for _, of_rule in touched), key=len)
    about = await _whom(db, asking, key, outcome, periods)
    values = {
        "id": asking.comparison.id if asking.comparison else None,
        "asking": asking.id,
        "told": asking.told,
        "gone": asking.gone,
        "rules": [windows.rule.id for windows in alike],
        "about": about or [],
    }
    if about is not None and asking.comparison and asking.comparison.withdrawn_at is None:
        await db.execute(text(_KEEP.format(about=about_sql(key))), values)
    columns = await columns_of(db, key, about) if outcome == "matched" else None
    named = about_sql(key) if about is not None else _TOLD.format(column=column_of(key), outcome=outcome)
    # A year's hits stand, and those that hold no more are gone, before the next is asked: its rules may ask for them.
    for year in asking.years(periods):
        of_year = {period: telling for period, telling in periods.items() if period[:4] == year}
        of_all = values | {"open": asking.opened(of_year)}
        for period, telling in of_year.items():
            told = Told(asking.told, telling, key, about, outcome, columns)
            touching = [windows for windows, of_rule in touched if period in of_rule]
            await _raise(db, asking, touching, period, told, of_all)
        for windows, of_rule in touched:
            its_own = {period: telling for period, telling in of_year.items() if period in of_rule}
            of_it = {"rule": windows.rule.id, "open": asking.opened(its_own)}
            await db.execute(text(_DROP.format(asked=named)), values | of_it)


async def _whom(
    db: Writer, asking: _Asking, key: str, outcome: str, periods: Mapping[str, Any]
) -> list[Any] | None:
    """Return those who are asked about, where they are few enough to be named: else all of whom the batches tell."""
    if asking.comparison is None:
        return asking.people
    if not asking.gone and not periods.keys() - {asking.comparison.period}:
        return None
    values = {"id": asking.comparison.id, "told": asking.told, "most": _FEW + 1}
    rows = await db.rows(text(_CHANGED.format(column=column_of(key), outcome=outcome)), values)
    return [row.about for row in rows] if len(rows) <= _FEW else None


async def _raise(
    db: Writer,
    asking: _Asking,
    touching: Sequence[Windows],
    period: str,
    told: Told,
    values: Mapping[str, Any],
) -> None:
    on = _last_day(period, db.today)
    asked_now = [
        (windows, Wanted(windows.rule, on, versions, windows.made_of(period, asking.county)))
        for windows in touching
        if (versions := in_force(windows.rule.versions, on))
    ]
    async with gathered(db, [wanted for _, wanted in asked_now], told) as lines:
        for (windows, wanted), of_rule in zip(asked_now, lines, strict=True):
            rule = windows.rule
            facts = asked(rule, wanted.versions, Question(on=on, gathered=of_rule, batches=wanted.batches))
            judged = judgement(rule, wanted.versions, on)
            statement = _RAISE.format(
                facts=facts.ctes, hit=judged.hit, version=judged.version, inputs=judged.inputs
            )
            raised = {
                "rule": rule.id,
                "window": windows.name(period),
                "risk_type": rule.risk_type,
                "outcome": DOUBT if rule.meaning == "doubt" else None,
                "telling": list(told.telling),
                "now": db.now,
            }
            await db.execute(text(statement), facts.values | judged.values | dict(values) | raised)


def _last_day(period: str, today: date) -> date:
    """Return the day whose rules hold: the period's last, or today where it is not over."""
    told = parse_period(period)
    return min(told.last, today) if told else today
