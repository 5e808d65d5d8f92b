"""The ledger as a workbook to print: the four lists side by side, header frozen, filter set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final

from rustpy_xlsxwriter import Format, write_worksheet

from services.inspection.findings.ledger import LedgerEntry
from shared.domain.codes import code_lists

SHEET = "问题台账"
_HEADER: Final = Format().set_bold().set_border("thin").set_text_wrap()
#: The group above each column's header: first and last column, title.
_GROUPS: Final = (
    (0, 1, "台账"),
    (2, 10, "问题清单"),
    (11, 14, "措施清单"),
    (15, 17, "责任清单"),
    (18, 21, "时限清单"),
)


async def write_ledger(chunks: AsyncIterator[list[LedgerEntry]], path: Path) -> None:
    """Write the workbook in a thread that asks this loop for one chunk after another: no more is in memory."""
    loop = asyncio.get_running_loop()

    async def following() -> list[LedgerEntry]:
        return await anext(chunks, [])

    def rows() -> Iterator[dict[str, Any]]:
        numbers = count(1)
        while chunk := asyncio.run_coroutine_threadsafe(following(), loop).result():
            yield from (_row(next(numbers), entry) for entry in chunk)

    await asyncio.to_thread(_write, rows(), path)


def _write(rows: Iterator[dict[str, Any]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_worksheet(
            rows,
            str(path),
            SHEET,
            header_row=1,
            freeze_row=2,
            autofilter=True,
            header_format=_HEADER,
            merge_ranges=[(0, first, 0, last, title, _HEADER) for first, last, title in _GROUPS],
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _row(number: int, entry: LedgerEntry) -> dict[str, Any]:
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
        "整改措施": measures.measures or "",
        "整改结果": measures.rectification or "",
        "佐证": "；".join(measures.evidence),
        "立行立改": "是" if measures.on_the_spot else "",
        "责任单位": responsibility.unit or "",
        "责任人": responsibility.person or "",
        "核实人": responsibility.verified_by or "",
        "整改时限": deadline.deadline_on.isoformat(),
        "完成日期": _day(deadline.rectified_on),
        "销号日期": _day(deadline.closed_on),
        "超期天数": deadline.days_overdue or "",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _label(codes: str, code: str) -> str:
    return code_lists()[codes].label(code)
