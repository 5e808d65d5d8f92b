"""People of a household under watch go to another one: what is known of their risks goes with them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.contracts.household import (
    HouseholdMerged,
    HouseholdRegistered,
    HouseholdSplit,
    MemberTransferred,
    PersonMoved,
    RegroupingState,
)
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.services.monitoring.conftest import Scene, household, move as step, numbered
from tests.services.monitoring.journey import accepted, monitored


def move(
    kind: type[RegroupingState], old: HouseholdRegistered, new: HouseholdRegistered, *moved: PersonMoved
) -> RegroupingState:
    return kind(
        household_id=old.id,
        into_id=new.id,
        division_code=old.division_code,
        happened_on=date(2021, 6, 10),
        persons=moved,
        version=2,
    )


@pytest.mark.parametrize(
    ("kind", "whose", "clues"),
    [
        pytest.param(HouseholdSplit, "household", 1, id="a split takes the household's risk along"),
        pytest.param(HouseholdMerged, "household", 1, id="so does a merger"),
        pytest.param(MemberTransferred, "household", 0, id="one who goes alone leaves it behind"),
        pytest.param(MemberTransferred, "mover", 1, id="and takes their own"),
        pytest.param(HouseholdSplit, "another", 0, id="but nobody else's"),
    ],
)
async def test_a_watched_risk_becomes_a_clue_to_where_the_people_are(
    monitoring: ServiceUnderTest, scene: Scene, kind: type[RegroupingState], whose: str, clues: int
) -> None:
    old = await scene.known(household(members=(numbered(),)))
    new = await scene.known(household())
    ill = old.members[0].id
    risk = {"risk_type": "illness", "cause": "慢性肾病长期透析"}
    thing = await monitored(
        scene, old.id, risks=[risk if whose == "household" else risk | {"member_id": str(ill)}]
    )
    gone = PersonMoved(member_id=uuid7() if whose == "another" else ill, became=uuid7())
    # A redelivery under another id changes nothing: the clue knows where it comes from.
    for _ in range(2):
        await monitoring.tell(move(kind, old, new, gone))
    listed = (await scene.village.get("/clues", params={"household_id": str(new.id)})).json()["items"]
    assert len(listed) == clues
    if clues:
        clue = (await scene.village.get(f"/clues/{listed[0]['id']}")).json()
        (evidence,) = clue["evidence"]
        assert (clue["risk_type"], clue["sources"]) == ("illness", ["follow_up"])
        assert evidence["detail"]["monitored_id"] == thing.removeprefix("/monitored/")
        assert evidence["member_id"] == (str(gone.became) if whose == "mover" else None)
    still = (await scene.village.get(thing)).json()
    assert still["status"] == "monitored"


async def test_people_of_whom_nothing_is_watched_make_no_clue(
    monitoring: ServiceUnderTest, scene: Scene
) -> None:
    old, new = await scene.known(household(members=(numbered(),))), await scene.known(household())
    gone = PersonMoved(member_id=old.members[0].id, became=uuid7())
    await monitoring.tell(move(HouseholdSplit, old, new, gone))
    listed = (await scene.village.get("/clues", params={"household_id": str(new.id)})).json()["items"]
    assert listed == []


@pytest.mark.parametrize(
    ("kind", "whose", "clues"),
    [
        pytest.param(HouseholdMerged, "household", 1, id="a merger takes along what is looked into"),
        pytest.param(HouseholdSplit, "household", 1, id="so does a split"),
        pytest.param(MemberTransferred, "household", 0, id="one who goes alone leaves it behind"),
        pytest.param(MemberTransferred, "mover", 1, id="and takes what was told of themselves"),
    ],
)
@pytest.mark.parametrize("is_accepted", [False, True], ids=["without a verdict", "in a case"])
async def test_a_clue_that_is_looked_into_is_one_to_where_the_people_are(
    scene: Scene, kind: type[RegroupingState], whose: str, clues: int, *, is_accepted: bool
) -> None:
    old, new = await scene.known(household(members=(numbered(),))), await scene.known(household())
    about: dict[str, Any] = {"member_id": str(old.members[0].id)} if whose == "mover" else {}
    if is_accepted:
        await accepted(scene, old.id, **about)
    else:
        await scene.clue(old.id, **about)
    gone = PersonMoved(member_id=old.members[0].id, became=uuid7())
    for _ in range(2):
        await scene.service.tell(move(kind, old, new, gone))
    listed = (await scene.village.get("/clues", params={"household_id": str(new.id)})).json()["items"]
    assert [(len(clue["evidence"]), clue["member_id"]) for clue in listed] == [
        (1, str(gone.became) if about else None)
    ] * clues


async def test_what_was_found_to_be_no_risk_stays_behind(scene: Scene) -> None:
    old, new = await scene.known(household(members=(numbered(),))), await scene.known(household())
    told = f"/clues/{(await scene.clue(old.id))['clue_id']}"
    await step(scene.village, f"{told}/dismissal", {"reason": "误报"})
    await step(scene.town, f"{told}/dismissal/confirmation")
    gone = PersonMoved(member_id=old.members[0].id, became=uuid7())
    await scene.service.tell(move(HouseholdMerged, old, new, gone))
    listed = (await scene.village.get("/clues", params={"household_id": str(new.id)})).json()["items"]
    assert listed == []


async def test_a_split_of_long_ago_is_followed_too(monitoring: ServiceUnderTest, scene: Scene) -> None:
    old = await scene.known(household(members=(numbered(),)))
    new = await scene.known(household())
    await monitored(scene, old.id)
    split = move(HouseholdSplit, old, new, PersonMoved(member_id=old.members[0].id, became=uuid7()))
    await monitoring.tell(split.model_copy(update={"happened_on": date(2018, 3, 1)}))
    told = (await scene.village.get("/clues", params={"household_id": str(new.id)})).json()["items"]
    assert [(clue["received_on"], clue["risk_type"]) for clue in told] == [("2018-03-01", "illness")]
