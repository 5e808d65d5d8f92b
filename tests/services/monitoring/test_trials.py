"""What if: a draft asked of everybody without writing, equal to applying it, today and in the past."""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.monitoring.app import SERVICE
from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.raising import raise_hits
from shared.contracts.household import HouseholdChanged
from shared.identity.principal import system
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import ServiceDatabase, copied
from tests.services.monitoring.conftest import COUNTY, TOWN, VILLAGE, Scene, household, morning, move
from tests.services.monitoring.screening import all_hits, drawn, screen
from tests.services.monitoring.test_rulebook import drafted, publish

#: 200,000 for the county of the issue: `FANGFAN_TEST_HOUSEHOLDS=200000 pytest -m slow`.
MANY = int(os.environ.get("FANGFAN_TEST_HOUSEHOLDS", "20000"))


async def tried(scene: Scene, **form: Any) -> dict[str, Any]:
    """Try a rule out."""
    answer = await scene.county.post("/rules/trials", json=form, params={"limit": 200})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def moved(scene: Scene, **form: Any) -> set[tuple[str, bool]]:
    """Return whom a draft moves, page by page: household, and whether it enters."""
    found: set[tuple[str, bool]] = set()
    query: dict[str, Any] = {"limit": 100}
    while True:
        answer = (await scene.county.post("/rules/trials", json=form, params=query)).json()
        found |= {(each["household_id"], each["enters"]) for each in answer["moved"]["items"]}
        if answer["moved"]["next"] is None:
            return found
        query["cursor"] = answer["moved"]["next"]


@asynccontextmanager
async def copy_of(scene: Scene, folder: Path, admin_url: str) -> AsyncIterator[ServiceUnderTest]:
    """Give a service over a copy of the scene's database, at the same moment."""
    url = scene.service.runtime.settings.database_url.get_secret_value()
    await scene.service.database.dispose()
    async with copied(admin_url, url.rpartition("/")[2], "monitoring") as name:
        database = ServiceDatabase(name, f"{url.rpartition('/')[0]}/{name}", "", "")
        async with under_test(SERVICE, database, folder, moment=scene.service.clock.moment) as service:
            yield service


async def applied(
    scene: Scene, folder: Path, admin_url: str, document: dict[str, Any]
) -> set[tuple[str, bool]]:
    """Apply a draft in a copy; return whom that moved."""
    before = {hit["household_id"] for hit in await all_hits(scene.county, open=True, rule="unsafe_housing")}
    async with copy_of(scene, folder, admin_url) as service:
        writer = await service.caller("county_officer", COUNTY, subject="county-1")
        other = await service.caller("county_officer", COUNTY, subject="county-2")
        copy = Scene(service, writer, writer, writer, other, writer, writer)
        written = await writer.post("/rules/drafts", json=document)
        assert written.status_code == 201, written.text
        await publish(copy, f"/rules/drafts/{written.json()['id']}", by="other_county")
        await screen(service, writer)
        after = {hit["household_id"] for hit in await all_hits(writer, open=True, rule="unsafe_housing")}
    return {(each, True) for each in after - before} | {(each, False) for each in before - after}


GRADES = {
    "thresholds": {"unsafe": ["B", "D"]},
    "from": "2021-06-10",
    "examples": [
        {"zh": "B 级", "given": {"housing_grade": "B"}, "hit": True},
        {"zh": "C 级", "given": {"housing_grade": "C"}, "hit": False},
    ],
}


