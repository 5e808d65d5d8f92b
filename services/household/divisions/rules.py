"""What makes a line of a division file right, and on which days a division is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from services.household.divisions.model import Division
from services.household.divisions.reasons import REASONS
from services.household.divisions.schemas import DivisionReject
from shared.domain.codes import code_lists
from shared.domain.division import level_of, parent_of
from shared.sheets.form import Form, plain_header
from shared.sheets.parts import OVERLONG, TOO_MANY_CELLS
from shared.sheets.reasons import in_words
from shared.web.language import Language

#: Field to the headers under which offices write it.
_HEADERS = {
    "code": ("code", "区划代码", "行政区划代码"),
    "name": ("name", "名称", "区划名称"),
    "level": ("level", "级别", "层级"),
    "parent_code": ("parent_code", "上级代码", "上级区划代码"),
}
FORM = Form(
    {plain_header(header): field for field, headers in _HEADERS.items() for header in headers},
    frozenset(_HEADERS),
)
_CODE = re.compile(r"[1-9]\d{11}")
#: What stands above a province.
_NOTHING: dict[Language, str] = {"zh": "空", "en": "empty"}


def faults_of(line: int, row: dict[str, str], known: set[str], language: Language) -> list[DivisionReject]:
    """Return what is wrong with a line; ``known`` are the codes of the registry and of the file."""
    return [
        DivisionReject(
            line=line, column=column, code=code, message=in_words(REASONS, code, language).format(*expected)
        )
        for column, code, *expected in _faults(row, known, language)
    ]


def _faults(row: dict[str, str], known: set[str], language: Language) -> Iterator[tuple[str, ...]]:
    """Yield column, code and, where one thing only would be right, that."""
    code, parent = row.get("code", ""), row.get("parent_code", "")
    if row.get(OVERLONG):
        yield "", TOO_MANY_CELLS
        return
    if not _CODE.fullmatch(code):
        yield "code", "bad_code"
        return
    if not row.get("name"):
        yield "name", "missing"
    levels, level = code_lists()["division_level"], level_of(code).value
    if levels.code_of(row.get("level", "")) != level:
        yield "level", "wrong_level", levels.label(level, language)
    if parent != (parent_of(code) or ""):
        yield "parent_code", "wrong_parent", parent_of(code) or _NOTHING[language]
    elif parent and parent not in known:
        yield "parent_code", "unknown_parent"


def is_there(division: Division, day: date) -> bool:
    """Tell whether a division is there on a day."""
    return (division.valid_from is None or division.valid_from <= day) and (
        division.valid_until is None or day < division.valid_until
    )
