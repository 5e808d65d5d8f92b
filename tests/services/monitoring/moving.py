"""People who go from one household to another, as the registry tells of it: of both households, and of the move."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.household import (
    HouseholdChanged,
    HouseholdMerged,
    HouseholdRegistered,
    HouseholdSplit,
    HouseholdState,
    MemberTransferred,
    PersonMoved,
    RegroupingState,
)
from shared.keys import uuid7
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, Scene, household, numbered

WANG, LI, OTHER = number(601), number(602), number(603)
KINDS = [HouseholdSplit, HouseholdMerged, MemberTransferred]
_REASONS: dict[type[RegroupingState], str] = {
    HouseholdSplit: "split",
    HouseholdMerged: "merged",
    MemberTransferred: "transferred",
}


async def lived_in(scene: Scene) -> HouseholdRegistered:
    """Let the household of Wang and Li be known."""
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


async def gone_to(scene: Scene) -> HouseholdRegistered:
    """Let a household of another village be known, to which somebody goes."""
    return await scene.known(household(OTHER_VILLAGE, members=(numbered("赵一", OTHER),)))


async def office_of(scene: Scene) -> Department:
    """Return who tells of medical expenses, in a December."""
    scene.go_to(2021, 12, 1)
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


async def paid(office: Department, yuan: int, period: str, whose: str = WANG) -> dict[str, Any]:
    """Send what somebody paid in a month."""
    name = {WANG: "王建国", LI: "李秀英"}[whose]
    return await office.send(as_csv([[name, whose, str(yuan), "住院"]]), period)


def gone_of(kind: type[RegroupingState], old: HouseholdRegistered) -> list[UUID]:
    """Return who goes: of a merger everybody, else Wang."""
    everybody = [each.id for each in old.members]
    return everybody if kind is HouseholdMerged else everybody[:1]


async def tell_move(
    scene: Scene,
    kind: type[RegroupingState],
    old: HouseholdState,
    new: HouseholdState,
    *gone: UUID,
    on: date = date(2021, 6, 1),
    move_first: bool = False,
    at_once: bool = False,
) -> tuple[HouseholdRegistered, HouseholdRegistered]:
    """Let members go over, in one transaction or in three; returns both households, who came last in the new one."""
    left = {"left_on": on, "leave_reason": _REASONS[kind], "number_index": None}
    here = [each.model_copy(update=left) if each.id in gone else each for each in old.members]
    came = [each.model_copy(update={"id": uuid7()}) for each in old.members if each.id in gone]
    states = [
        HouseholdChanged(
            **old.model_dump(exclude={"members"}) | {"version": old.version + 1, "members": here}
        ),
        HouseholdChanged(
            **new.model_dump(exclude={"members"})
            | {"version": new.version + 1, "members": [*new.members, *came]}
        ),
    ]
    move = kind(
        household_id=old.id,
        into_id=new.id,
        division_code=old.division_code,
        happened_on=on,
        persons=tuple(
            PersonMoved(member_id=was, became=each.id) for was, each in zip(gone, came, strict=True)
        ),
        version=old.version + 1,
    )
    news = (move, *states) if move_first else (*states, move)
    for heard in [news] if at_once else [[each] for each in news]:
        await scene.service.tell(*heard)
    before, after = (HouseholdRegistered(**each.model_dump()) for each in states)
    return before, after


async def tell_undone(
    scene: Scene, old: HouseholdState, new: HouseholdState, *gone: UUID
) -> tuple[HouseholdRegistered, HouseholdRegistered]:
    """Let the registry undo a move: those people are where they had been, and were never elsewhere."""
    back = {"left_on": None, "leave_reason": None}
    numbers = {each.name: each.number_index for each in new.members}
    here = [
        each.model_copy(update=back | {"number_index": numbers[each.name]}) if each.id in gone else each
        for each in old.members
    ]
    names = {each.name for each in old.members if each.id in gone}
    left = [each for each in new.members if each.name not in names]
    states = [
        HouseholdChanged(
            **each.model_dump(exclude={"members"}) | {"version": each.version + 1, "members": who}
        )
        for each, who in ((old, here), (new, left))
    ]
    for each in states:
        await scene.service.tell(each)
    before, after = (HouseholdRegistered(**each.model_dump()) for each in states)
    return before, after
