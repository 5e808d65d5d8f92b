"""From clues to monitored objects: verified in the village, deliberated, published, reviewed, approved, helped."""

from __future__ import annotations

from datetime import date
from typing import Any

from deploy.demo.stage import Story, rehearse

#: How many clues turn out to be a risk: the rest are looked into and dismissed with a reason.
_AT_RISK = 0.7
_MEASURES = {
    "illness": ("health", "落实慢病签约和大病救助，报销比例提高"),
    "disability": ("safety_net", "纳入残疾人两项补贴"),
    "schooling": ("education", "落实雨露计划和助学贷款"),
    "education_guarantee": ("education", "劝返复学，送教上门"),
    "medical_guarantee": ("health", "代缴医保并办理参保"),
    "housing": ("housing", "列入危房改造计划"),
    "water": ("water", "更换入户管道，增设加压泵"),
    "accident": ("relief", "给予临时救助"),
    "job_instability": ("employment", "推荐到镇扶贫车间就业"),
    "industry_failure": ("industry", "协调保险理赔，帮助恢复生产"),
}
_SUPPORT = ("safety_net", "纳入兜底保障")
_DEVELOPMENT = ("industry", "发展庭院经济，提供种苗和技术服务")
#: The members of the county's joint check, who sit together whatever the risk.
_MEMBERS = (
    ("civil_affairs", "县民政局 孙敏"),
    ("medical_insurance", "县医疗保障局 钱进"),
    ("health", "县卫生健康委 冯洁"),
    ("education", "县教育局 褚卫"),
    ("disabled_federation", "县残疾人联合会 沈慧"),
    ("human_resources", "县人力资源和社会保障局 韩冰"),
    ("housing_construction", "县住房和城乡建设局 杨帆"),
    ("water", "县水利局 朱江"),
    ("agriculture", "县农业农村局 秦岭"),
    ("emergency", "县应急管理局 许安"),
    ("public_security", "县公安局 何平"),
)

#: A case's file as the API shows it.
Case = dict[str, Any]


async def identify(story: Story) -> list[Case]:
    """Settle every clue, and take those at risk through check and deliberation, until their names hang out."""
    rehearse(date(2021, 6, 17), 21)
    clues = [clue async for clue in story.actors.county.all("/clues", status="received")]
    clues.sort(key=lambda clue: (clue["household_number"], clue["risk_type"]))
    # One household may have several clues: they are one case.
    known = sorted({clue["household_number"] for clue in clues})
    at_risk = set(story.drawn(known, int(len(clues) * _AT_RISK)))
    opened = await story.each("线索核实 clues", clues, lambda clue: _settle(story, clue, at_risk))
    cases = [await story.actors.county.get(f"/cases/{case}") for case in {case for case in opened if case}]
    cases.sort(key=lambda case: case["household_number"])
    rehearse(date(2021, 6, 18), 17)
    cases = await story.each("入户核实 checks", cases, lambda case: _check(story, case))
    rehearse(date(2021, 6, 19), 17)
    cases = await story.each("民主评议 deliberation", cases, lambda case: _deliberate(story, case))
    cases[-1] = await _sent_back(story, cases[-1])
    return cases


async def decide(story: Story, cases: list[Case]) -> None:
    """Five days later: publicity, review, joint check, approval; one household has withdrawn."""
    rehearse(date(2021, 6, 24), 17)
    withdrawn, *cases = cases
    await _withdraw(story, withdrawn)
    cases = await story.each("公示期满 publicity", cases, lambda case: _publicise(story, case))
    rehearse(date(2021, 6, 25), 17)
    await story.each("审核审定 approval", cases, lambda case: _approve(story, case))


async def _settle(story: Story, clue: dict[str, Any], at_risk: set[str]) -> str | None:
    village, path = story.actors.village_of(clue["division_code"]), f"/clues/{clue['id']}"
    if clue["household_number"] not in at_risk:
        reason = {"reason": "入户核实，家庭收入稳定，支出已报销，暂无返贫致贫风险"}
        clue = await village.post(f"{path}/dismissal", reason, version=clue["version"])
        town = story.actors.town_of(clue["division_code"])
        await town.post(f"{path}/dismissal/confirmation", version=clue["version"])
        return None
    verdict = {"verdict": "入户核实，确有困难，启动识别程序"}
    return str((await village.post(f"{path}/acceptance", verdict, version=clue["version"]))["case_id"])


async def _sent_back(story: Story, case: Case) -> Case:
    """Have the village deliberate again: the town finds the minutes too short."""
    back = {"to_step": "deliberation", "reason": "评议记录过于简单，请重新评议"}
    town = story.actors.town_of(case["division_code"])
    case = await town.post(f"/cases/{case['id']}/return", back, version=case["version"])
    return await _deliberate(story, case)


async def _check(story: Story, case: Case) -> Case:
    village, path = story.actors.village_of(case["division_code"]), f"/cases/{case['id']}"
    case = await village.post(f"{path}/consent", {"signed_by": case["head_name"]}, version=case["version"])
    risk = (await village.get(f"/clues/{case['clue_id']}"))["risk_type"]
    return dict(
        await village.post(f"{path}/household-check", _form(story, case, risk), version=case["version"])
    )


