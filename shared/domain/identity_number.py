"""Resident identity numbers (公民身份号码, GB 11643): read as offices write them, refused with a reason.

Old 15-digit numbers (before 1999) become 18-digit ones; full-width digits, a lower-case x, spaces and quotes
are put right. What cannot be put right for certain is refused: a number that Excel turned into 3.40621E+17
has lost its last digits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric

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
        "身份证号已被 Excel 转成科学计数法，末位丢失，请以文本格式重新填写",
        "the number was turned into scientific notation and has lost its last digits",
    ),
    "bad_length": ("身份证号应为 18 位（旧证 15 位）", "an identity number has 18 digits (old ones 15)"),
    "bad_characters": ("身份证号含有无效字符", "the number has characters that do not belong there"),
    "unknown_region": ("身份证号前两位不是省级行政区划代码", "the first two digits are no province"),
    "impossible_date": ("身份证号中的出生日期不存在", "the birth date in the number does not exist"),
    "wrong_check_digit": ("身份证号校验位错误", "the check digit is wrong"),
}

_STRAY = re.compile(r"[\s'\"`‘’“”,，.．·\-_\u200b\u200c\u200d\ufeff]+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d+")
_SHAPE = re.compile(r"\d{17}[\dX]")
#: GB/T 2260: first two digits of the provinces, autonomous regions, municipalities and SARs.
PROVINCES = frozenset(
    ["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"]
)
_OLD, _NEW = 15, 18
_EARLIEST = 1900


class IdentityNumberFault(ValueError):
    """A number was refused; ``fault`` says why. The text never holds the number."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(FAULTS[fault][1])
        self.fault: Fault = fault
        self.zh = FAULTS[fault][0]


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A valid number in its 18-digit form."""

    number: str
    #: True where it was written with 15 digits.
    was_fifteen: bool = False

    @property
    def birth_date(self) -> date:
        """Digits 7 to 14."""
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def sex(self) -> Literal["male", "female"]:
        """Digit 17: odd for men."""
        return "male" if int(self.number[16]) % 2 else "female"


def parse(raw: str) -> IdentityNumber:
    """Return the number, or raise ``IdentityNumberFault``."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if _SCIENTIFIC.fullmatch(text):
        raise IdentityNumberFault("scientific_notation")
    text = _STRAY.sub("", text).upper()
    if not text:
        raise IdentityNumberFault("empty")
    if len(text) not in (_OLD, _NEW):
        raise IdentityNumberFault("bad_length")
    was_fifteen = len(text) == _OLD
    if was_fifteen and text.isascii() and text.isdigit():
        text = _eighteen(text)
    _check(text)
    return IdentityNumber(text, was_fifteen)


def _eighteen(old: str) -> str:
    # Fifteen-digit numbers were given to people born in the 1900s only.
    seventeen = f"{old[:6]}19{old[6:]}"
    return seventeen + ric.calc_check_digit(f"{seventeen}?")


def _check(number: str) -> None:
    if not _SHAPE.fullmatch(number):
        raise IdentityNumberFault("bad_characters")
    if number[:2] not in PROVINCES:
        raise IdentityNumberFault("unknown_region")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise IdentityNumberFault("impossible_date") from error
    if born.year < _EARLIEST:
        raise IdentityNumberFault("impossible_date")
    if ric.calc_check_digit(number) != number[-1]:
        raise IdentityNumberFault("wrong_check_digit")
