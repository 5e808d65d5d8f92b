"""Whether the registry takes a correction over: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from services.household.corrections.model import Correction, Status
from services.household.households.model import Household, Member
from services.household.households.schemas import HouseholdChange, MemberChange


class Way(StrEnum):
    """How it is decided on a fact."""

    AT_ONCE = "at_once"
    BY_HAND = "by_hand"
    NEVER = "never"


@dataclass(frozen=True)
class Verdict:
    """What is decided, with a code of the list ``correction_reason``."""

    status: Status
    reason: str


@cache
def ways() -> Mapping[str, Mapping[str, Way]]:
    """Return how it is decided on each fact of a household and of a member, as ``rules.yaml`` says."""
    raw = yaml.safe_load(files(__package__).joinpath("rules.yaml").read_text("utf-8"))
    return TypeAdapter(dict[str, dict[str, Way]]).validate_python(raw)


def judge(correction: Correction, household: Household | None, member: Member | None) -> Verdict:
    """Return what the rules say to a correction of a household, or of its member, as they are now."""
    if reason := _obstacle(correction, household, member):
        return Verdict(Status.REFUSED, reason)
    present = _plain(getattr(member or household, correction.field))
    if present == _plain(correction.found):
        return Verdict(Status.ACCEPTED, "already_so")
    if present != _plain(correction.known):
        return Verdict(Status.WAITING, "changed_since")
    if _way(correction) is Way.BY_HAND:
        return Verdict(Status.WAITING, "needs_proof")
    return Verdict(Status.ACCEPTED, "as_seen")


def judge_by_hand(correction: Correction, household: Household | None, member: Member | None) -> Verdict:
    """Return what comes of a person's acceptance: they may do what the rules would not do by themselves."""
    verdict = judge(correction, household, member)
    return Verdict(Status.ACCEPTED, "decided_by_person") if verdict.status is Status.WAITING else verdict


def change_of(correction: Correction) -> HouseholdChange | MemberChange:
    """Return the change that it asks for; raises ``ValidationError`` where the fact cannot have that value."""
    shape = MemberChange if correction.member_id else HouseholdChange
    return shape.model_validate({correction.field: correction.found})


def _obstacle(correction: Correction, household: Household | None, member: Member | None) -> str | None:
    """Return the first reason for which the registry cannot take it over, if any."""
    way, of_member = _way(correction), correction.member_id is not None
    obstacles = {
        "unknown_field": way is None,
        "kept_elsewhere": way is Way.NEVER,
        "unknown_household": household is None,
        "unknown_member": of_member and member is None,
        "member_left": member is not None and member.left_on is not None,
        "household_merged": household is not None and household.merged_into is not None,
        "household_empty": household is not None and not household.member_count,
        "invalid_value": not _can_have(correction),
    }
    return next((reason for reason, stands in obstacles.items() if stands), None)


def _way(correction: Correction) -> Way | None:
    return ways()["member" if correction.member_id else "household"].get(correction.field)


def _can_have(correction: Correction) -> bool:
    try:
        change_of(correction)
    except ValidationError:
        return False
    return True


def _plain(value: Any) -> Any:
    """Return a value as it is compared: several codes are a set."""
    return frozenset(value) if isinstance(value, (list, tuple)) else value