def _form(story: Story, case: Case, risk: str) -> dict[str, Any]:
    people = len(story.families[case["household_number"]].people)
    return {
        "officers": ["张强", "刘敏"],
        "income": {
            "wage": f"{2000 * people}.00",
            "business": f"{1500 * people}.00",
            "property": "0.00",
            "transfer": f"{1200 * people}.00",
            "production_cost": f"{300 * people}.00",
            "sharers": people,
        },
        "expenditure": {"medical": "12000.00"},
        "guarantees": {"education": True, "medical": True, "housing": True, "water": True},
        "risks": [{"risk_type": risk, "cause": "入户核实，情况属实"}],
        "evidence": ["入户照片", "收入支出明细"],
    }


async def _deliberate(story: Story, case: Case) -> Case:
    actors, path = story.actors, f"/cases/{case['id']}"
    if case["step"] == "data_check":
        hits = {"opinion": "车辆、房产、工商、财政供养比对无异常"}
        case = await actors.county.post(f"{path}/data-check", hits, version=case["version"])
    meeting = {
        "participants": [
            {"name": "陈书记", "role": "村党组织书记"},
            {"name": "刘主任", "role": "村委会主任"},
            {"name": "赵代表", "role": "村民代表"},
            {"name": "孙代表", "role": "村民代表", "kin": True},
        ],
        "votes_for": 3,
        "votes_against": 0,
        "minutes": "逐户介绍收入、支出和困难情况，与会代表一致同意纳入监测，孙代表为亲属，已回避表决",
    }
    village = actors.village_of(case["division_code"])
    return dict(await village.post(f"{path}/deliberation", meeting, version=case["version"]))


async def _withdraw(story: Story, case: Case) -> None:
    """Have a household sign that it wants out, and the town ask it whether that is so."""
    village, town = (of(case["division_code"]) for of in (story.actors.village_of, story.actors.town_of))
    path = f"/cases/{case['id']}/withdrawal"
    wish = {
        "reason": "子女已承担医疗费用，本户自愿撤回",
        "signed_by": case["head_name"],
        "evidence": ["自愿撤回申请"],
    }
    case = await village.post(path, wish, version=case["version"])
    real = {"opinion": "已电话核实，系本户真实意愿"}
    await town.post(f"{path}/confirmation", real, version=case["version"])


async def _publicise(story: Story, case: Case) -> Case:
    village = story.actors.village_of(case["division_code"])
    notice = {"from_on": "2021-06-19", "until_on": "2021-06-24", "place": "村务公开栏"}
    return dict(await village.post(f"/cases/{case['id']}/publicity", notice, version=case["version"]))


async def _approve(story: Story, case: Case) -> None:
    """Review, joint check, approval, announcement in the village; then somebody to help, and how."""
    actors, path = story.actors, f"/cases/{case['id']}"
    town, village = actors.town_of(case["division_code"]), actors.village_of(case["division_code"])
    agreed = {"opinion": "程序完整，情况属实，同意"}
    case = await town.post(f"{path}/town-review", agreed, version=case["version"])
    heard = {"opinions": _opinions(), "opinion": "各部门意见已答复，报县审定"}
    case = await actors.county_office.post(f"{path}/joint-check", heard, version=case["version"])
    case = await actors.county_leader.post(f"{path}/county-approval", agreed, version=case["version"])
    if case["awaits_second_approval"]:
        case = await actors.county.post(f"{path}/county-approval", agreed, version=case["version"])
    entry = {"place": "村务公开栏", "entered_on": "2021-06-25"}
    case = await village.post(f"{path}/announcement", entry, version=case["version"])
    await _help(story, case["monitored_id"])


def _opinions() -> list[dict[str, Any]]:
    """Return what the departments say: one has a doubt, and is answered."""
    agreed = [{"department": code, "by": by, "opinion": "agree"} for code, by in _MEMBERS]
    asked = {"opinion": "doubt", "reason": "是否已享受低保", "answer": "低保金已计入转移性收入，仍低于监测线"}
    return [agreed[0] | asked, *agreed[1:]]


async def _help(story: Story, monitored_id: str) -> None:
    """Name a contact, and plan a measure for every open risk, with development where somebody can work."""
    monitored = await story.actors.county.get(f"/monitored/{monitored_id}")
    village, path = story.actors.village_of(monitored["division_code"]), f"/monitored/{monitored_id}"
    contact = {"name": "周联络", "unit": "县住房和城乡建设局"}
    monitored = await village.post(f"{path}/contact", contact, version=monitored["version"])
    able = can_work(story, monitored)
    for episode in monitored["episodes"]:
        kind, description = _MEASURES[episode["risk_type"]]
        if kind == "employment" and not able:
            kind, description = _SUPPORT
        measure = _measure(kind, description, episode["risk_type"])
        if kind == "employment":
            measure["member_id"] = await _worker(story, monitored["household_id"])
        await village.post(f"{path}/measures", measure)
    if able:
        await village.post(f"{path}/measures", _measure(*_DEVELOPMENT, monitored["episodes"][0]["risk_type"]))


async def _worker(story: Story, household_id: str) -> str:
    """Return who in the household can work: a measure of work is for a person (一人一措施)."""
    household = await story.actors.county.get(f"/households/{household_id}")
    return str(next(each["id"] for each in household["members"] if each["labour"] == "ordinary"))


def can_work(story: Story, monitored: dict[str, Any]) -> bool:
    """Tell whether somebody of the household can work; nobody else is pushed into production."""
    return any(each.labour == "普通劳动力" for each in story.families[monitored["household_number"]].people)


def _measure(kind: str, description: str, risk_type: str) -> dict[str, Any]:
    return {"kind": kind, "risk_type": risk_type, "description": description, "planned_on": "2021-06-25"}
