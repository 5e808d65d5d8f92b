"""Why a row could not be read, in words for people who did not write it."""

from __future__ import annotations

from shared.domain.identity_number import FAULTS
from shared.sheets.parts import TOO_MANY_CELLS, TOO_MANY_CELLS_ZH
from shared.web.language import Language

#: Code to its words, zh and en.
REASONS: dict[str, tuple[str, str]] = {
    **{str(fault): said for fault, said in FAULTS.items()},
    "missing": ("必填项为空", "nothing stands where something must"),
    "not_an_amount": ("应为金额", "not an amount of money"),
    "not_a_number": ("应为数字", "not a number"),
    "scientific_figure": (
        "表格软件以科学计数显示，后面的数位可能已丢失，请改为数值格式后重新导出",
        "a spreadsheet shows the figure in scientific notation and may have lost digits: export it as a number",
    ),
    "not_a_date": ("应为日期，如 2021-06-09", "not a date, such as 2021-06-09"),
    "month_only": ("只有年月，应写到日，如 2021-06-09", "a month only: a day is needed, such as 2021-06-09"),
    "not_yes_no": ("应为是或否", "neither yes nor no"),
    "unknown_code": ("不在可选范围内", "none of the codes that may stand here"),
    TOO_MANY_CELLS: (
        TOO_MANY_CELLS_ZH,
        "more cells than the header; perhaps a comma without quotes around it",
    ),
}


def reason_for(code: str, language: Language) -> str:
    """Return why a row is refused."""
    chinese, english = REASONS[code]
    return english if language == "en" else chinese