async def test_a_trial_equals_applying_the_rule_in_a_copy(
    scene: Scene, tmp_path: Path, postgres_admin_url: str
) -> None:
    draw = random.Random(3)
    await scene.known(*(drawn(draw) for _ in range(400)))
    await screen(scene.service, scene.county)
    document = drafted(**GRADES)
    foretold = await moved(scene, **document)
    assert foretold == await applied(scene, tmp_path, postgres_admin_url, document)
    assert len({enters for _, enters in foretold}) == 2
    figures = await tried(scene, **document)
    assert figures["subjects"] == 400
    assert figures["then"] == figures["now"] + figures["enter"] - figures["leave"]
    assert (figures["enter"] + figures["leave"]) == len(foretold)
    assert sum(town["enter"] for town in figures["towns"]) == figures["enter"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_a_county_answers_in_seconds_and_as_if_it_were_applied(
    scene: Scene, tmp_path: Path, postgres_admin_url: str
) -> None:
    draw = random.Random(4)
    for start in range(0, MANY, 500):
        await scene.known(*(drawn(draw) for _ in range(min(500, MANY - start))))
    # Whoever came before all of them were known has an identity that ran out meanwhile.
    scene.county = await scene.service.caller("county_officer", COUNTY, subject="county-1")
    document = drafted(**GRADES)
    began = time.monotonic()
    figures = await tried(scene, **document)
    seconds = time.monotonic() - began
    income = time.monotonic()
    await tried(scene, rule="no_labour", thresholds={})
    print(f"\n{MANY} households: what if {seconds:.2f} s, of all members {time.monotonic() - income:.2f} s")  # noqa: T201 - the figure
    assert figures["subjects"] == MANY
    assert seconds < 10
    # Applying it makes a clue of everybody who is hit: the sets are compared without telling them.
    async with scene.service.database.writing(system("tests")) as db:
        await raise_hits(db, (await rules(db))["unsafe_housing"])
    before = await open_households(scene.service)
    async with copy_of(scene, tmp_path, postgres_admin_url) as service:
        writer = await service.caller("county_officer", COUNTY, subject="county-1")
        other = await service.caller("county_officer", COUNTY, subject="county-2")
        copy = Scene(service, writer, writer, writer, other, writer, writer)
        written = await writer.post("/rules/drafts", json=document)
        await publish(copy, f"/rules/drafts/{written.json()['id']}", by="other_county")
        async with service.database.writing(system("tests")) as db:
            await raise_hits(db, (await rules(db))["unsafe_housing"])
        after = await open_households(service)
    assert (len(after - before), len(before - after)) == (figures["enter"], figures["leave"])
    assert len(before) == figures["now"]


async def open_households(service: ServiceUnderTest) -> set[str]:
    async with service.database.reading(system("tests")) as db:
        rows = await db.rows(text("SELECT household_id FROM rule_hit WHERE ended_on IS NULL"))
    return {str(key) for (key,) in rows}


async def test_a_known_rule_is_tried_with_another_threshold_in_a_division(scene: Scene) -> None:
    await scene.known(
        household(housing_grade="C"), household(housing_grade="B"), household(housing_grade="D")
    )
    figures = await tried(
        scene, rule="unsafe_housing", thresholds={"unsafe": ["B", "C", "D"]}, division=VILLAGE
    )
    assert (figures["now"], figures["then"], figures["enter"], figures["leave"]) == (2, 3, 1, 0)
    (enters,) = figures["moved"]["items"]
    assert enters["inputs"] == {"housing_grade": "B", "risk_eliminated": False, "under_watch": False}
    assert [town["division_code"] for town in figures["towns"]] == [TOWN]
    nobody = await tried(scene, rule="unsafe_housing", division="340621101000")
    assert (nobody["subjects"], nobody["now"]) == (0, 0)


async def test_a_trial_of_the_past_asks_the_registry_of_then(scene: Scene) -> None:
    home = await scene.known(household(housing_grade="D"), household(housing_grade="A"))
    scene.go_to(2021, 9, 1)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"housing_grade": "A", "version": 2}))
    await scene.known(household(housing_grade="D"))
    grades = {"rule": "unsafe_housing", "thresholds": {"unsafe": ["C"]}}
    for as_of, subjects, leaving in (
        ("2021-06-01T00:00:00Z", 0, set()),
        ("2021-07-01T00:00:00Z", 2, {str(home.id)}),
        (None, 3, None),
    ):
        figures = await tried(scene, **grades, as_of=as_of)
        assert figures["subjects"] == subjects, as_of
        if leaving is not None:
            assert {each["household_id"] for each in figures["moved"]["items"]} == leaving
    now = await tried(scene, **grades)
    assert str(home.id) not in {each["household_id"] for each in now["moved"]["items"]}
    assert now["leave"] == 1


