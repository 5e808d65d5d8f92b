"""Why a line of a division file is refused."""

from __future__ import annotations

from shared.sheets.reasons import common

#: Code to its words, zh and en; in the braces stands what the line should say.
REASONS: dict[str, tuple[str, str]] = {
    **common("missing"),
    "bad_code": ("区划代码应为 12 位数字", "a division's code has 12 digits"),
    "wrong_level": ("代码所在层级应为 {}", "a code of this shape is of the level {}"),
    "wrong_parent": ("上级代码应为 {}", "the code of the division above should be {}"),
    "unknown_parent": ("上级区划不存在", "the division above does not exist"),
}
