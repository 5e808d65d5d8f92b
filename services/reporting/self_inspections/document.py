"""A self-inspection report as a document that a leader signs: title, three sections, tables of figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from services.reporting.figures.schemas import Figures
from services.reporting.self_inspections.schemas import SelfInspectionContent
from shared import clock
from shared.documents import Document, Heading, Note, Paragraph, Table
from shared.documents.model import Block
from shared.domain.codes import code_lists

_NUMERALS = "一二三四五六七八九十"


def document_of(content: SelfInspectionContent) -> Document:
    """Return the report as a document."""
    return Document(f"{content.division_name}巩固拓展脱贫攻坚成果集中排查自查报告", list(_blocks(content)))


def _blocks(content: SelfInspectionContent) -> Iterator[Block]:
    for numeral, section in zip(_NUMERALS, content.sections, strict=False):
        yield Heading(f"{numeral}、{section.title}")
        yield from map(Paragraph, section.paragraphs)
    yield from _appendices(content)
    yield Paragraph(content.division_name, right=True)
    yield Paragraph(f"{clock.date_of(content.as_of):%Y年%-m月%-d日}", right=True)
    moment = f"{content.as_of.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    yield Note(f"数据截至 {moment}，由系统根据台账自动生成，可逐项溯源。")


def _appendices(content: SelfInspectionContent) -> Iterator[Block]:
    yield Heading("附表 1  分单位排查进度")
    yield _by_unit(content.progress)
    yield Heading("附表 2  问题整改情况（按八个方面）")
    yield _by_area(content.findings)
    yield Heading("附表 3  监测对象")
    yield _by_unit(content.monitored)


def _by_unit(figures: Figures) -> Table:
    names = [column.name for column in figures.columns]
    body = [
        [row.division_name or row.division_code, *(row.figures[name] for name in names)]
        for row in figures.rows
    ]
    total = ["合计", *(figures.total[name] for name in names)]
    return Table([*body, total], header=["单位", *(column.zh for column in figures.columns)])


def _by_area(findings: Figures) -> Table:
    areas, names = code_lists()["inspection_area"], [column.name for column in findings.columns]
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in findings.rows:
        for name, number in row.figures.items():
            sums[row.dimension or ""][name] += number
    body = [
        [areas.label(area, "zh"), *(figures[name] for name in names)]
        for area, figures in sorted(sums.items())
    ]
    total = ["合计", *(findings.total[name] for name in names)]
    return Table([*body, total], header=["排查方面", *(column.zh for column in findings.columns)])
