"""Limits: how long they last, and that the version that set one stands beside what was decided by it."""

from __future__ import annotations

from datetime import date

import pytest

from services.monitoring.cases.steps import Step
from services.monitoring.gaps.job import mark_late
from services.monitoring.limits import due
from tests.services.monitoring import forms
from tests.services.monitoring.applying import applied
from tests.services.monitoring.conftest import VILLAGE, Scene, household, move, numbered
from tests.services.monitoring.filing import archive_of
from tests.services.monitoring.journey import eliminated, measure_done, monitored, open_case, walk
from tests.services.monitoring.test_gaps import gap
from tests.services.monitoring.upgrading import bring_up

NATION, ANHUI = "2019", "2022-anhui"


@pytest.mark.check
@pytest.mark.parametrize(
    ("name", "division", "start", "ends", "rule"),
    [
        pytest.param(
            *("household_check", VILLAGE, "2021-06-10", "2021-06-16", NATION),
            id="over the Dragon Boat holiday",
        ),
        pytest.param("town_review", VILLAGE, "2021-09-30", "2021-10-09", NATION, id="to a working Saturday"),
        pytest.param(
            "publicity", VILLAGE, "2021-06-10", "2021-06-15", NATION, id="publicity in natural days"
        ),
        pytest.param("procedure", VILLAGE, "2021-06-10", "2021-07-02", NATION, id="fifteen days in 2021"),
        pytest.param("procedure", VILLAGE, "2022-06-10", "2022-07-08", ANHUI, id="twenty in Anhui from 2022"),
        pytest.param("procedure", "520100000001", "2022-06-10", "2022-07-01", NATION, id="fifteen elsewhere"),
        pytest.param("town_review", VILLAGE, "2022-06-10", "2022-06-14", NATION, id="what Anhui left alone"),
    ],
)
def test_a_limit_ends_and_says_by_which_version(
    name: str, division: str, start: str, ends: str, rule: str
) -> None:
    assert due(name, division, date.fromisoformat(start)) == (date.fromisoformat(ends), rule)


@pytest.mark.check
def test_every_step_has_a_limit() -> None:
    for step in Step:
        assert due(step.limit, VILLAGE, date(2021, 6, 10)).on > date(2021, 6, 10)


async def test_a_case_keeps_the_version_behind_every_step_and_behind_the_whole(scene: Scene) -> None:
    scene.go_to(2022, 6, 10)
    case = await open_case(scene, (await scene.known(household())).id)
    begun = (await scene.county.get(case)).json()
    assert [begun[name] for name in ("due_on", "due_rule")] == ["2022-06-14", NATION]
    assert [begun[f"procedure_{name}"] for name in ("due_on", "due_rule")] == ["2022-07-08", ANHUI]
    shown = await walk(scene, case)
    assert shown["procedure_due_rule"] == ANHUI
    assert {line["due_rule"] for line in shown["timeline"]} == {NATION}
    by_entry = {line["entry"]: line for line in shown["timeline"]}
    assert by_entry["household_check"]["due_on"] == "2022-06-15"
    # Publicity has a limit that it may not pass, and one that it may not fall short of.
    least = by_entry["publicity"]["content"]["judgement"]
    assert (least["version"], "枞阳县" in least["source"]) == (NATION, True)


async def test_a_clue_keeps_the_version_behind_verdict_and_first_visit(scene: Scene) -> None:
    await scene.known(household(members=(numbered(relationship="head"),)))
    await applied(scene.village)
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    assert (clue["due_rule"], clue["visit_due_on"], clue["visit_due_rule"]) == (NATION, "2021-06-15", NATION)
    other = await scene.clue((await scene.known(household())).id)
    clue = (await scene.village.get(f"/clues/{other['clue_id']}")).json()
    assert (clue["due_rule"], clue["visit_due_on"], clue["visit_due_rule"]) == (NATION, None, None)


async def test_what_is_decided_about_an_object_keeps_its_limit_after_the_decision(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    shown = await eliminated(scene, thing)
    assert (shown["due_on"], shown["due_rule"]) == (None, None)
    (done,) = shown["eliminations"]
    assert (done["due_on"], done["due_rule"]) == ("2022-01-18", NATION)
    scene.go_to(2022, 1, 27)
    receipt = await scene.clue(home.id)
    await move(scene.village, f"/clues/{receipt['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    waiting = (await scene.county.get(thing)).json()
    assert (waiting["due_on"], waiting["due_rule"]) == ("2022-02-08", NATION)
    scene.go_to(2022, 2, 9)
    back = {"risk_type": "illness", "cause": "复发", "clue_id": receipt["clue_id"]}
    await move(scene.town, f"{thing}/retagging", back)
    (again,) = (await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL))["retaggings"]
    assert (again["check_due_on"], again["check_due_rule"]) == ("2022-02-08", NATION)
    assert (again["due_on"], again["due_rule"]) == ("2022-02-16", NATION)
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    (over,) = (await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL))["closures"]
    assert (over["due_on"], over["due_rule"]) == ("2022-02-16", NATION)
    steps = {step["kind"]: step for step in (await archive_of(scene.county, thing))["steps"]}
    measured = {kind: (step["due_on"], step["late"]) for kind, step in steps.items() if step["due_rule"]}
    assert (
        measured.items()
        >= {
            "elimination_approved": ("2022-01-18", False),
            "retagging_verified": ("2022-02-08", True),
            "retagging_confirmed": ("2022-02-16", False),
            "closure": ("2022-02-16", False),
        }.items()
    )


