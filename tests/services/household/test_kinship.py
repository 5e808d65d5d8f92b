"""Who everybody is to a new head: the table holds only codes, and what it says twice it says alike."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.household.households.kinship import _table, derived, install
from services.household.households.model import Member
from shared.domain.codes import code_lists
from shared.keys import uuid7

pytestmark = pytest.mark.check

SEXES = ("male", "female")
#: Codes that fit one sex alone.
MEN = {"son", "son_in_law", "grandson", "daughters_son", "father", "wifes_father", "husbands_father"} | {
    "grandfather", "mothers_father", "great_grandson", "nephew", "uncle"
}  # fmt: skip
WOMEN = {"daughter", "daughter_in_law", "granddaughter", "daughters_daughter", "mother", "wifes_mother"} | {
    "husbands_mother", "grandmother", "mothers_mother", "great_granddaughter", "niece", "brothers_wife"
}  # fmt: skip


def person(relationship: str, sex: str | None = None) -> Member:
    sex = "male" if relationship in MEN else "female" if relationship in WOMEN else sex
    return Member(
        id=uuid7(),
        household_id=uuid7(),
        division_code="3",
        name=relationship,
        relationship=relationship,
        sex=sex,
    )


def test_the_table_speaks_in_codes() -> None:
    codes = code_lists()["relationship"]
    for new_head, others in _table().items():
        for other, becomes in others.items():
            said: Any = (
                [becomes] if isinstance(becomes, str) else [v for k, v in becomes.items() if k != "by"]
            )
            assert {new_head, other, *said} <= {each.code for each in codes.codes}
            assert "head" not in said


def cases() -> list[tuple[Member, Member, Member]]:
    """Every old head, spouse of the other sex, new head and further person of whom the table speaks."""
    found = []
    for old_sex, new_sex, sex in product(SEXES, repeat=3):
        for relationship, others in _table().items():
            for other in others:
                old, new, third = person("head", old_sex), person(relationship, new_sex), person(other, sex)
                spouses = [each for each in (new, third) if each.relationship == "spouse"]
                if all(each.sex != old_sex for each in spouses):
                    found.append((old, new, old if other == "head" else third))
    return found


def test_nobody_changes_sex() -> None:
    for old, new, third in cases():
        becomes = derived(third, old_head=old, new_head=new)
        assert becomes not in (WOMEN if third.sex == "male" else MEN), (old.sex, new, third)


def test_the_old_head_and_the_new_are_to_each_other_what_they_were() -> None:
    """Handing over and taking back leads to the same relationship, wherever both ways can be told."""
    told = 0
    for old, new, third in cases():
        if third is not old or (becomes := derived(old, old_head=old, new_head=new)) is None:
            continue
        before = new.relationship
        heir = person(becomes, old.sex)
        head = person("head", new.sex)
        if (again := derived(head, old_head=head, new_head=heir)) is not None:
            assert again == before, (old.sex, before, becomes)
            told += 1
    assert told


@pytest.mark.parametrize(
    ("old_sex", "new_head", "other", "becomes"),
    [
        pytest.param("male", "spouse", "father", "husbands_father", id="a widow's father-in-law"),
        pytest.param("female", "spouse", "father", "wifes_father", id="a widower's father-in-law"),
        pytest.param("male", "son", "mother", "grandmother", id="father's mother"),
        pytest.param("female", "son", "mother", "mothers_mother", id="mother's mother"),
        pytest.param("male", "son", "daughter_in_law", None, id="a wife or a brother's wife"),
        pytest.param("male", "son", "grandson", None, id="a son or a nephew"),
        pytest.param("male", "sibling", "son", "nephew", id="a brother's son"),
    ],
)
def test_who_they_are_to_the_new_head(old_sex: str, new_head: str, other: str, becomes: str | None) -> None:
    new_sex = "female" if old_sex == "male" else "male"
    third = person(other)
    assert derived(third, old_head=person("head", old_sex), new_head=person(new_head, new_sex)) == becomes


def test_what_is_stated_goes_before_the_table() -> None:
    old, new, third = person("head", "male"), person("son"), person("daughter")
    install(new, [old, third], old_head=old, stated={third.id: "other"})
    assert [each.relationship for each in (old, new, third)] == ["father", "head", "other"]
