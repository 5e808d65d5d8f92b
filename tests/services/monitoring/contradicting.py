"""What departments' rows say otherwise than the registry, one row after the other: what must wait for its decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.monitoring.datasets.catalog import Correcting, Dataset, datasets
from services.monitoring.datasets.columns import VALUES
from services.monitoring.datasets.periods import parse_period
from shared.contracts.household import HouseholdRegistered, MemberState

#: Household, member (none: of the household itself) and field.
Fact = tuple[UUID, UUID | None, str]


@dataclass(frozen=True)
class Said:
    """What a row of a batch says of a fact."""

    batch: UUID
    first_day: date
    found: Any
    known: Any
    is_there: bool
    happened_on: date | None
    line: int

    @property
    def weight(self) -> tuple[bool, date, int]:
        """The greatest of a batch counts."""
        return self.is_there, self.happened_on or date.min, self.line


def contradictions(
    rows: Iterable[Any], homes: Iterable[HouseholdRegistered]
) -> tuple[set[tuple[Fact, Any]], set[tuple[Fact, Any]]]:
    """Return what must be proposed, and what may be: where a later period says otherwise, if it came before that one.

    ``rows`` are those that count, of people who are there or have left.
    """
    known = {home.id: home for home in homes}
    told: dict[Fact, list[Said]] = defaultdict(list)
    for row in rows:
        for fact, said in _said(row, known[row.household_id]):
            told[fact].append(said)
    must: set[tuple[Fact, Any]] = set()
    may: set[tuple[Fact, Any]] = set()
    for fact, sayings in told.items():
        for batch in {each.batch for each in sayings}:
            newest = max((each for each in sayings if each.batch == batch), key=lambda each: each.weight)
            if newest.is_there and newest.known != newest.found:
                later = {each.found for each in sayings if each.first_day > newest.first_day}
                (may if later - {newest.found} else must).add((fact, newest.found))
    return must, may - must


def _said(row: Any, home: HouseholdRegistered) -> Iterator[tuple[Fact, Said]]:
    dataset, period = datasets()[row.dataset], parse_period(row.period)
    person = next(each for each in home.members if each.id == row.member_id)
    assert period is not None
    for each in _corrected_by(dataset):
        found = _cell(row, each.column) if each.column else each.value
        if any(_cell(row, column) != value for column, value in each.when.items()) or (
            each.column and found is None
        ):
            continue
        if each.of == "member" and _is_unborn(person, row.happened_on):
            continue
        of: HouseholdRegistered | MemberState = person if each.of == "member" else home
        fact = (home.id, person.id if each.of == "member" else None, each.field)
        yield (
            fact,
            Said(
                row.comparison_id,
                period.first,
                found,
                getattr(of, each.field),
                person.left_on is None,
                row.happened_on,
                row.line,
            ),
        )


def _corrected_by(dataset: Dataset) -> Iterator[Correcting]:
    yield from dataset.corrects
    if dataset.departs:
        yield Correcting(of="member", field="leave_reason", value=dataset.departs)


def _is_unborn(person: MemberState, on: date | None) -> bool:
    return on is not None and person.birth_date is not None and on < person.birth_date


def _cell(row: Any, column: str) -> Any:
    more: Mapping[str, Any] = row.more or {}
    return getattr(row, column) if column in VALUES else more.get(column)
