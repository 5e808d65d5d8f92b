"""A self-inspection report as a DOCX that a leader signs: title, three sections, tables of figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from services.reporting.figures.schemas import Figures
from services.reporting.self_inspections.schemas import SelfInspectionContent
from shared import clock
from shared.domain.codes import code_lists

_NUMERALS = "一二三四五六七八九十"
#: Typefaces of official documents (GB/T 9704); Word replaces them where they are missing.
_BODY, _HEADING, _TITLE = "仿宋", "黑体", "宋体"


def to_docx(content: SelfInspectionContent) -> bytes:
    """Return the report as a DOCX file."""
    document = docx.Document()
    _page(document)
    _title(document, f"{content.division_name}巩固拓展脱贫攻坚成果集中排查自查报告")
    for numeral, section in zip(_NUMERALS, content.sections, strict=False):
        _heading(document, f"{numeral}、{section.title}")
        for paragraph in section.paragraphs:
            _paragraph(document, paragraph)
    _appendices(document, content)
    day = clock.date_of(content.as_of)
    _paragraph(document, content.division_name, right=True)
    _paragraph(document, f"{day:%Y年%-m月%-d日}", right=True)
    _note(
        document,
        f"数据截至 {content.as_of.astimezone(clock.CHINA):%Y-%m-%d %H:%M}，由系统根据台账自动生成，可逐项溯源。",
    )
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _appendices(document: Document, content: SelfInspectionContent) -> None:
    _heading(document, "附表 1  分单位排查进度")
    _table(document, content.progress, "单位")
    areas = code_lists()["inspection_area"]
    _heading(document, "附表 2  问题整改情况（按八个方面）")
    by_area: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in content.findings.rows:
        for name, number in row.figures.items():
            by_area[row.dimension or ""][name] += number
    names = [column.name for column in content.findings.columns]
    _grid(
        document,
        ["排查方面", *(column.zh for column in content.findings.columns)],
        [
            *(
                [areas.label(area, "zh"), *(figures[name] for name in names)]
                for area, figures in sorted(by_area.items())
            ),
            ["合计", *(content.findings.total[name] for name in names)],
        ],
    )
    _heading(document, "附表 3  监测对象")
    _table(document, content.monitored, "单位")


def _table(document: Document, figures: Figures, first: str) -> None:
    names = [column.name for column in figures.columns]
    body = [
        [row.division_name or row.division_code, *(row.figures[name] for name in names)]
        for row in figures.rows
    ]
    total = ["合计", *(figures.total[name] for name in names)]
    _grid(document, [first, *(column.zh for column in figures.columns)], [*body, total])


def _grid(document: Document, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = document.add_table(rows=1, cols=len(header), style="Table Grid")
    for line in (header, *rows):
        cells = table.rows[0].cells if line is header else table.add_row().cells
        for cell, value in zip(cells, line, strict=True):
            _write(cell.paragraphs[0], str(value), size=9, font=_HEADING if line is header else _BODY)


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)


def _title(document: Document, words: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, words, size=20, font=_TITLE, bold=True)


def _heading(document: Document, words: str) -> None:
    _write(document.add_paragraph(), words, size=14, font=_HEADING)


def _paragraph(document: Document, words: str, *, right: bool = False) -> None:
    paragraph = document.add_paragraph()
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(28)
    _write(paragraph, words, size=14)


def _note(document: Document, words: str) -> None:
    _write(document.add_paragraph(), words, size=9)


def _write(
    paragraph: Paragraph,
    words: str,
    *,
    size: float,
    font: str = _BODY,
    bold: bool = False,
) -> None:
    run = paragraph.add_run(words)
    run.font.size, run.font.name, run.bold = Pt(size), font, bold
    # Word keeps the typeface of East Asian text apart from that of Latin text.
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 - no public way