async def test_a_trial_writes_nothing(scene: Scene) -> None:
    await scene.known(household(housing_grade="D"))
    async with scene.service.statements() as sent:
        await tried(scene, rule="unsafe_housing", thresholds={"unsafe": ["C"]})
    assert not [each for each in sent if each.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert await all_hits(scene.county) == []


async def test_a_backtest_holds_a_rule_against_the_verdicts_that_followed(scene: Scene) -> None:
    unsafe = [household(housing_grade="D", number=str(place)) for place in range(3)]
    safe = household(housing_grade="A")
    await scene.known(*unsafe, safe)
    scene.go_to(2021, 6, 20)
    for home in (unsafe[0], safe):
        receipt = await scene.clue(home.id, risk_type="housing")
        await move(scene.village, f"/clues/{receipt['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    receipt = await scene.clue(unsafe[1].id, risk_type="housing")
    await move(scene.village, f"/clues/{receipt['clue_id']}/dismissal", {"reason": "已改造"})
    await move(scene.town, f"/clues/{receipt['clue_id']}/dismissal/confirmation")
    # Of another risk, and so nothing that the rule could have foretold.
    other = await scene.clue(unsafe[2].id, risk_type="water")
    await move(scene.village, f"/clues/{other['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    form = {"rule": "unsafe_housing", "as_of": "2021-06-11T00:00:00Z", "until": "2021-12-31"}
    answer = await scene.county.post("/rules/backtests", json=form)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    figures = {name: told[name] for name in ("hits", "confirmed", "dismissed", "open", "missed")}
    assert figures == {"hits": 3, "confirmed": 1, "dismissed": 1, "open": 1, "missed": 1}
    assert (told["precision"], told["recall"]) == (0.5, 0.5)
    earlier = (await scene.county.post("/rules/backtests", json=form | {"until": "2021-06-15"})).json()
    assert (earlier["confirmed"], earlier["precision"], earlier["recall"]) == (0, None, None)


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        pytest.param({}, 422, "nothing_to_try", id="nothing to try"),
        pytest.param({"rule": "none"}, 404, "not_found", id="no such rule"),
        pytest.param(
            {"rule": "unsafe_housing", "thresholds": {"age": 3}},
            422,
            "threshold_unknown",
            id="no such threshold",
        ),
        pytest.param(
            {"rule": "unsafe_housing", "thresholds": {"unsafe": {"lifted": 3}}},
            422,
            "threshold_unknown",
            id="another shape",
        ),
        pytest.param(
            {"rule": "unsafe_housing", "thresholds": {"unsafe": ["E"]}},
            422,
            "threshold_unknown",
            id="no such grade",
        ),
        pytest.param(
            {"rule": "unsafe_housing", "as_of": "2031-01-01T00:00:00Z"},
            422,
            "date_in_future",
            id="the future",
        ),
        pytest.param({"document": {"id": "x"}}, 422, "rule_unsound", id="half a document"),
        pytest.param(
            drafted() | {"document": drafted()["document"] | {"subject": "person"}},
            422,
            "rule_head_differs",
            id="another subject",
        ),
    ],
)
async def test_a_trial_that_makes_no_sense_is_refused(
    scene: Scene, form: dict[str, Any], status: int, code: str
) -> None:
    answer = await scene.county.post("/rules/trials", json=form)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert morning(2021, 6, 10) == scene.service.clock.moment


async def test_why_a_threshold_does_not_fit_is_said_in_the_callers_language(scene: Scene) -> None:
    form = {"rule": "unsafe_housing", "thresholds": {"unsafe": ["E"]}}
    chinese = await scene.county.post("/rules/trials", json=form)
    english = await scene.county.post("/rules/trials", json=form, headers={"Accept-Language": "en"})
    words = [answer.json()["detail"] for answer in (chinese, english)]
    assert words == ["'housing_grade' 不会是 'E'", "'housing_grade' is never 'E'"]


async def test_a_rule_is_not_tried_at_a_moment_that_is_none(scene: Scene) -> None:
    for nowhen in ("0001-01-01T00:00:00+14:00", "2021-06-01T08:00:00"):
        form = {"rule": "medical_in_patient", "as_of": nowhen}
        for path, more in (("trials", {}), ("backtests", {"until": "2021-06-01"})):
            assert (await scene.county.post(f"/rules/{path}", json=form | more)).status_code == 422
