"""The replicas: the newest state wins, whatever the order in which events arrive."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from shared.contracts.household import HouseholdChanged
from shared.identity.principal import system
from tests.services.monitoring.conftest import Scene, household, member, numbered


async def persons(scene: Scene) -> dict[str, PersonReplica]:
    async with scene.service.database.reading(system("tests")) as db:
        return {person.name: person for person in await db.all(select(PersonReplica))}


async def test_news_replaces_the_household_and_its_members(scene: Scene) -> None:
    first = await scene.known(
        household(members=(numbered(health=("serious", "chronic")), member("李四", "1990-01-01")))
    )
    assert (await persons(scene))["王建国"].health == ["serious", "chronic"]
    son = member("王小", "2021-06-01")
    left = first.members[0].model_copy(update={"left_on": date(2021, 6, 5), "leave_reason": "death"})
    changed = HouseholdChanged(
        **first.model_dump() | {"members": (left, son), "kind": "lifted", "version": 2}
    )
    await scene.service.tell(changed)
    now = await persons(scene)
    assert set(now) == {"王建国", "王小"}
    assert now["王建国"].left_on is not None
    async with scene.service.database.reading(system("tests")) as db:
        home = await db.get(HouseholdReplica, first.id)
    assert (home.kind, home.member_count, home.sequence) == ("lifted", 1, 2)


async def test_what_is_older_changes_nothing(scene: Scene) -> None:
    newer = household(version=3)
    older = HouseholdChanged(**newer.model_dump() | {"members": (), "head_name": "旧", "version": 2})
    await scene.known(newer)
    await scene.service.tell(older)
    await scene.service.tell(
        HouseholdChanged(**newer.model_dump() | {"head_name": "新", "version": 4}), older
    )
    assert len(await persons(scene)) == 3
    async with scene.service.database.reading(system("tests")) as db:
        (home,) = await db.all(select(HouseholdReplica).where(col(HouseholdReplica.id) == newer.id))
    assert home.head_name == "新"


async def test_five_hundred_households_are_a_handful_of_statements(scene: Scene) -> None:
    homes = [household(number=str(n)) for n in range(500)]
    async with scene.service.statements() as sent:
        await scene.service.tell(*homes)
    # The area, the households, whose class ended, who waited with an application, whose risk was eliminated, who moved.
    assert len(sent) <= 6
    async with scene.service.database.reading(system("tests")) as db:
        assert len(await db.all(select(PersonReplica.member_id))) == 1500
