"""What an applicant is told of the end: the result, and nothing that officials say among themselves."""

from __future__ import annotations

from typing import Any

import httpx

from shared.contracts.household import HouseholdRegistered
from tests.services.monitoring import forms
from tests.services.monitoring.applying import applied, progress
from tests.services.monitoring.conftest import Scene, household, member, move, numbered
from tests.services.monitoring.journey import eliminated, monitored, walk

TOLD = ("progress", "answer", "answered_on")


async def home_of(scene: Scene) -> HouseholdRegistered:
    """Return the household of somebody whose number is known."""
    others = (member("王小雨", "2010-09-01"), member("李秀英", "1950-01-01"))
    return await scene.known(household(members=(numbered(labour="ordinary"), *others)))


async def accepted(scene: Scene, risk: str) -> dict[str, Any]:
    """Accept the clue that an application has become."""
    (clue,) = (await scene.village.get("/clues", params={"risk_type": risk, "status": "received"})).json()[
        "items"
    ]
    return await move(scene.village, f"/clues/{clue['id']}/acceptance", {"verdict": "属实"}, expect=201)


async def told(caller: httpx.AsyncClient, receipt: dict[str, Any]) -> tuple[Any, ...]:
    """Return how it ended, in the applicant's eyes."""
    status = await progress(caller, receipt)
    return tuple(status[name] for name in TOLD)


async def test_why_a_case_went_back_once_is_not_told_with_the_good_news(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    await home_of(scene)
    receipt = await applied(anybody)
    case = f"/cases/{(await accepted(scene, 'illness'))['case_id']}"
    await walk(scene, case, until="town-review")
    await move(scene.town, f"{case}/return", {"to_step": "consent", "reason": "疑似瞒报，请向邻居核实"})
    await walk(scene, case)
    assert await told(anybody, receipt) == ("monitored", None, "2021-06-18")


async def test_of_a_vote_against_the_applicant_learns_the_outcome_and_not_the_minutes(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    await home_of(scene)
    receipt = await applied(anybody)
    case = f"/cases/{(await accepted(scene, 'illness'))['case_id']}"
    await walk(scene, case, until="deliberation")
    against = {"votes_for": 0, "votes_against": 3, "minutes": "周明：其弟有病史，家有商品房"}
    await move(scene.village, f"{case}/deliberation", forms.DELIBERATION | against)
    assert await told(anybody, receipt) == ("not_monitored", "村级民主评议未通过", "2021-06-10")


async def test_of_the_countys_refusal_the_applicant_learns_the_reason(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    await home_of(scene)
    receipt = await applied(anybody)
    case = f"/cases/{(await accepted(scene, 'illness'))['case_id']}"
    await walk(scene, case, until="county-approval")
    await move(scene.county, f"{case}/county-approval", {"approved": False, "opinion": "收入高于监测范围"})
    assert await told(anybody, receipt) == ("not_monitored", "收入高于监测范围", "2021-06-14")


async def test_a_returned_risk_is_followed_until_the_county_has_decided(
    scene: Scene, anybody: httpx.AsyncClient
) -> None:
    home = await home_of(scene)
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    receipt = await applied(anybody, risk_type="water")
    lead = await accepted(scene, "water")
    assert (await told(anybody, receipt))[0] == "being_verified"
    again = {"risk_type": "water", "cause": "停水", "clue_id": lead["clue_id"]}
    await move(scene.town, f"{thing}/retagging", again)
    assert (await told(anybody, receipt))[0] == "being_verified"
    await move(scene.county, f"{thing}/retagging/return", {"reason": "已通水"})
    assert await told(anybody, receipt) == ("not_monitored", None, None)
    await move(scene.town, f"{thing}/retagging", again)
    await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert (await told(anybody, receipt))[0] == "monitored"
