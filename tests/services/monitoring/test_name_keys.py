"""Keys of names that were made by a shorter table of variants."""

from __future__ import annotations

from sqlmodel import col, select

from services.monitoring.replicas.model import PersonReplica
from shared.domain.person_name import comparable
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.upgrading import bring_up

NAMES = ("許文強", "買買提·艾力", "王建国", "於得水")


async def test_an_upgrade_writes_keys_as_they_are_compared_now(scene: Scene, postgres_admin_url: str) -> None:
    persons = tuple(numbered(name, number(place)) for place, name in enumerate(NAMES, start=801))
    await scene.known(household(members=persons))
    before = "UPDATE person_replica SET name_key = replace(name, '·', '')"
    await bring_up(scene, postgres_admin_url, back=[before], migration="2027_01_22_monitoring_name_keys")
    async with scene.service.database.reading(system("tests")) as db:
        kept = await db.rows(select(col(PersonReplica.name), col(PersonReplica.name_key)))
    assert dict(kept) == {name: comparable(name) for name in NAMES}


async def test_an_upgrade_leaves_all_dots_out_of_keys(scene: Scene, postgres_admin_url: str) -> None:
    persons = [numbered(f"买买提·艾力{each}", number(801 + each)) for each in range(6)]
    await scene.known(household(members=tuple(persons)))
    # As they were made of a name with each of the dots: two of them had been taken apart.
    before = """
        UPDATE person_replica
        SET name_key = replace(name, '·', substr(U&'\\25CF\\119E\\0307\\25AA\\2E31', place + 1, 1))
        FROM generate_series(0, 5) place WHERE name LIKE '%' || place
    """
    await bring_up(scene, postgres_admin_url, back=[before], migration="2027_02_11_monitoring_name_dots")
    async with scene.service.database.reading(system("tests")) as db:
        kept = await db.rows(select(col(PersonReplica.name), col(PersonReplica.name_key)))
    assert dict(kept) == {person.name: comparable(person.name) for person in persons}


async def test_a_row_in_simplified_characters_finds_whom_the_registry_writes_in_traditional_ones(
    scene: Scene,
) -> None:
    await scene.known(household(members=(numbered("許文強", number(801)), numbered("陆严", number(802)))))
    department = Department(scene.service, await scene.service.caller("department", COUNTY))
    rows = [("许文强", number(801), "1", "住院"), ("陸嚴", number(802), "1", "住院")]
    assert figures(await department.send(as_csv(rows))) == (2, 2, 0, 0, 0, 0)
