"""Whether the registry takes a correction over: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from services.household.changes.schemas import Departure
from services.household.corrections.model import Correction, Status
from services.household.households.model import Household, Member
from services.household.households.rules import AWAY
from services.household.households.schemas import HouseholdChange, MemberChange
from services.household.households.sources import Source


class Way(StrEnum):
    """How it is decided on a fact."""

    AT_ONCE = "at_once"
    BY_HAND = "by_hand"
    NEVER = "never"
    #: By hand, too; and it is a natural change.
    DEPARTURE = "departure"


class Ruling(BaseModel):
    """How it is decided on one fact, by who found it to be otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    way: Way
    #: Datasets of the office whose word it is anyway.
    certified_by: frozenset[str] = frozenset()
    source: str | None = None

    @model_validator(mode="after")
    def _says_where_it_stands(self) -> Self:
        if self.certified_by and not self.source:
            raise ValueError("whoever certifies a fact does so by a rule that is named")
        return self


@dataclass(frozen=True)
class Verdict:
    """What is decided, with a code of the list ``correction_reason``."""

    status: Status
    reason: str


@cache
def rulings() -> Mapping[str, Mapping[str, Ruling]]:
    """Return how it is decided on each fact of a household and of a member, as ``rules.yaml`` says."""
    raw = yaml.safe_load(files(__package__).joinpath("rules.yaml").read_text("utf-8"))
    return TypeAdapter(dict[str, dict[str, Ruling]]).validate_python(raw)


def judge(correction: Correction, household: Household | None, member: Member | None) -> Verdict:
    """Return what the rules say to a correction of a household, or of its member, as they are now."""
    if member and is_departure(correction) and (verdict := _of_who_left(correction, member)):
        return verdict
    if reason := _obstacle(correction, household, member):
        return Verdict(Status.REFUSED, reason)
    if is_departure(correction):
        return Verdict(Status.WAITING, "departure")
    present = _plain(getattr(member or household, correction.field))
    if present == _plain(correction.found):
        return Verdict(Status.ACCEPTED, "already_so")
    if present != _plain(correction.known):
        return Verdict(Status.WAITING, "changed_since")
    return _by_ruling(correction)


def judge_by_hand(correction: Correction, household: Household | None, member: Member | None) -> Verdict:
    """Return what comes of a person's acceptance: they may do what the rules would not do by themselves."""
    verdict = judge(correction, household, member)
    return Verdict(Status.ACCEPTED, "decided_by_person") if verdict.status is Status.WAITING else verdict


def is_departure(correction: Correction) -> bool:
    """Tell whether it says that somebody is not there any more."""
    return _way(correction) is Way.DEPARTURE


def change_of(correction: Correction) -> HouseholdChange | MemberChange | Departure:
    """Return the change that it asks for; raises ``ValidationError`` where the fact cannot have that value."""
    if is_departure(correction):
        told = {"on": correction.happened_on, "reason": correction.found, "evidence": correction.found_by}
        return Departure.model_validate(told)
    shape = MemberChange if correction.member_id else HouseholdChange
    return shape.model_validate({correction.field: correction.found})


def _of_who_left(correction: Correction, member: Member) -> Verdict | None:
    if member.left_on and member.leave_reason == correction.found:
        return Verdict(Status.ACCEPTED, "already_so")
    return Verdict(Status.REFUSED, "member_left") if _left(member) else None


def _obstacle(correction: Correction, household: Household | None, member: Member | None) -> str | None:
    """Return the first reason for which the registry cannot take it over, if any."""
    way, of_member = _way(correction), correction.member_id is not None
    obstacles = {
        "unknown_field": way is None,
        "kept_elsewhere": way is Way.NEVER,
        "unknown_household": household is None,
        "unknown_member": of_member and member is None,
        "member_left": member is not None and _left(member, whatever=not is_departure(correction)),
        "household_merged": household is not None and household.merged_into is not None,
        "household_empty": household is not None and not household.member_count,
        "invalid_value": not _can_have(correction),
    }
    return next((reason for reason, stands in obstacles.items() if stands), None)


def _by_ruling(correction: Correction) -> Verdict:
    """Return what is decided on a fact that is as it was known: by who says that it is otherwise."""
    ruling = _ruling(correction)
    if correction.source == Source.COMPARISON:
        if ruling and correction.dataset in ruling.certified_by:
            return Verdict(Status.ACCEPTED, "certified")
    elif ruling and ruling.way is Way.AT_ONCE:
        return Verdict(Status.ACCEPTED, "as_seen")
    return Verdict(Status.WAITING, "needs_proof")


def _ruling(correction: Correction) -> Ruling | None:
    return rulings()["member" if correction.member_id else "household"].get(correction.field)


def _way(correction: Correction) -> Way | None:
    ruling = _ruling(correction)
    return ruling.way if ruling else None


def _left(member: Member, *, whatever: bool = False) -> bool:
    """Tell whether somebody is gone: for good, or ``whatever`` the reason. Who is away may still die there."""
    return member.left_on is not None and (whatever or member.leave_reason not in AWAY)


def _can_have(correction: Correction) -> bool:
    try:
        change_of(correction)
    except ValidationError:
        return False
    return True


def _plain(value: Any) -> Any:
    """Return a value as it is compared: several codes are a set."""
    return frozenset(value) if isinstance(value, (list, tuple)) else value
