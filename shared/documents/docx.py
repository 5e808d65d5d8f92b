"""A document as DOCX, in the typefaces of official documents (GB/T 9704)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import islice

import docx
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table as DocxTable, _Cell
from docx.text.paragraph import Paragraph as DocxParagraph

from shared.documents.model import (
    Block,
    Document,
    Heading,
    Note,
    Paragraph,
    Picture,
    Pictures,
    Table,
    printable,
)

#: Word replaces them where they are missing.
_BODY, _HEADING, _TITLE = "仿宋", "黑体", "宋体"
_MARGIN, _WIDTH = 2.6, 21 - 2 * 2.6
_SIDE_BY_SIDE = 2


def to_docx(document: Document) -> bytes:
    """Return a document as a DOCX file."""
    file = docx.Document()
    page = file.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(_MARGIN)
    title = file.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(title, document.title, size=20, font=_TITLE, bold=True)
    for block in document.blocks:
        _add(file, block)
    content = BytesIO()
    file.save(content)
    return content.getvalue()


def _add(file: Docx, block: Block) -> None:
    match block:
        case Heading(words, level):
            _write(file.add_paragraph(), words, size=14 if level == 1 else 12, font=_HEADING)
        case Paragraph(words, right):
            _paragraph(file, words, right=right)
        case Note(words):
            _write(file.add_paragraph(), words, size=9)
        case Table():
            _table(file, block)
        case Pictures(pictures):
            _pictures(file, pictures)


def _paragraph(file: Docx, words: str, *, right: bool) -> None:
    paragraph = file.add_paragraph()
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(28)
    _write(paragraph, words, size=14)


def _table(file: Docx, table: Table) -> None:
    lines = [table.header, *table.rows] if table.header else list(table.rows)
    grid = file.add_table(rows=len(lines), cols=len(lines[0]), style="Table Grid")
    _share(grid, table.shares)
    # Asked for once: python-docx looks for a table's cells anew at every question.
    for cells, line in zip(_rows(grid), lines, strict=True):
        font = _HEADING if line is table.header else _BODY
        for cell, value in zip(cells, line, strict=True):
            _write(cell.paragraphs[0], value, size=9, font=font)
    if table.header:
        repeated = OxmlElement("w:tblHeader")
        grid.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - no public way
    # Two tables that touch would be one.
    _write(file.add_paragraph(), "", size=6)


def _pictures(file: Docx, pictures: Sequence[Picture]) -> None:
    left = iter(pictures)
    while pair := list(islice(left, _SIDE_BY_SIDE)):
        grid = file.add_table(rows=1, cols=_SIDE_BY_SIDE)
        for cell, picture in zip(grid.rows[0].cells, pair, strict=False):
            cell.paragraphs[0].add_run().add_picture(BytesIO(picture.jpeg), width=Cm(picture.width))
            _write(cell.add_paragraph(), picture.caption, size=9)


def _share(grid: DocxTable, shares: Sequence[float]) -> None:
    grid.autofit = False
    for column, share in zip(grid.columns, shares, strict=True):
        column.width = Cm(_WIDTH * share)


def _rows(grid: DocxTable) -> list[list[_Cell]]:
    columns = len(grid.columns)
    cells = grid._cells  # noqa: SLF001 - ``rows[n].cells`` walks the whole table for each row
    return [cells[start : start + columns] for start in range(0, len(cells), columns)]


def _write(
    paragraph: DocxParagraph, words: object, *, size: float, font: str = _BODY, bold: bool = False
) -> None:
    run = paragraph.add_run(printable(words))
    run.font.size, run.font.name, run.bold = Pt(size), font, bold
    # Word keeps the typeface of East Asian text apart from that of Latin text.
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 - no public way
