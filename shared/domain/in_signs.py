"""Figures in Chinese signs: amounts as on receipts (壹仟贰佰元整), days as in documents (二〇二一年六月一日)."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from shared.domain.written import mended

#: Signs that no hand can make others of, and their other forms, to the plain ones.
_PLAIN = str.maketrans(
    "壹贰貳叁參肆伍陆陸柒捌玖两〇○拾佰仟萬億圆圓", "一二二三三四五六六七八九二零零十百千万亿元元"
)
_DIGITS = "零一二三四五六七八九"
_UNITS = {"十": 10, "百": 100, "千": 1000}
_DIGIT = f"[{_DIGITS[1:]}]"
#: One to 9,999.
_FOUR = f"(?=[{_DIGITS[1:]}十])(?:{_DIGIT}千)?(?:{_DIGIT}百)?(?:{_DIGIT}?十)?{_DIGIT}?"
_WHOLE = re.compile(f"(?:(?P<yi>{_FOUR})亿)?(?:(?P<wan>{_FOUR})万)?(?P<rest>{_FOUR})?")
#: Two thousand five hundred in speech, and as it stands two thousand and five: nobody knows which.
_DOUBTFUL = re.compile(f"[百千万亿]{_DIGIT}(?![十百千万亿])")
_AMOUNT = re.compile(
    f"(?:人民币)?(?P<yuan>[{_DIGITS}十百千万亿]+)元(?:(?P<jiao>[{_DIGITS}])角)?(?:零?(?P<fen>{_DIGIT})分)?[整正]?"
)
_DAY = re.compile(
    f"(?P<year>[{_DIGITS}]{{4}})年(?P<month>[{_DIGITS}十]{{1,2}})月(?P<day>[{_DIGITS}十]{{1,3}})[日号]"
)
_SIGN = f"[{_DIGITS}〇○十拾壹贰貳叁參肆伍陆陸柒捌玖两]"


def amount_in_figures(written: str) -> str | None:
    """Return the figures of an amount, such as ``1200.00``; None where it is none or leaves a doubt."""
    found = _AMOUNT.fullmatch(written.translate(_PLAIN))
    yuan = _whole(found["yuan"]) if found else None
    if found is None or yuan is None:
        return None
    return f"{yuan}.{_DIGITS.index(found['jiao'] or '零')}{_DIGITS.index(found['fen'] or '零')}"


def day_in_figures(written: str) -> str | None:
    """Return the figures of a day, such as ``2021-6-1``; None where it is none."""
    found = _DAY.fullmatch(written.translate(_PLAIN))
    month, day = (_whole(found["month"]), _whole(found["day"])) if found else (None, None)
    if found is None or not month or not day:
        return None
    return f"{''.join(str(_DIGITS.index(each)) for each in found['year'])}-{month}-{day}"


def figures_column(text: pl.Expr, in_figures: Callable[[str], str | None]) -> pl.Expr:
    """Return a column with figures in place of signs; only cells with a sign are looked into, and few have one."""
    return mended(
        text,
        fine=lambda cell: ~cell.str.contains(_SIGN),
        mend=lambda cell: cell.map_elements(in_figures, return_dtype=pl.String),
    )


def _whole(signs: str) -> int | None:
    """Return a number below a trillion."""
    if signs == "零":
        return 0
    found = _WHOLE.fullmatch(said) if (said := signs.replace("零", "")) else None
    if found is None or _DOUBTFUL.search(signs):
        return None
    return (_four(found["yi"]) * 10_000 + _four(found["wan"])) * 10_000 + _four(found["rest"])


def _four(signs: str | None) -> int:
    total = digit = 0
    for sign in signs or "":
        if unit := _UNITS.get(sign):
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = _DIGITS.index(sign)
    return total + digit
