"""Police who tell of cars, and doubts about who owns one."""

from __future__ import annotations

from typing import Any

import httpx

from shared.contracts.household import HouseholdRegistered
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, Scene, household, numbered

WANG, LI, ZHAO = number(601), number(602), number(603)
OWNERS = {WANG: "王建国", LI: "李秀英", ZHAO: "赵一"}
QUARTER = "2021-Q1"
SAID: dict[str, Any] = {"words": "车为其兄借名购买，本人不使用", "evidence": ["借名协议"]}
ACCEPTED: dict[str, Any] = {"accepted": True, "opinion": "协议与走访情况一致"}
UPHELD: dict[str, Any] = {"accepted": False, "opinion": "车由本人使用"}


async def registered(scene: Scene) -> HouseholdRegistered:
    """Let the numbers of Wang and Li, of one household, be known, and Zhao's, of another town; return the first."""
    await scene.known(household(OTHER_VILLAGE, members=(numbered("赵一", ZHAO),)))
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


async def police_of(scene: Scene) -> Department:
    """Return who tells of vehicles."""
    client = await scene.service.caller("department", COUNTY, subject="gongan")
    return Department(scene.service, client, "vehicle")


async def told(police: Department, *owners: str, yuan: int = 80000, period: str = QUARTER) -> dict[str, Any]:
    """Send a file that says that these people own a car each."""
    rows = [[OWNERS[owner], owner, str(yuan)] for owner in owners]
    return await police.send(as_csv(rows, headers=["姓名", "身份证号", "车辆价值"]), period)


async def doubts(caller: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return what a caller sees."""
    answer = await caller.get("/doubts", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def doubted(police: Department, scene: Scene) -> str:
    """Return the address of a doubt about Wang's car."""
    await told(police, WANG)
    (doubt,) = await doubts(scene.county)
    return f"/doubts/{doubt['id']}"
