"""Half a year later: measures are done, risks are eliminated, and one comes back."""

from __future__ import annotations

from datetime import date
from typing import Any

from deploy.demo.stage import Story, rehearse
from deploy.demo.stages.departments import post_expenses
from deploy.demo.stages.identification import can_work
from deploy.local.events import settle
from deploy.local.installation import Installation

#: The share of monitored objects whose risk is stably gone by January.
_STABLE = 0.5


async def half_a_year_later(story: Story) -> None:
    """Complete the measures and eliminate the risk where every condition is met."""
    rehearse(date(2022, 1, 10), 10)
    monitored = [each async for each in story.actors.county.all("/monitored", status="monitored")]
    monitored.sort(key=lambda each: each["household_number"])
    await story.each("帮扶措施落实 measures", monitored, lambda each: _complete(story, each))
    able = [each for each in monitored if can_work(story, each)]
    await story.each(
        "风险消除 elimination",
        story.drawn(able, int(len(monitored) * _STABLE)),
        lambda e: _eliminate(story, e),
    )


async def _complete(story: Story, monitored: dict[str, Any]) -> None:
    village = story.actors.village_of(monitored["division_code"])
    done = {"effect": "措施已落实，家庭收入稳定", "evidence": ["发放凭证"]}
    for measure in (await village.get(f"/monitored/{monitored['id']}/measures"))["items"]:
        await village.post(f"/measures/{measure['id']}/completion", done, version=measure["version"])


async def _eliminate(story: Story, monitored: dict[str, Any]) -> None:
    actors, path = story.actors, f"/monitored/{monitored['id']}"
    village, town = actors.village_of(monitored["division_code"]), actors.town_of(monitored["division_code"])
    proposal = {
        "how": "by_help",
        "per_capita_net_income": "11800.00",
        "stable_months": 7,
        "guarantees": {"education": True, "medical": True, "housing": True, "water": True},
        "expenditure_settled": True,
        "facts": "病情稳定，务工收入持续半年以上，自付医疗费用已结清",
        "evidence": ["入户核实表", "工资流水"],
    }
    agreed = {"opinion": "风险稳定消除，同意"}
    meeting = {
        "participants": [
            {"name": "陈书记", "role": "村党组织书记"},
            {"name": "刘主任", "role": "村委会主任"},
            {"name": "赵代表", "role": "村民代表"},
        ],
        "votes_for": 3,
        "votes_against": 0,
        "minutes": "逐项核对风险、帮扶成效和收入，一致认为风险已稳定消除",
    }
    file = await village.post(f"{path}/elimination", proposal, version=monitored["version"])
    file = await village.post(f"{path}/elimination/deliberation", meeting, version=file["version"])
    file = await town.post(f"{path}/elimination/review", agreed, version=file["version"])
    await actors.county_leader.post(f"{path}/elimination/approval", agreed, version=file["version"])


async def retag(story: Story, installation: Installation) -> None:
    """Tag again what a later comparison shows to be at risk again: the same object, a new episode."""
    rehearse(date(2022, 3, 3), 10)
    eliminated = [each async for each in story.actors.county.all("/monitored", status="eliminated")]
    household = min(each["household_number"] for each in eliminated)
    head = story.families[household].head
    await post_expenses(story, "2022-02", [(head, 46_800)])
    await settle(installation)
    rehearse(date(2022, 3, 5), 10)
    candidates = [each async for each in story.actors.county.all("/monitored", status="retag_candidate")]
    (candidate,) = candidates
    town, path = story.actors.town_of(candidate["division_code"]), f"/monitored/{candidate['id']}"
    clues = await town.get("/clues", household_id=candidate["household_id"], status="received")
    clue = clues["items"][0]
    risk = {
        "risk_type": clue["risk_type"],
        "cause": "户主大病复发，自付费用超出承受能力",
        "clue_id": clue["id"],
    }
    file = await town.post(f"{path}/retagging", risk, version=candidate["version"])
    confirmed = {"opinion": "核实无误，进行风险再标注"}
    await story.actors.county_leader.post(
        f"{path}/retagging/confirmation", confirmed, version=file["version"]
    )
    await _archive(story, path)


async def _archive(story: Story, path: str) -> None:
    """Print the archive of the household that came back: both episodes, and what its file still lacks."""
    archive = await story.actors.county.get(f"{path}/archive")
    told = {step["kind"] for step in archive["steps"]}
    whole = {
        "clue",
        "consent",
        "joint_check",
        "county_approval",
        "measure_done",
        "elimination_approved",
        "retagging_confirmed",
    }
    story.checks["an archive tells a household's whole way, and what of its papers is missing"] = (
        whole <= told and not archive["complete"]
    )
    printed = await story.actors.county.send("GET", f"{path}/archive", headers={"Accept": "application/pdf"})
    name = f"{archive['monitored']['household_number']}监测对象档案.pdf"
    (story.out / name).write_bytes(printed.content)
    story.reports.append(name)
