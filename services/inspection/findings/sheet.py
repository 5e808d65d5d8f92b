"""The ledger as a workbook to print: all of it on one sheet, and each of the four lists (四项清单) on its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import orjson
from rustpy_xlsxwriter import Format, write_worksheets

from services.inspection.findings.ledger import LedgerEntry
from shared.domain.codes import code_lists

SHEET: Final = "问题台账"
#: Columns by list, with their widths; together they are the ledger's.
_LISTS: Final = {
    "问题清单": {
        "领域": 14,
        "项目": 24,
        "区划": 12,
        "对象": 12,
        "具体情况": 36,
        "程度": 7,
        "来源": 10,
        "发现日期": 11,
        "发现人": 12,
        "重复": 6,
    },
    "措施清单": {"问题根源": 24, "整改措施": 36, "整改结果": 30, "佐证": 24, "立行立改": 9},
    "责任清单": {"责任单位": 20, "责任人": 10, "督办层级": 9, "待移交": 16, "核实人": 10},
    "时限清单": {"制定日期": 11, "整改时限": 11, "完成日期": 11, "销号日期": 11, "超期天数": 9},
}
#: What stands first on every sheet, so that each can be read by itself.
_KEYS: Final = {"序号": 6, "状态": 9}
_NAMED: Final = {"对象": 12, "项目": 24}
_TITLE = Format().set_bold().set_font_size(16).set_align("center")
_HEADER = Format().set_bold().set_border("thin").set_text_wrap().set_background_color("#F3F5F8")
_CELL = Format().set_text_wrap().set_border("thin").set_align("top")


async def write_ledger(chunks: AsyncIterator[list[LedgerEntry]], path: Path, title: str) -> None:
    """Write the workbook; the rows wait in a file beside it, for each sheet passes over them: none stays in memory."""
    spool = path.with_suffix(".ndjson")
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    try:
        with spool.open("wb") as file:
            async for chunk in chunks:
                lines = b"".join(orjson.dumps(row_of(next(numbers), each)) + b"\n" for each in chunk)
                await asyncio.to_thread(file.write, lines)
        await asyncio.to_thread(_write, spool, path, title)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    finally:
        await asyncio.to_thread(spool.unlink, missing_ok=True)


def _write(spool: Path, path: Path, title: str) -> None:
    sheets = _sheets()
    write_worksheets(
        [(name, _rows(spool, columns)) for name, columns in sheets.items()],
        str(path),
        freeze_panes={name: {"row": _first(name), "col": 2} for name in sheets},
        header_row={name: _first(name) - 1 for name in sheets},
        autofilter=dict.fromkeys(sheets, True),
        header_format=dict.fromkeys(sheets, _HEADER),
        column_widths={name: dict(columns) for name, columns in sheets.items()},
        column_formats={name: dict.fromkeys(columns, _CELL) for name, columns in sheets.items()},
        merge_ranges={name: _headings(name, list(columns), title) for name, columns in sheets.items()},
        page_setup={
            name: {
                "landscape": True,
                "paper_size": 9,
                "fit_to_pages": (1, 0),
                "repeat_rows": (0, _first(name) - 1),
                "footer": "&C第 &P 页，共 &N 页",
            }
            for name in sheets
        },
    )


def _sheets() -> dict[str, dict[str, int]]:
    """Return the columns of each sheet with their widths."""
    whole = {column: width for columns in _LISTS.values() for column, width in columns.items()}
    sheets = {SHEET: _KEYS | whole}
    for name, columns in _LISTS.items():
        named = {} if name == "问题清单" else _NAMED
        sheets[name] = _KEYS | named | columns
    return sheets


def _first(sheet: str) -> int:
    """Return the first row of data: below the title, the groups (of the whole ledger) and the header."""
    return 3 if sheet == SHEET else 2


def _headings(sheet: str, columns: Sequence[str], title: str) -> list[Any]:
    name = "" if sheet == SHEET else f"　{sheet}"
    headings = [(0, 0, 0, len(columns) - 1, f"{title}{name}", _TITLE)]
    if sheet == SHEET:
        for group, own in {"台账": _KEYS, **_LISTS}.items():
            places = [columns.index(column) for column in own]
            headings.append((1, places[0], 1, places[-1], group, _HEADER))
    return headings


def _rows(spool: Path, columns: dict[str, int]) -> Iterator[dict[str, Any]]:
    with spool.open("rb") as file:
        lines = map(orjson.loads, file)
        # An empty ledger has a header, too.
        for row in chain([next(lines, dict.fromkeys(columns, ""))], lines):
            yield {column: row[column] for column in columns}


def row_of(number: int, entry: LedgerEntry) -> dict[str, Any]:
    """Return an entry as its columns, in words."""
    problem, measures, responsibility, deadline = (
        entry.problem,
        entry.measures,
        entry.responsibility,
        entry.deadline,
    )
    return {
        "序号": number,
        "状态": _label("finding_status", entry.status),
        "领域": _label("inspection_area", problem.area),
        "项目": f"{problem.item} {problem.item_zh}",
        "区划": problem.division_name or problem.division_code,
        "对象": problem.object_name,
        "具体情况": problem.facts,
        "程度": _label("finding_severity", problem.severity),
        "来源": _label("finding_source", problem.source),
        "发现日期": problem.raised_on.isoformat(),
        "发现人": problem.raised_by,
        "重复": "是" if problem.repeated else "",
        "问题根源": measures.root_cause or "",
        "整改措施": measures.measures or "",
        "整改结果": measures.rectification or "",
        "佐证": "；".join(measures.evidence),
        "立行立改": "是" if measures.on_the_spot else "",
        "责任单位": responsibility.unit or "",
        "责任人": responsibility.person or "",
        "督办层级": _label("finding_level", responsibility.level),
        "待移交": responsibility.transfer_to or "",
        "核实人": responsibility.verified_by or "",
        "制定日期": _day(deadline.planned_on),
        "整改时限": deadline.deadline_on.isoformat(),
        "完成日期": _day(deadline.rectified_on),
        "销号日期": _day(deadline.closed_on),
        "超期天数": deadline.days_overdue or "",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _label(codes: str, code: str) -> str:
    return code_lists()[codes].label(code)
