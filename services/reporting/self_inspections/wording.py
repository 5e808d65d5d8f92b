"""What the figures say in words: the paragraphs of the three sections, in the form that towns write them."""

from __future__ import annotations

from services.reporting.figures.schemas import Figures
from services.reporting.self_inspections.schemas import CampaignInReport, Section
from shared.domain.codes import code_lists

_FULL = 100.0


def sections(
    unit: str,
    campaign: CampaignInReport,
    *,
    progress: Figures,
    findings: Figures,
    monitored: Figures,
    measures: Figures,
    comparisons: Figures,
    next_steps: list[str],
) -> list[Section]:
    """Return the sections that the plan asks for, in its order."""
    return [
        Section(title="集中排查开展情况", paragraphs=_carried_out(unit, campaign, progress, comparisons)),
        Section(title="排查问题及整改落实情况", paragraphs=_findings(findings, monitored, measures)),
        Section(title="下一步工作安排", paragraphs=[*_ahead(findings, monitored), *next_steps]),
    ]


def _carried_out(unit: str, campaign: CampaignInReport, progress: Figures, comparisons: Figures) -> list[str]:
    total = progress.total
    share = _percent(total["visited"], total["households"])
    words = [
        (
            f"按照《{campaign.name}》安排，{unit}自{_on(campaign.starts_on)}起开展集中排查。"
            f"应排查农户 {total['households']} 户、{total['members']} 人，"
            f"已入户排查 {total['visited']} 户，排查率 {share}，累计入户 {total['visits']} 次。"
        )
    ]
    compared = comparisons.total
    if compared["batches"]:
        words.append(
            f"部门数据比对 {compared['batches']} 批次、{compared['rows']} 条，其中比对一致 {compared['matched']} 条，"
            f"姓名不一致 {compared['mismatched']} 条，疑似比中 {compared['probable']} 条，"
            f"已不在户 {compared['departed']} 条，库中无此人 {compared['unmatched']} 条，"
            f"数据无效 {compared['invalid']} 条；产生预警 {compared['alerts']} 条。"
        )
    return words


def _findings(findings: Figures, monitored: Figures, measures: Figures) -> list[str]:
    areas = code_lists()["inspection_area"]
    raised: dict[str, int] = {}
    for row in findings.rows:
        raised[row.dimension or ""] = raised.get(row.dimension or "", 0) + row.figures["raised"]
    parts = [f"{areas.label(area, 'zh')} {count} 个" for area, count in sorted(raised.items())]
    total, objects, helped = findings.total, monitored.total, measures.total
    spread = f"，其中：{'，'.join(parts)}" if parts else ""
    return [
        (
            f"共排查发现问题 {total['raised']} 个{spread}。已整改销号 {total['closed']} 个"
            f"（立行立改 {total['on_the_spot']} 个），销号率 {_percent(total['closed'], total['raised'])}；"
            f"超期未销号 {total['overdue']} 个，销号后重新打开 {total['reopened']} 个。"
        ),
        (
            f"受理线索 {objects['clues']} 条，启动识别程序 {objects['cases']} 户，"
            f"累计标注监测对象 {objects['tagged']} 户，"
            f"其中风险未消除 {objects['open']} 户、已消除 {objects['eliminated']} 户、再标注 {objects['retagged']} 户。"
        ),
        f"为 {helped['helped']} 户监测对象落实帮扶措施 {helped['measures']} 项，已完成 {helped['done']} 项。",
    ]


def _ahead(findings: Figures, monitored: Figures) -> list[str]:
    left, objects = findings.total["open"], monitored.total
    words = [
        f"对未销号的 {left} 个问题，逐项逐条明确责任单位、责任人和时限，限时整改、对账销号。"
        if left
        else "问题已全部销号，转入常态化监测，防止问题反弹。",
        f"对风险未消除的 {objects['open']} 户监测对象持续跟踪帮扶，做到应纳尽纳、应帮尽帮。",
    ]
    if objects["candidates"]:
        words.append(
            f"对 {objects['candidates']} 户重新出现风险苗头的已消除对象尽快核实，符合条件的进行风险再标注。"
        )
    return words


def _percent(part: int, whole: int) -> str:
    return f"{_FULL * part / whole:.1f}%" if whole else "—"


def _on(day: object) -> str:
    return f"{day:%Y年%-m月%-d日}"
