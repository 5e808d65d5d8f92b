"""A household and its people while a change is under way: how they were, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.household.changes.errors import HeadAlready, HeadStays, HouseholdMerged
from services.household.changes.model import Part
from services.household.changes.rules import check_departure
from services.household.changes.schemas import NewHead
from services.household.households.changing import (
    lock_household,
    member_among,
    present_among,
    present_member,
)
from services.household.households.errors import HeadCannotLeave, MemberGone
from services.household.households.kinship import install
from services.household.households.model import Household, Member
from services.household.households.queries import members_of
from services.household.households.rules import AWAY, HEAD
from shared.database import Writer


class Standing(BaseModel):
    """Where somebody stands in a household: all that a natural change changes of a person."""

    relationship: str
    joined_on: date | None = None
    join_reason: str | None = None
    left_on: date | None = None
    leave_reason: str | None = None

    @classmethod
    def of(cls, member: Member) -> Standing:
        """Return where a member stands now."""
        return cls.model_validate(member, from_attributes=True)

    def restore(self, member: Member) -> None:
        """Let a member stand there again."""
        for name in type(self).model_fields:
            setattr(member, name, getattr(self, name))


class Trace(BaseModel):
    """Somebody's part in a change: enough to read what happened, and to undo it."""

    member_id: UUID
    name: str
    part: Part
    #: None of whoever was not there before.
    was: Standing | None
    #: Versions of the member's row before the change (0: there was none) and after it. Whoever finds a later one may
    #: not undo it; undoing what came later sets the latter anew.
    was_version: int
    version: int
    #: Of who went from one household to another: the same person's id there.
    elsewhere: UUID | None = None


@dataclass
class Family:
    """A household under lock, with all its people and how they stood when the change began."""

    household: Household
    members: list[Member]
    #: By id: row version and standing.
    before: dict[UUID, tuple[int, Standing]] = field(default_factory=dict)
    #: By id here: the same person's id in the other household.
    elsewhere: dict[UUID, UUID] = field(default_factory=dict)
    old_head: Member | None = None

    @classmethod
    async def of(cls, db: Writer, household: Household) -> Family:
        """Load the people of a household that is locked."""
        members = await members_of(db, household.id)
        before = {each.id: (each.version, Standing.of(each)) for each in members}
        family = cls(household, members, before)
        family.old_head = family.head
        return family

    @classmethod
    async def at(cls, db: Writer, household_id: UUID, version: int) -> Family:
        """Lock a household at the version that the caller read, and load its people."""
        return await cls.of(db, await lock_household(db, household_id, version))

    @property
    def present(self) -> list[Member]:
        """Those who are there."""
        return present_among(self.members)

    @property
    def head(self) -> Member | None:
        """The present head; None of an empty household."""
        return next((each for each in self.present if each.relationship == HEAD), None)

    def member(self, member_id: UUID) -> Member:
        """Return one of the people, or refuse."""
        return member_among(self.members, member_id)

    def expect_open(self) -> Self:
        """Refuse to take people into a household that was merged into another one."""
        if self.household.merged_into is not None:
            raise HouseholdMerged
        return self

    def leaving(self, member_id: UUID) -> Member:
        """Return who is to leave: present, or away for a time and now leaving for good."""
        member = self.member(member_id)
        if member.left_on is not None and member.leave_reason not in AWAY:
            raise MemberGone
        return member

    def part_with(self, member: Member, *, on: date, reason: str, today: date) -> None:
        """Let a person leave, on a day that can be."""
        check_departure(member, on, today=today)
        member.left_on, member.leave_reason = on, reason

    def succeed(self, new_head: NewHead | None) -> None:
        """See that those who are left have a head, once everybody has left who leaves."""
        if self.old_head is None or self.head is not None or not self.present:
            if new_head is not None:
                raise HeadStays
            return
        if new_head is None:
            raise HeadCannotLeave
        self.install(new_head)

    def install(self, new_head: NewHead) -> None:
        """Make one of those present head, and the others who they are to the new head."""
        member = present_member(self.members, new_head.member_id)
        if self.old_head is None or member is self.old_head:
            raise HeadAlready
        others = [each for each in self.present if each is not member]
        install(member, others, old_head=self.old_head, stated=new_head.relationships)

    def traces(self) -> list[dict[str, Any]]:
        """Return everybody's part, once the change is saved. Of a new head all are named, whose head it is."""
        head_changed = self.head is not self.old_head
        traces = [self._trace(each) for each in self.members if each.left_on is None or self._touched(each)]
        return [
            each.model_dump(mode="json") for each in traces if head_changed or each.part is not Part.STAYED
        ]

    def _touched(self, member: Member) -> bool:
        return member.id not in self.before or self.before[member.id][0] != member.version

    def _trace(self, member: Member) -> Trace:
        was_version, was = self.before.get(member.id, (0, None))
        return Trace(
            member_id=member.id,
            name=member.name,
            part=_part(was, member) if self._touched(member) else Part.STAYED,
            was=was,
            was_version=was_version,
            version=member.version,
            elsewhere=self.elsewhere.get(member.id),
        )


def _part(was: Standing | None, member: Member) -> Part:
    if was is None:
        return Part.JOINED
    if member.left_on is not None:
        return Part.LEFT
    if was.left_on is not None:
        return Part.RETURNED
    return Part.BECAME_HEAD if member.relationship == HEAD else Part.RESTATED