async def test_a_closure_beside_an_elimination_keeps_a_limit_of_its_own(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    shown = await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    ends = [(each["due_on"], each["due_rule"]) for each in (*shown["eliminations"], *shown["closures"])]
    assert ends == [("2022-01-18", NATION), ("2021-12-27", NATION)]


async def test_what_is_withheld_has_no_limit(scene: Scene) -> None:
    aged = tuple(
        person.model_copy(update={"labour": "none", "birth_date": date(1950, 3, 1)})
        for person in household().members
    )
    thing = await monitored(scene, (await scene.known(household(members=aged))).id)
    await measure_done(scene, thing)
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    shown = await move(scene.village, f"{thing}/elimination", forms.STABLE)
    (withheld,) = shown["eliminations"]
    assert (withheld["stage"], withheld["due_on"], withheld["due_rule"]) == ("withheld", None, None)


async def test_late_help_and_a_reason_that_lapses_say_by_which_version(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    until = {"risk_type": "illness", "reason": "等待医保经办机构复核", "until_on": "2021-06-16"}
    said = await scene.village.post(f"{thing}/reasons", json=until)
    assert (said.status_code, said.json()["rule"]) == (201, "2021")
    scene.go_to(2021, 7, 1)
    await mark_late(scene.service.database)
    found = await gap(scene)
    assert found is not None
    assert {each["due_rule"] for each in found["late"]} == {NATION}


#: To when a last day stood there without the version that set it.
_BACK = (
    "ALTER TABLE clue DROP COLUMN due_rule, DROP COLUMN visit_due_rule",
    "ALTER TABLE identification_case DROP COLUMN due_rule, DROP COLUMN procedure_due_rule",
    "ALTER TABLE case_entry DROP COLUMN due_rule",
    "ALTER TABLE late_duty DROP COLUMN due_rule",
    "ALTER TABLE stated_reason DROP COLUMN rule",
    "ALTER TABLE monitored_object DROP COLUMN due_rule",
    "ALTER TABLE elimination DROP COLUMN due_on, DROP COLUMN due_rule",
    "ALTER TABLE retagging DROP COLUMN due_on, DROP COLUMN due_rule",
    "ALTER TABLE retagging DROP COLUMN check_due_on, DROP COLUMN check_due_rule",
    "ALTER TABLE closure DROP COLUMN due_on, DROP COLUMN due_rule",
    "ALTER TABLE small_credit DROP COLUMN extension_rule",
)


async def test_what_is_under_way_at_the_upgrade_is_said_to_be_measured_by_what_measured_it(
    scene: Scene, postgres_admin_url: str
) -> None:
    scene.go_to(2022, 6, 10)
    case = await open_case(scene, (await scene.known(household())).id)
    scene.go_to(2021, 6, 10)
    freed, asked, going = [await monitored(scene, (await scene.known(household())).id) for _ in range(3)]
    await eliminated(scene, freed)
    await measure_done(scene, asked)
    await move(scene.village, f"{asked}/elimination", forms.STABLE)
    await move(scene.town, f"{going}/closure", forms.CLOSURE)
    before = [(await scene.county.get(thing)).json() for thing in (case, freed, asked, going)]
    await bring_up(scene, postgres_admin_url, back=_BACK, migration="2027_01_17_monitoring_limits")
    after = [(await scene.county.get(thing)).json() for thing in (case, freed, asked, going)]
    names = ("due_on", "due_rule", "procedure_due_on", "procedure_due_rule")
    assert [[each.get(name) for name in names] for each in after] == [
        [each.get(name) for name in names] for each in before
    ]
    # Nobody measured an elimination once it was decided.
    assert [each["due_rule"] for each in after[1]["eliminations"]] == [None]
    for now, then in zip(after[2:], before[2:], strict=True):
        ends = [
            [(each["due_on"], each["due_rule"]) for each in (*shown["eliminations"], *shown["closures"])]
            for shown in (now, then)
        ]
        assert ends[0] == ends[1]
