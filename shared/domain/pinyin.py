"""Chinese names as people type them when they have no Chinese keyboard at hand: in full pinyin, or by initials.

Readings are taken sign by sign (pypinyin's most frequent one); a surname that is read otherwise than the common word
stands in ``surname_readings.yaml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pypinyin import Style, lazy_pinyin

from shared.domain.person_name import normalise


def pinyin(name: str) -> str:
    """Return a person's name in letters without tones: 王建国 becomes ``wangjianguo``."""
    return "".join(_syllables(name))


def first_syllable(name: str) -> str:
    """Return how a name begins: the surname, or the first sign of a surname of two."""
    return next(iter(_syllables(name)), "")


def initials(name: str) -> str:
    """Return the first letter of each syllable: 王建国 becomes ``wjg``."""
    return "".join(syllable[:1] for syllable in _syllables(name))


def place_pinyin(name: str) -> str:
    """Return a place's name in letters; no surname stands in front: 单楼村 becomes ``danloucun``."""
    return "".join(_reading(sign) for sign in normalise(name))


def place_initials(name: str) -> str:
    """Return the initials of a place's name: 濉溪县 becomes ``sxx``."""
    return "".join(_reading(sign)[:1] for sign in normalise(name))


def _syllables(name: str) -> list[str]:
    signs = normalise(name)
    surname = next((signs[:length] for length in (2, 1) if signs[:length] in _surnames()), "")
    given = [_reading(sign) for sign in signs[len(surname) :]]
    return [*_surnames().get(surname, ()), *given]


@cache
def _reading(sign: str) -> str:
    """Return one sign's reading: letters and digits stand for themselves, what is neither is passed over."""
    read: str = lazy_pinyin(sign, style=Style.NORMAL, v_to_u=False, errors="default")[0]
    return "".join(letter for letter in read.lower() if letter.isascii() and letter.isalnum())


@cache
def _surnames() -> dict[str, tuple[str, ...]]:
    readings = yaml.safe_load(files(__package__).joinpath("surname_readings.yaml").read_text("utf-8"))
    return {surname: tuple(reading.split()) for surname, reading in readings.items()}
