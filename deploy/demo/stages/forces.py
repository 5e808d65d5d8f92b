"""Who goes where: teams, training sessions, and an officer for every household."""

from __future__ import annotations

from datetime import date

from deploy.demo.actors import COUNTY
from deploy.demo.stage import Story, rehearse


async def mobilise(story: Story) -> None:
    """Enter the teams, train them, and give each household its officer; who missed the session comes to the next."""
    path = f"/campaigns/{story.campaign['id']}"
    for code, name in story.towns.items():
        team = f"{name}驻村工作队"
        body = {
            "division_code": code,
            "name": f"{name}排查组",
            "leader": f"{name} 陈镇长",
            "members": [
                {"name": f"{name} 陈镇长", "role": "town_officer"},
                {"name": team, "role": "resident_team"},
            ],
        }
        await story.actors.towns[code].send("PUT", f"{path}/teams", json=body)
        officer = {"officer": team, "division_code": code}
        await story.actors.towns[code].post(f"{path}/assignments", {"assignments": [officer]})
    absent = next(iter(story.towns))
    rehearse(date(2021, 6, 7))
    await _train(story, "全县动员暨培训会议", [code for code in story.towns if code != absent])
    missed = [each async for each in story.actors.county.all(f"{path}/untrained")]
    rehearse(date(2021, 6, 8))
    await _train(story, "分层分级业务培训", [absent])
    story.checks["who missed the training was known, and then trained"] = {
        each["division_code"] for each in missed
    } == {absent} and not (await story.actors.county.get(f"{path}/untrained"))["items"]
    unassigned = await story.actors.county.get(f"{path}/assignments/open")
    story.checks["every household has an officer"] = not unassigned["items"]


async def _train(story: Story, title: str, towns: list[str]) -> None:
    path = f"/campaigns/{story.campaign['id']}/trainings"
    day = "2021-06-07" if len(towns) > 1 else "2021-06-08"
    training = await story.actors.county.post(path, {"division_code": COUNTY, "title": title, "held_on": day})
    people = [
        {"division_code": code, "name": name, "role": role, "status": "attended"}
        for code in towns
        for name, role in (
            (f"{story.towns[code]} 陈镇长", "town_officer"),
            (f"{story.towns[code]}驻村工作队", "resident_team"),
        )
    ]
    await story.actors.county.send("PUT", f"{path}/{training['id']}/attendance", json={"people": people})
