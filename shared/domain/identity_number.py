"""Resident identity numbers (公民身份号码, GB 11643): read as offices write them, refused with a reason.

Old 15-digit numbers (before 1999) become 18-digit ones; full-width digits, a lower-case x, spaces, quotes and
separators are put right. What cannot be put right for certain is refused: a spreadsheet keeps 15 digits of a
number, so one that it took for a number (``3.40621E+17``, or three zeros at the end) has lost the last three.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric

from shared.domain.written import NOTHING, plain

Fault = Literal[
    "empty",
    "scientific_notation",
    "bad_length",
    "bad_characters",
    "unknown_region",
    "impossible_date",
    "wrong_check_digit",
]

#: Fault to its words, zh and en.
FAULTS: dict[Fault, tuple[str, str]] = {
    "empty": ("未填写身份证号", "no identity number"),
    "scientific_notation": (
        "身份证号被表格软件当作数字处理，末三位已丢失，请以文本格式重新填写",
        "a spreadsheet took the number for a figure and lost its last three digits",
    ),
    "bad_length": ("身份证号应为 18 位（旧证 15 位）", "an identity number has 18 digits (old ones 15)"),
    "bad_characters": ("身份证号含有无效字符", "the number has characters that do not belong there"),
    "unknown_region": ("身份证号前两位不是省级行政区划代码", "the first two digits are no province"),
    "impossible_date": ("身份证号中的出生日期不存在", "the birth date in the number does not exist"),
    "wrong_check_digit": ("身份证号校验位错误", "the check digit is wrong"),
}

#: Signs that people put around and between the digits.
STRAY = r"['\"`‘’“”,，.．·_-]+"
#: A figure as a spreadsheet or a program writes it out.
FIGURE = r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+|[0-9]{18}\.0+"
LOST = "000"
SHAPE = r"[0-9]{17}[0-9X]"
#: GB/T 2260, first two digits; 83 is on the residence permits of people from Taiwan. No more than these two are
#: checked: counties were renumbered often, and a person keeps the number of a county that is no more.
PROVINCES = frozenset(
    re.findall("..", "1112131415212223313233343536374142434445465051525354616263646571818283")
)
EARLIEST_YEAR = 1900
_OLD, _NEW = 15, 18
_STRAY, _FIGURE, _SHAPE = re.compile(STRAY), re.compile(FIGURE), re.compile(SHAPE)


class IdentityNumberFault(ValueError):  # noqa: N818 - a fault of what was written, not of the program
    """A number was refused; ``fault`` says why. The text never holds the number."""

    def __init__(self, fault: Fault) -> None:
        self.zh, english = FAULTS[fault]
        super().__init__(english)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A valid number in its 18-digit form."""

    number: str
    #: True where it was written with 15 digits.
    was_fifteen: bool = False

    @property
    def birth_date(self) -> date:
        """Digits 7 to 14. Whether the day has come yet is for the caller, who knows the date."""
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def sex(self) -> Literal["male", "female"]:
        """Digit 17: odd for men (codes of the list ``sex``)."""
        return "male" if int(self.number[16]) % 2 else "female"


def parse(raw: str) -> IdentityNumber:
    """Return the number, or raise ``IdentityNumberFault``."""
    text = plain(raw)
    if _FIGURE.fullmatch(text):
        raise IdentityNumberFault("scientific_notation")
    text = _STRAY.sub("", text).replace("x", "X")
    if text in NOTHING:
        raise IdentityNumberFault("empty")
    if len(text) not in (_OLD, _NEW):
        raise IdentityNumberFault("bad_length")
    was_fifteen = len(text) == _OLD and text.isascii() and text.isdigit()
    number = _eighteen(text) if was_fifteen else text
    _check(number)
    return IdentityNumber(number, was_fifteen)


def _eighteen(old: str) -> str:
    # Fifteen-digit numbers were given to people born in the 1900s only.
    seventeen = f"{old[:6]}19{old[6:]}"
    return seventeen + str(ric.calc_check_digit(f"{seventeen}?"))


def _check(number: str) -> None:
    if not _SHAPE.fullmatch(number):
        raise IdentityNumberFault("bad_characters")
    if number[:2] not in PROVINCES:
        raise IdentityNumberFault("unknown_region")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberFault("impossible_date") from None
    if born.year < EARLIEST_YEAR:
        raise IdentityNumberFault("impossible_date")
    if ric.calc_check_digit(number) != number[-1]:
        raise IdentityNumberFault("scientific_notation" if number.endswith(LOST) else "wrong_check_digit")
