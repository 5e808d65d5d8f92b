"""What makes a line of a division file right, and on which days a division is there."""

from __future__ import annotations

import re
from datetime import date

from services.household.divisions.model import Division
from services.household.divisions.schemas import DivisionReject
from shared.domain.codes import code_lists
from shared.domain.division import level_of, parent_of
from shared.sheets.form import Form, plain_header
from shared.sheets.parts import OVERLONG, TOO_MANY_CELLS, TOO_MANY_CELLS_ZH

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


def faults_of(line: int, row: dict[str, str], known: set[str]) -> list[DivisionReject]:
    """Return what is wrong with a line; ``known`` are the codes of the registry and of the file."""
    if row.get(OVERLONG):
        return [DivisionReject(line=line, column="", code=TOO_MANY_CELLS, message=TOO_MANY_CELLS_ZH)]
    code, parent = row.get("code", ""), row.get("parent_code", "")
    if not _CODE.fullmatch(code):
        return [DivisionReject(line=line, column="code", code="bad_code", message="区划代码应为 12 位数字")]
    faults = []
    if not row.get("name"):
        faults.append(DivisionReject(line=line, column="name", code="missing", message="缺少名称"))
    if code_lists()["division_level"].code_of(row.get("level", "")) != level_of(code).value:
        message = f"代码所在层级应为 {level_of(code).value}"
        faults.append(DivisionReject(line=line, column="level", code="wrong_level", message=message))
    if parent != (parent_of(code) or ""):
        message = f"上级代码应为 {parent_of(code)}"
        faults.append(DivisionReject(line=line, column="parent_code", code="wrong_parent", message=message))
    elif parent and parent not in known:
        faults.append(
            DivisionReject(line=line, column="parent_code", code="unknown_parent", message="上级区划不存在")
        )
    return faults


def is_there(division: Division, day: date) -> bool:
    """Tell whether a division is there on a day."""
    return (division.valid_from is None or division.valid_from <= day) and (
        division.valid_until is None or day < division.valid_until
    )
