"""The reports that the plan asks for: every town's and park's self-inspection, then the county's, as documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from deploy.demo.actors import COUNTY
from deploy.demo.checks import Figures, named, own_figures
from deploy.demo.stage import Story, rehearse
from deploy.local.events import settle
from deploy.local.installation import Installation

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NEXT_STEPS = ["七月上旬开展一次“回头看”，对已销号问题随机抽查。", "落实网格员每月走访，发现风险及时上报。"]


async def write(story: Story, installation: Installation) -> None:
    """Make and fetch all self-inspection reports, and the findings ledger that a leader prints."""
    rehearse(date(2021, 6, 27), 15)
    # A report is frozen as it is made: it waits for what was entered a moment ago.
    await settle(installation)
    story.out.mkdir(parents=True, exist_ok=True)
    units = [*story.towns.items(), (COUNTY, "濉溪县")]
    *towns, county = await story.each("自查报告 reports", units, lambda unit: _self_inspection(story, *unit))
    own = await own_figures(story)
    story.checks["the county's report says what is so"] = county == {name: own[name] for name in county}
    sums = {name: sum(town[name] for town in towns) for name in county}
    story.checks["the towns' reports add up to the county's"] = county == sums
    ledger = await story.actors.county.send(
        "GET",
        "/findings/ledger",
        params={"campaign_id": story.campaign["id"]},
        headers={"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    )
    _keep(story, "濉溪县问题台账.xlsx", ledger.content)
    await _dispatch(story)
    story.reports.sort()


async def _dispatch(story: Story) -> None:
    """Freeze the last week, as the schedule would on Sunday night, and keep the page that goes to the meeting."""
    path = f"/campaigns/{story.campaign['id']}"
    frozen = await story.actors.county.post(f"{path}/dispatches")
    week = f"{path}/dispatches/{frozen['week']}"
    page = await story.actors.county.send("GET", week, headers={"Accept": "text/html"})
    _keep(story, f"濉溪县第{frozen['week']}周调度.html", page.content)
    progress = (await story.actors.county.get(f"{path}/progress", by="county"))["total"]
    total = (await story.actors.county.get(week))["total"]
    story.checks["the week's dispatch says what progress says"] = total == progress


async def _self_inspection(story: Story, code: str, name: str) -> Figures:
    """Make a unit's report, keep it as a document, and return the figures in it."""
    caller = story.actors.county if code == COUNTY else story.actors.towns[code]
    new: dict[str, Any] = {
        "campaign_id": story.campaign["id"],
        "division_code": code,
        "next_steps": _NEXT_STEPS,
    }
    made = await caller.post("/reports/self-inspections", new)
    file = await caller.send("GET", f"/reports/self-inspections/{made['id']}", headers={"Accept": _DOCX})
    _keep(story, f"{name}自查报告.docx", file.content)
    return named(*(made["content"][report]["total"] for report in ("progress", "monitored", "measures")))


def _keep(story: Story, name: str, content: bytes) -> None:
    (story.out / name).write_bytes(content)
    story.reports.append(name)
