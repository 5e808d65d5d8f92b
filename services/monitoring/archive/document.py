"""An archive as a document: household, risks, steps with form, papers and pictures, data's evidence, and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.monitoring.archive.schemas import Archive, ArchiveStep, MissingView, PaperView
from services.monitoring.archive.wording import Wording
from services.monitoring.comparisons.confirmations import ConfirmationView
from shared import clock
from shared.documents import Document, Heading, Note, Paragraph, Picture, Pictures, Table
from shared.documents.model import Block
from shared.domain.codes import code_lists

_FACTS = (1.2, 4)
_MEMBER = ("name", "relationship", "sex", "birth_date", "health", "labour", "work_place")
_STATES = {"missing": "缺少", "awaited": "已登记，待上传"}


def document_of(archive: Archive, pictures: Mapping[UUID, Picture]) -> Document:
    """Return the archive as a document."""
    return Document(f"{archive.monitored.head_name or ''}户监测对象档案", list(_blocks(archive, pictures)))


def _blocks(archive: Archive, pictures: Mapping[UUID, Picture]) -> Iterator[Block]:
    wording = Wording({str(key): name for key, name in archive.names.items()})
    yield Heading("一、基本情况")
    yield Table(_outline(archive), widths=_FACTS)
    yield Heading("现有家庭成员", 2)
    yield _members(archive.household, wording)
    yield Heading("二、风险记录")
    yield _risks(archive, wording)
    yield Heading("三、工作记录")
    for number, step in enumerate(archive.steps, start=1):
        yield from _step(number, step, wording, pictures)
    yield Heading("四、部门数据佐证")
    yield _confirmations(archive.confirmations)
    yield Heading("五、完整性检查")
    yield from _completeness(archive)
    moment = f"{archive.made_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    yield Note(
        f"{archive.made_by} 于 {moment} 调取，由系统根据监测帮扶记录自动生成。含个人信息，请妥善保管。"
    )


def _outline(archive: Archive) -> list[tuple[str, str]]:
    thing, known = archive.monitored, archive.household
    lists = code_lists()
    risks = "、".join(lists["risk_type"].label(risk) for risk in thing.open_risks)
    contact = "，".join(word for word in (thing.contact_name, thing.contact_unit) if word)
    facts = {
        "户主": thing.head_name,
        "户编号": thing.household_number,
        "所在地": "".join(archive.place),
        "农户类型": lists["household_kind"].label(known["kind"]),
        "监测对象类别": lists["monitored_category"].label(thing.category),
        "目前状态": lists["monitored_status"].label(thing.status),
        "首次识别": str(thing.tagged_on),
        "未消除风险": risks or "无",
        "帮扶联系人": contact or "未安排",
        "绿色通道": "是" if thing.green_channel else None,
        "清退": f"{lists['closure'].label(thing.closure)}：{thing.reason}" if thing.closure else None,
    }
    return [(label, words) for label, words in facts.items() if words]


def _members(household: Mapping[str, Any], wording: Wording) -> Table:
    header = [wording.label("member", name) for name in _MEMBER]
    rows = [
        [wording.value("member", name, member.get(name)) for name in _MEMBER]
        for member in household["members"]
    ]
    return Table(rows, header=header)


def _risks(archive: Archive, wording: Wording) -> Table:
    ways, header = code_lists()["elimination"], ["风险", "家庭成员", "成因", "标注", "消除"]
    rows = [
        [
            wording.value("", "risk_type", episode.risk_type) + ("（再标注）" if episode.retagged else ""),
            wording.value("", "member_id", episode.member_id) or "全户",
            episode.cause,
            episode.tagged_on,
            f"{episode.eliminated_on} {ways.label(episode.elimination or '')}"
            if episode.eliminated_on
            else "—",
        ]
        for episode in archive.monitored.episodes
    ]
    return Table(rows, header=header, widths=(1.5, 1, 2.5, 1.2, 1.6))


def _step(
    number: int, step: ArchiveStep, wording: Wording, pictures: Mapping[UUID, Picture]
) -> Iterator[Block]:
    marks = [mark for mark, holds in (("逾期", step.late), ("不再有效", not step.holds)) if holds]
    yield Heading(f"{number}. {step.on}　{step.zh}" + (f"（{'，'.join(marks)}）" if marks else ""), 2)
    facts = wording.facts(step.kind, step.content)
    facts += [("办理人", step.by)] if step.by else []
    facts += [("办理期限", f"{step.due_on}（时限规则版本 {step.due_rule}）")] if step.due_on else []
    facts += [("佐证说明", "、".join(step.evidence))] if step.evidence else []
    yield Table(facts, widths=_FACTS)
    if step.household:
        yield Note("核实时的家庭成员：")
        yield _members(step.household, wording)
    if step.papers:
        yield _papers(step.papers)
    if shown := [pictures[paper.id] for paper in step.papers if paper.id in pictures]:
        yield Pictures(shown)


def _confirmations(confirmations: Sequence[ConfirmationView]) -> Block:
    if not confirmations:
        return Paragraph("尚无部门数据佐证。")
    risks, header = code_lists()["risk_type"], ["期间", "部门与数据", "对象", "风险", "佐证"]
    rows = [
        (
            each.period,
            f"{each.department} {each.dataset_zh}",
            each.person_name or "全户",
            risks.label(each.risk_type) if each.risk_type else "",
            "；".join(each.why["zh"].reasons) if each.why else "",
        )
        for each in confirmations
    ]
    return Table(rows, header=header, widths=(1, 1.8, 1, 1, 3))


def _papers(papers: Sequence[PaperView]) -> Table:
    kinds = code_lists()["attachment_kind"]
    rows = [
        (kinds.label(paper.kind or ""), paper.name, paper.digest, paper.uploaded_by, _moment(paper))
        if paper.state == "arrived"
        else ("待上传", f"编号 {paper.id}", "", paper.filed_by, "")
        for paper in papers
    ]
    return Table(rows, header=["材料", "名称", "校验值", "上传人", "时间"], widths=(1, 1.6, 3, 1, 1.2))


def _moment(paper: PaperView) -> str:
    moment = paper.taken_at or paper.uploaded_at
    return f"{moment.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if moment else ""


def _completeness(archive: Archive) -> Iterator[Block]:
    if archive.complete:
        yield Paragraph("档案材料齐全。")
    else:
        yield Paragraph(f"尚缺 {len(archive.missing)} 项：")
        header = ["事项", "缺少的材料", "状态", "期限"]
        yield Table([_missing(each) for each in archive.missing], header=header, widths=(1.5, 2.5, 1.2, 1.2))
    yield Note(f"检查依据：材料目录 {archive.needs_version}（{archive.needs_source}）。")


def _missing(missing: MissingView) -> tuple[str, ...]:
    lists = code_lists()
    risk = f"（{lists['risk_type'].label(missing.risk_type)}）" if missing.risk_type else ""
    due = f"{missing.due_on}{'（已逾期）' if missing.overdue else ''}" if missing.due_on else "—"
    on = f" {missing.on}" if missing.on else ""
    return (
        f"{lists['archive_step'].label(missing.at)}{on}",
        missing.zh + risk,
        _STATES[missing.state],
        due,
    )
