"""Who everybody is to a new head: by the table where it cannot be mistaken, else as the caller says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from uuid import UUID

import yaml

from services.household.households.errors import RelationshipNeeded
from services.household.households.model import Member
from services.household.households.rules import HEAD
from shared.refusal import Fault

_Becomes = str | Mapping[str, str]


def derived(person: Member, *, old_head: Member, new_head: Member) -> str | None:
    """Return who a person is to the new head; None where the old relationships do not tell.

    All three still stand in their relationships to the old head.
    """
    becomes = _table().get(new_head.relationship, {}).get(person.relationship)
    if not isinstance(becomes, Mapping):
        return becomes
    sexes = {"old_head": old_head.sex, "new_head": new_head.sex, "person": person.sex}
    return becomes.get(sexes[becomes["by"]] or "")


def install(
    new_head: Member,
    others: Collection[Member],
    *,
    old_head: Member,
    stated: Mapping[UUID, str],
    otherwise: str | None = None,
) -> None:
    """Make somebody head, and everybody else who they are to the new head: what is stated goes before the table.

    Refuses with ``RelationshipNeeded``, naming everybody of whom nothing is known, unless told what they are otherwise.
    """
    becomes = {
        person.id: stated.get(person.id) or derived(person, old_head=old_head, new_head=new_head) or otherwise
        for person in others
    }
    if unknown := [key for key, relationship in becomes.items() if relationship in {None, HEAD}]:
        raise RelationshipNeeded(errors=tuple(_needed(key) for key in unknown))
    for person in others:
        person.relationship = becomes[person.id] or person.relationship
    new_head.relationship = HEAD


def _needed(member_id: UUID) -> Fault:
    words = "say who this person is to the new head"
    return Fault(f"/relationships/{member_id}", "relationship_needed", words, zh="请写明该成员与新户主的关系")


@cache
def _table() -> Mapping[str, Mapping[str, _Becomes]]:
    table: Mapping[str, Mapping[str, _Becomes]] = yaml.safe_load(
        files(__package__).joinpath("kinship.yaml").read_text("utf-8")
    )
    return table
