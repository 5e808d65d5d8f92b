"""What the rules suggest for the lifted households of a village that are not under watch, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import TextClause, text

from services.monitoring.classes.model import Suggestion
from services.monitoring.classes.rules import FACTS, ClassSet, Condition, class_set
from services.monitoring.clues.model import UNSETTLED
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.rules import ABLE
from shared.database import Reader
from shared.domain.income_line import income_line

#: What each of ``FACTS`` means, over the columns of ``_KNOWN``: a test holds it to a household-by-household reading.
_KNOWN = """
    SELECT household.id, household.division_code, household.income_year, household.income_per_capita AS income,
        household.minimum_living, household.destitute,
        household.income_per_capita IS NULL AS income_unknown,
        household.housing_grade IS NOT NULL AND household.housing_grade IN ('C', 'D') AS unsafe_housing,
        household.water_safe IS FALSE AS unsafe_water,
        coalesce(people.uninsured, false) AS uninsured,
        coalesce(people.dropped_out, false) AS dropped_out,
        coalesce(people.serious_illness, false) AS serious_illness,
        coalesce(people.severely_disabled, false) AS severely_disabled,
        people.somebody_works IS FALSE AS no_labour,
        EXISTS (
            SELECT FROM monitored_object thing
            WHERE thing.household_id = household.id AND thing.status IN ('eliminated', 'retag_candidate')
        ) AS risk_eliminated,
        EXISTS (
            SELECT FROM clue WHERE clue.household_id = household.id AND clue.status = ANY(:unsettled)
        ) AS clue_open
    FROM household_replica household
    LEFT JOIN LATERAL (
        SELECT bool_or(person.medical_insurance IS FALSE) AS uninsured,
            bool_or(person.school_status = 'dropped_out') AS dropped_out,
            bool_or('serious' = ANY(person.health)) AS serious_illness,
            bool_or(person.disability_grade IN ('1', '2')) AS severely_disabled,
            bool_or(person.labour = ANY(:able)) AS somebody_works
        FROM person_replica person
        WHERE person.household_id = household.id AND person.left_on IS NULL
    ) people ON true
    WHERE household.kind = 'lifted' AND household.member_count > 0
        AND household.division_code = :village AND (CAST(:household AS uuid) IS NULL OR household.id = :household)
        AND NOT EXISTS (
            SELECT FROM monitored_object thing
            WHERE thing.household_id = household.id AND thing.status = ANY(:watched)
        )
"""
_EARLIER = """(
    SELECT earlier.decided_class FROM support_class earlier
    WHERE earlier.household_id = judged.id AND earlier.year < :year AND earlier.decided_class IS NOT NULL
    ORDER BY earlier.year DESC LIMIT 1
)"""


async def suggestions(
    db: Reader, village: str, *, year: int, on: date, household_id: UUID | None = None
) -> list[Suggestion]:
    """Return what the rules of a day suggest in a village: for all, or for one household; in the order of ids."""
    rule, line = class_set(village, on), income_line(village, on)
    values = {
        "village": village,
        "household": household_id,
        "year": year,
        "line": line.amount,
        "able": sorted(ABLE),
        "unsettled": sorted(UNSETTLED),
        "watched": sorted(UNDER_WATCH),
    }
    return [
        Suggestion(
            household_id=row.id,
            division_code=row.division_code,
            support_class=row.support_class,
            reasons=row.reasons,
            rule=rule.version,
            facts={
                "income_year": row.income_year,
                "income_per_capita": None if row.income is None else str(row.income),
                "income_line": str(line.amount),
                "facts": [name for name in FACTS if getattr(row, name)],
            },
            earlier_class=row.earlier_class,
        )
        for row in await db.rows(_statement(rule), values)
    ]


def _statement(rule: ClassSet) -> TextClause:
    """Return the statement of a set of rules: its names are of the code, only values are bound."""
    held = {each.support_class: _holding(each.conditions) for each in rule.classes}
    weighed = ", ".join(f"{reasons} AS {name}" for name, reasons in held.items())
    chosen = " ".join(f"WHEN {name} <> '{{}}' THEN '{name}'" for name in held)
    reasons = " ".join(f"WHEN {name} <> '{{}}' THEN {name}" for name in held)
    other = rule.otherwise
    return text(
        f"""
        SELECT judged.*, {_EARLIER} AS earlier_class,
            CASE {chosen} ELSE '{other.support_class}' END AS support_class,
            CASE {reasons} ELSE ARRAY['{other.id}'] END AS reasons
        FROM (SELECT known.*, {weighed} FROM ({_KNOWN}) known) judged
        ORDER BY judged.id
        """  # noqa: S608 - classes, facts and ids of conditions are names of our own data
    )


def _holding(conditions: Iterable[Condition]) -> str:
    each = ", ".join(f"CASE WHEN {_holds(one)} THEN '{one.id}' END" for one in conditions)
    return f"array_remove(ARRAY[{each}], NULL)"


def _holds(condition: Condition) -> str:
    if condition.income_below is not None:
        return f"income < :line * {condition.income_below}"
    return " OR ".join(condition.facts)
