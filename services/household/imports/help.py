"""What a column of the form takes, in words: for whoever fills it in, and for whoever writes a program that does."""

from __future__ import annotations

from services.household.imports.columns import Column, form
from services.household.imports.schemas import ColumnView
from shared.domain.codes import code_lists
from shared.web.language import Language


def columns_view(language: Language) -> list[ColumnView]:
    """Return the form's columns in their order."""
    return [
        ColumnView(
            field=column.field,
            header=column.header,
            aliases=list(column.aliases),
            of=column.of,
            required=column.required,
            codes=column.codes,
            choices=choices(column, language),
            private=column.sealed or column.field in {"identity_number", "disability_card"},
            help=explained(column, language),
            if_blank=_if_blank(column, language),
            if_dash=_if_dash(column, language),
        )
        for column in form()
    ]


def explained(column: Column, language: Language) -> str:
    """Return what a cell may hold."""
    if column.help and language == "zh":
        return column.help
    return _taken(column)[language]


def _taken(column: Column) -> dict[Language, str]:
    low, high = column.between or (0, 0)
    words: tuple[tuple[object, str, str], ...] = (
        (column.many, "可多选，用顿号分隔", "several, separated by 、 or a comma"),
        (column.codes, "从可选值中选择一项", "one of the choices"),
        (column.yes_no, "填“是”或“否”", "是 (yes) or 否 (no)"),
        (column.between, f"{low} 至 {high} 的整数", f"a whole number from {low} to {high}"),
        (column.amount, "数字，最多两位小数", "a number with up to two decimals"),
        (column.day, "日期，如 1965-01-01", "a date, such as 1965-01-01"),
        (column.words, f"文字，不超过 {column.longest} 字", f"up to {column.longest} signs"),
    )
    return next({"zh": zh, "en": en} for holds, zh, en in words if holds)


def choices(column: Column, language: Language) -> list[str]:
    """Return what a cell is chosen from; nothing where it is filled in freely."""
    if column.yes_no:
        return ["是", "否"]
    return [getattr(code, language) for code in code_lists()[column.codes].codes] if column.codes else []


def _if_blank(column: Column, language: Language) -> str:
    if column.required:
        return {"zh": "不得为空，该行退回", "en": "the line is refused"}[language]
    return {"zh": "保留原有内容", "en": "what is known stays"}[language]


def _if_dash(column: Column, language: Language) -> str:
    if column.required or column.checked_only:
        return {"zh": "不适用", "en": "is no value here"}[language]
    return {"zh": "清除原有内容", "en": "what is known is cleared"}[language]
