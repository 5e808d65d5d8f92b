"""Divisions, then thirteen household files: one from each town and park, as they send them."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

from deploy.demo.actors import COUNTY, local_actors
from deploy.demo.files import Clerk, TownFile, by_town
from deploy.demo.form import Form
from deploy.demo.people import County
from deploy.demo.stage import Story

_DIVISIONS = Path(__file__).parents[1] / "data" / "divisions_340621.csv"
#: These two still send CSV files in the encoding of their old system.
_CSV_TOWNS = ("340621103000", "340621108000")


async def enter_divisions(story: Story, url: str, stack: AsyncExitStack) -> None:
    """Enter the county's real divisions, and give each town and park its officers."""
    await story.actors.county.send("POST", "/divisions/imports", content=_DIVISIONS.read_bytes())
    for level in ("town", "park"):
        async for town in story.actors.county.all("/divisions", level=level):
            story.towns[town["code"]] = town["name"]
    await local_actors(url, stack, story.actors, story.towns)


async def enter_households(story: Story, how_many: int, seed: int) -> None:
    """Fill in the API's own form for every town, send the files, and see what is refused."""
    villages = [each["code"] async for each in story.actors.county.all("/divisions", level="village")]
    families = County(seed).families(villages, how_many)
    story.families = {family.number: family for family in families}
    form = await story.actors.county.send("GET", "/households/template.xlsx")
    clerk = Clerk(Form(form.content), seed)
    grouped = by_town(families)
    spouses = [each for each in families if len(each.people) > 1 and each.people[1].relationship == "配偶"]
    files = []
    for town, of_town in grouped.items():
        # Somebody who married into another town and is still reported at home.
        away = story.drawn([each for each in spouses if not each.village.startswith(town[:9])], 1)
        strangers = [clerk.stranger(each.people[1], of_town[0]) for each in away]
        name = f"{story.towns[town]}农户信息"
        files.append(clerk.file_of(town, name, of_town, strangers, as_csv=town in _CSV_TOWNS))
    await _send(story, files)
    async for household in story.actors.county.all("/households", division=COUNTY):
        story.households[household["number"]] = household


async def _send(story: Story, files: list[TownFile]) -> None:
    """Send the files one after the other: they are imported in that order, so every run refuses the same lines."""
    waiting = []
    for file in files:
        caller = story.actors.towns[file.town]
        headers = {"X-Filename": quote(file.name)}
        answer = await caller.send(
            "POST",
            "/households/imports",
            params={"division": file.town},
            content=file.content,
            headers=headers,
        )
        waiting.append((caller, answer.headers["location"], answer.json()["id"], file))
    task = story.progress.add_task("农户导入 households", total=sum(file.rows for *_, file in waiting))
    rejects: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for caller, location, import_id, file in waiting:
        result = await caller.job(location)
        lines.update(sent=file.rows, accepted=result["accepted"], rejected=result["rejected"])
        rejects.update(
            [each["code"] async for each in caller.all(f"/households/imports/{import_id}/rejects")]
        )
        story.progress.advance(task, file.rows)
    story.lines, story.import_rejects = dict(lines), dict(sorted(rejects.items()))
