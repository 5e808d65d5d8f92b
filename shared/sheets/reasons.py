"""Why a line of a table is refused, where several imports refuse lines for it; what is of one only stands beside it."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.identity_number import FAULTS
from shared.sheets.parts import TOO_MANY_CELLS
from shared.web.language import Language

#: Code to its words, zh and en.
_REASONS: dict[str, tuple[str, str]] = {
    TOO_MANY_CELLS: (
        "单元格多于表头，可能有未加引号的逗号",
        "more cells than the header; perhaps a comma without quotes around it",
    ),
    "missing": ("必填项为空", "nothing stands where something must"),
    "too_long": ("内容过长", "too long"),
    "unknown_code": ("不在可选范围内", "none of the codes that may stand here"),
    "not_yes_no": ("应为是或否", "neither yes nor no"),
    "not_a_date": ("日期无法识别，请写作 2021-06-09", "not a date, such as 2021-06-09"),
    "date_ahead": ("日期不得晚于今天", "a date after today"),
}

#: Of numbers of people.
OF_NUMBERS: dict[str, tuple[str, str]] = {str(fault): said for fault, said in FAULTS.items()}


def common(*codes: str) -> dict[str, tuple[str, str]]:
    """Return the words of those reasons for which an import refuses lines as others do."""
    return {code: _REASONS[code] for code in (TOO_MANY_CELLS, *codes)}


def in_words(reasons: Mapping[str, tuple[str, str]], code: str, language: Language) -> str:
    """Return why a line was refused in the caller's language; ``reasons`` are codes to words, zh and en."""
    chinese, english = reasons[code]
    return english if language == "en" else chinese
