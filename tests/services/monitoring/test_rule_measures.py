"""Rules may ask which risks somebody is already doing something about."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.monitoring.assistance.model import Measure
from shared.identity.principal import system
from shared.keys import uuid7
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, member, numbered
from tests.services.monitoring.screening import all_hits, screen
from tests.services.monitoring.test_rulebook import publish

RULE: dict[str, Any] = {
    "id": "ill_and_unaided",
    "zh": "患大病而无帮扶",
    "en": "Ill, and nobody helps",
    "subject": "person",
    "meaning": "warning",
    "risk_type": "illness",
    "versions": [
        {
            "version": "1",
            "from": "2021-06-10",
            "source": "样例",
            "if": [{"fact": "health", "has": "serious"}],
            "unless": [{"fact": "risks_under_measure", "has": "illness"}],
            "examples": [
                {
                    "zh": "无帮扶",
                    "given": {"health": ["serious"], "risks_under_measure": []},
                    "hit": True,
                },
                {
                    "zh": "正在帮扶",
                    "given": {"health": ["serious"], "risks_under_measure": ["illness"]},
                    "hit": False,
                },
            ],
        }
    ],
}


async def test_a_rule_may_pass_over_what_a_measure_is_against(scene: Scene) -> None:
    unaided, aided, over, other = [
        household(members=(member("李大爷", "1945-01-01", health=("serious",)),), income_per_capita="9000")
        for _ in range(4)
    ]
    await scene.known(unaided, aided, over, other)
    ended: dict[str, Any] = {"status": "done", "done_on": date(2021, 6, 1)}
    async with scene.service.database.writing(system("tests"), reason="样例") as db:
        cases: list[tuple[Any, str, dict[str, Any]]] = [
            (aided, "illness", {}),
            (over, "illness", ended),
            (other, "housing", {}),
        ]
        for of, risk, more in cases:
            planned: dict[str, Any] = {
                "kind": "health",
                "risk_type": risk,
                "planned_on": date(2021, 5, 1),
                "description": "签约",
            }
            where: dict[str, Any] = {"household_id": of.id, "division_code": of.division_code}
            db.add(Measure(id=uuid7(), **planned, **where, **more))
    written = await scene.county.post("/rules/drafts", json={"document": RULE})
    assert written.status_code == 201, written.text
    await publish(scene, f"/rules/drafts/{written.json()['id']}", by="other_county")
    await screen(scene.service, scene.county)
    hits = {each["household_id"] for each in await all_hits(scene.county, rule="ill_and_unaided")}
    assert hits == {str(each.id) for each in (unaided, over, other)}


@pytest.mark.parametrize(
    ("year", "warned"),
    [
        pytest.param(2026, {"赵敏", "李秀英", "孙平"}, id="since a measure of one's own counts"),
        pytest.param(2025, {"王建国", "赵敏", "李秀英", "孙平"}, id="before"),
    ],
)
async def test_a_chronic_disease_is_no_news_where_the_same_person_is_helped_against_illness(
    scene: Scene, year: int, warned: set[str]
) -> None:
    names = ("王建国", "赵敏", "李秀英", "孙平")
    numbers = dict(zip(names, (number(order) for order in range(811, 815)), strict=True))
    persons = tuple(numbered(name, numbers[name]) for name in names)
    home = await scene.known(household(members=persons, kind="lifted"))
    ids = {each.name: each.id for each in home.members}
    given: list[tuple[UUID | None, str, dict[str, Any]]] = [
        (ids["王建国"], "illness", {}),
        (ids["赵敏"], "illness", {"status": "done", "done_on": date(2022, 1, 1)}),
        (ids["李秀英"], "job_instability", {}),
        (None, "illness", {}),
    ]
    async with scene.service.database.writing(system("tests"), reason="样例") as db:
        for member_id, risk, more in given:
            planned: dict[str, Any] = {
                "kind": "health",
                "planned_on": date(2021, 5, 1),
                "description": "签约",
            }
            where: dict[str, Any] = {
                "household_id": home.id,
                "division_code": home.division_code,
                "member_id": member_id,
            }
            db.add(Measure(id=uuid7(), risk_type=risk, **planned, **where, **more))
    scene.go_to(year, 12, 31)
    department = Department(
        scene.service, await scene.service.caller("department", COUNTY), "chronic_disease"
    )
    rows = [(name, written, "高血压") for name, written in numbers.items()]
    batch = await department.send(as_csv(rows, headers=["姓名", "身份证号", "病种"]), f"{year}-12")
    assert batch["alerts"] == len(warned)
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    shown = (await scene.county.get(f"/clues/{clue['id']}")).json()
    assert {each["member_id"] for each in shown["evidence"]} == {str(ids[name]) for name in warned}
