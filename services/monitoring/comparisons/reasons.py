"""Why a row could not be read, in words for people who did not write it."""

from __future__ import annotations

from shared.sheets.reasons import OF_NUMBERS, common

#: Code to its words, zh and en.
REASONS: dict[str, tuple[str, str]] = {
    **OF_NUMBERS,
    **common("missing", "not_a_date", "date_ahead", "not_yes_no", "unknown_code"),
    "not_an_amount": ("应为金额", "not an amount of money"),
    "not_a_number": ("应为数字", "not a number"),
    "scientific_figure": (
        "表格软件以科学计数显示，后面的数位可能已丢失，请改为数值格式后重新导出",
        "a spreadsheet shows the figure in scientific notation and may have lost digits: export it as a number",
    ),
    "perhaps_a_fraction": (
        "可能是表格软件以小数保存的百分数，百分之三十五请写作 35 或 35%",
        "perhaps a percentage that a spreadsheet keeps as a fraction: write 35 or 35% for thirty-five per cent",
    ),
    "tells_nobody": (
        "没有证件号码，也没有可以代替它的出生日期或所在村，无法确定是谁",
        "no number, and neither the birth date nor the place that would stand in for it: nobody knows who is meant",
    ),
    "month_only": ("只有年月，应写到日，如 2021-06-09", "a month only: a day is needed, such as 2021-06-09"),
}
