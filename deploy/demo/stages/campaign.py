"""The campaign: opened by the county, carried out by towns, every household visited, findings put right and closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from deploy.demo.actors import COUNTY
from deploy.demo.people import Family
from deploy.demo.stage import Story, rehearse
from shared import clock

_BATCH = 200
#: Two towns start their fieldwork two days later and still end in time (压茬推进).
_LATER = ("340621104000", "340621109000")
_ITEMS = {
    "A1-03": ("房屋漏雨，墙体开裂", "联系住建部门鉴定并修缮"),
    "A1-04": ("自来水时断时续", "更换入户管道"),
    "A2-01": ("养殖项目今年减收", "安排技术员上门指导"),
    "A4-01": ("有贷款意愿未获受理", "协调银行上门办理"),
    "A5-04": ("大蒜滞销约两千斤", "联系消费帮扶专柜收购"),
    "A7-01": ("近三个月无人走访", "落实每月走访"),
    "A8-03": ("产业奖补未按时到账", "核对名单后补发"),
}
_LIFTED_ONLY = {"A2-01", "A4-01", "A7-01", "A8-03", "A5-04"}
_SIGNALS = {
    "illness": "主要劳动力患重病，自付医疗费用两万余元",
    "accident": "户主务工受伤，半年无收入",
    "job_instability": "家中唯一务工人员失业三个月",
    "industry_failure": "鱼塘遭灾，投入全部损失",
}


async def open_campaign(story: Story) -> None:
    """Plan and open the campaign; two towns get dates of their own."""
    county = story.actors.county
    plan = {
        "name": "濉溪县2021年巩固拓展脱贫攻坚成果集中排查",
        "year": 2021,
        "division_code": COUNTY,
        "checklist": "2021",
        "starts_on": "2021-06-06",
        "ends_on": "2021-06-28",
    }
    planned = await county.post("/campaigns", plan)
    for town in _LATER:
        body = {"division_code": town, "phases": _later(planned["phases"])}
        await county.send("PUT", f"/campaigns/{planned['id']}/schedule", json=body)
    story.campaign = await county.post(f"/campaigns/{planned['id']}/opening", version=planned["version"])


def _later(phases: list[dict[str, str]]) -> list[dict[str, str]]:
    shifts = {"mobilisation": (0, 2), "fieldwork": (2, 2), "rectification": (2, 0)}
    return [
        {
            "kind": phase["kind"],
            "starts_on": _moved(phase["starts_on"], shifts.get(phase["kind"], (0, 0))[0]),
            "ends_on": _moved(phase["ends_on"], shifts.get(phase["kind"], (0, 0))[1]),
        }
        for phase in phases
    ]


def _moved(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


async def visit_all(story: Story) -> int:
    """Visit every household, in batches as offline front ends send them."""
    rehearse(date(2021, 6, 17), 20)
    first = next(iter(story.households.values()))
    visits = f"/campaigns/{story.campaign['id']}/visits"
    # What an officer sees at the door: everything that is known, filled in.
    await story.actors.village_of(first["division_code"]).get(f"{visits}/form", household_id=first["id"])
    batches = []
    for town in story.towns:
        of_town = [each for each in story.households.values() if each["division_code"].startswith(town[:9])]
        drafts = [_visit(story, each, town) for each in of_town]
        batches += [(town, drafts[start : start + _BATCH]) for start in range(0, len(drafts), _BATCH)]

    async def send(batch: tuple[str, list[dict[str, Any]]]) -> int:
        town, drafts = batch
        outcome = await story.actors.villages[town].post(f"{visits}/batch", {"visits": drafts})
        refused = [each for each in outcome["outcomes"] if each["outcome"] == "refused"]
        if refused:
            raise AssertionError(refused[0])
        return int(outcome["accepted"])

    return sum(await story.each("入户排查 visits", batches, send))


def _visit(story: Story, household: dict[str, Any], town: str) -> dict[str, Any]:
    family, draw = story.families[household["number"]], story.random
    start = 11 if town in _LATER else 9
    moment = datetime(
        2021, 6, draw.randint(start, 15), draw.randint(8, 18), draw.randint(0, 59), tzinfo=clock.CHINA
    )
    visit: dict[str, Any] = {
        "household_id": household["id"],
        "visited_at": moment.isoformat(),
        "officer": f"{story.towns[town]}驻村工作队",
        "answers": _answers(story, family),
    }
    if draw.random() < 0.012:
        risk = draw.choice(list(_SIGNALS))
        visit["signals"] = [{"risk_type": risk, "facts": _SIGNALS[risk]}]
    return visit


def _answers(story: Story, family: Family) -> list[dict[str, Any]]:
    draw = story.random
    answers: list[dict[str, Any]] = [{"item": item, "ok": True} for item in ("A1-03", "A1-04")]
    if draw.random() < 0.04:
        items = [each for each in _ITEMS if family.kind == "脱贫户" or each not in _LIFTED_ONLY]
        item = draw.choice(items)
        facts, measure = _ITEMS[item]
        failed: dict[str, Any] = {"item": item, "ok": False, "facts": facts}
        if draw.random() < 0.3:
            failed["on_the_spot"] = {"measure": measure, "evidence": ["整改照片"]}
        answers = [each for each in answers if each["item"] != item] + [failed]
    return answers


async def put_right(story: Story) -> None:
    """Plan, rectify and verify the findings: the town puts right, the county verifies, some things take longer."""
    rehearse(date(2021, 6, 20))
    campaign = story.campaign["id"]
    for item, (_, measure) in _ITEMS.items():
        await story.actors.county.post(
            "/findings/batch-plan",
            {
                "campaign_id": campaign,
                "items": [item],
                "plan": {
                    "measures": measure,
                    "responsible_unit": "所在镇人民政府、园区管委会",
                    "responsible_person": "分管负责同志",
                    "deadline_on": "2021-06-25",
                },
            },
        )
    planned = [f async for f in story.actors.county.all("/findings", campaign_id=campaign, status="planned")]
    planned.sort(key=lambda finding: (finding["division_code"], finding["item"], finding["facts"]))
    rehearse(date(2021, 6, 24))
    # The rest takes longer than its deadline.
    settled = story.drawn(planned, len(planned) - max(2, len(planned) // 20))
    await story.each("问题整改 rectification", settled, lambda finding: _settle(story, finding))


async def _settle(story: Story, finding: dict[str, Any]) -> None:
    """Put one finding right, have it verified; every twelfth is returned once, every fortieth comes back."""
    town, county, path = (
        story.actors.town_of(finding["division_code"]),
        story.actors.county,
        f"/findings/{finding['id']}",
    )
    done = {"rectification": "已按措施整改到位", "evidence": ["整改照片", "农户签字"]}
    number = sum(finding["facts"].encode()) + int(finding["division_code"][-4:])
    finding = await town.post(f"{path}/rectification", done, version=finding["version"])
    if number % 12 == 0:
        finding = await county.post(
            f"{path}/return", {"reason": "照片看不清，请补充"}, version=finding["version"]
        )
        finding = await town.post(f"{path}/rectification", done, version=finding["version"])
    finding = await county.post(f"{path}/verification", {}, version=finding["version"])
    if number % 40 == 0:
        await county.post(f"{path}/reopening", {"reason": "回头看发现问题反弹"}, version=finding["version"])
