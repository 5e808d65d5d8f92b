"""How an export is refused."""

from __future__ import annotations

from shared.refusal import Refusal


class TooManyForWorkbook(Refusal):
    """So many people do not go into a workbook: ask for a smaller division, or for CSV."""

    status = 422
    code = "too_many_for_workbook"
    zh = "人数过多，无法导出为 XLSX，请缩小区划范围或改用 CSV"
