"""What the household registry tells the other services.

Each event carries the whole present state (event-carried state transfer), so that a reader needs no earlier
event and can skip what is older than what it has. Identity numbers travel as their keyed blind index only.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import AggregateState, Contract


class DivisionState(Contract):
    """An administrative division (行政区划)."""

    code: str
    name: str
    level: str
    parent_code: str | None = None
    #: First day; None of what was there before the registry.
    valid_from: date | None = None
    #: The first day on which it is no more.
    valid_until: date | None = None
    version: int

    @property
    def subject(self) -> str:
        """The 12-digit code."""
        return self.code

    @property
    def area(self) -> str:
        """The division itself."""
        return self.code

    @property
    def sequence(self) -> int:
        """The row's version."""
        return self.version


class DivisionChanged(DivisionState, event="household.division_changed.v1"):
    """A division was entered or changed."""


class GridChanged(AggregateState, event="household.grid_changed.v1"):
    """A grid of a village (村级网格) was entered, changed or closed."""

    number: str
    name: str
    officer_name: str | None = None
    #: The first day on which it is no more.
    closed_on: date | None = None


class MemberState(BaseModel):
    """A person of a household (家庭成员). Codes are those of ``shared.domain.codes``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    name: str
    #: Hex of the keyed blind index of the 18-digit number; None where the person has no resident number.
    number_index: str | None
    sex: str | None
    birth_date: date | None
    relationship: str
    health: tuple[str, ...] = ()
    disability_kind: str | None = None
    disability_grade: str | None = None
    education: str | None = None
    school_status: str | None = None
    labour: str | None = None
    work_place: str | None = None
    work_months: int | None = None
    medical_insurance: bool | None = None
    #: Set once the person has left the household, by death or otherwise.
    left_on: date | None = None
    leave_reason: str | None = None


class HouseholdState(AggregateState):
    """A household with its members (农户及家庭成员)."""

    number: str
    group_name: str | None = None
    #: The village's grid that it belongs to.
    grid_id: UUID | None = None
    #: ``general`` 一般农户 or ``lifted`` 脱贫户.
    kind: str
    lifted_year: int | None = None
    head_name: str | None
    members: tuple[MemberState, ...]
    minimum_living: bool = False
    destitute: bool = False
    housing_grade: str | None = None
    water_safe: bool | None = None
    #: Newest yearly statement: per-capita net income (人均纯收入), yuan.
    income_year: int | None = None
    income_per_capita: Decimal | None = None
    #: Responsible official (帮扶责任人) of a lifted household.
    responsible_official: str | None = None
    #: Where its people went, of an empty household that was merged (并户) or whose split was undone.
    merged_into: UUID | None = None

    def moved_from(self, division_code: str, on: date) -> HouseholdRehomed:
        """Return what is told of a household that belonged elsewhere."""
        return HouseholdRehomed(
            household_id=self.id,
            division_code=division_code,
            happened_on=on,
            into_code=self.division_code,
            version=self.version,
        )


class HouseholdRegistered(HouseholdState, event="household.registered.v1"):
    """A household entered the registry."""


class HouseholdChanged(HouseholdState, event="household.changed.v1"):
    """A household, or a member of it, changed."""


class _LeftHousehold(Contract):
    """Something that left where it was: told under the household and the village of before."""

    household_id: UUID
    #: The village that it belonged to.
    division_code: str
    happened_on: date
    #: Of the household.
    version: int

    @property
    def subject(self) -> str:
        """The household."""
        return str(self.household_id)

    @property
    def area(self) -> str:
        """Its village then."""
        return self.division_code

    @property
    def sequence(self) -> int:
        """Its version."""
        return self.version


class HouseholdRehomed(_LeftHousehold, event="household.rehomed.v1"):
    """A household belongs to another village, because boundaries changed; it told of itself there before.

    Told where it was: whoever watches that village learns that the household is theirs no more.
    """

    into_code: str


class PersonMoved(BaseModel):
    """Somebody who went from one household to another."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    #: In the household left.
    member_id: UUID
    #: The same person's id in the other household.
    became: UUID


class RegroupingState(_LeftHousehold):
    """People went from one household to another; both told of themselves before."""

    into_id: UUID
    persons: tuple[PersonMoved, ...]


class HouseholdSplit(RegroupingState, event="household.split.v1"):
    """Some people became a household of their own (分户)."""


class HouseholdMerged(RegroupingState, event="household.merged.v1"):
    """All people of a household joined another one (并户)."""


class MemberTransferred(RegroupingState, event="household.member_transferred.v1"):
    """One person joined another household."""


class RecordMerged(RegroupingState, event="household.record_merged.v1"):
    """Somebody was registered twice: one record has left as a duplicate, the other one stays (去重合并).

    Both may be of one household.
    """


class RecordUnmerged(RegroupingState, event="household.record_unmerged.v1"):
    """Two records that had been made one are two people, after all."""


class CorrectionDecision(BaseModel):
    """What the registry said to one proposed correction."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    #: As whoever proposed it called it.
    id: UUID
    #: Code of the list ``correction_status``: accepted, refused, or waiting for a person.
    status: str
    #: Code of the list ``correction_reason``.
    reason: str
    #: In the words of the person who decided.
    note: str | None = None
    decided_by: str | None = None
    #: Counts the decisions on this one: a later one takes the place of an earlier one.
    version: int


class CorrectionsDecided(AggregateState, event="household.corrections_decided.v1"):
    """The registry decided on corrections, at once or by a person; ``id`` is what they came from, such as a visit."""

    household_id: UUID
    #: ``visit`` or ``comparison``.
    source: str
    decisions: tuple[CorrectionDecision, ...]
