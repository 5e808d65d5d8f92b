"""Names of persons: written alike, and compared as an office would compare them."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")
#: Signs that stand between the parts of names of some peoples: one of them is right, U+00B7.
_DOTS = str.maketrans(dict.fromkeys("•．・‧∙⋅。.", "·"))
#: Characters that registers write differently for the same name: variants, old forms, look-alikes.
_VARIANTS = str.maketrans(
    "峯堃昇喆淼燁煒偉國華張劉陳楊趙黃週吳馬孫羅鄭謝韓馮鄧蔣餘葉蘇魯萬錢湯賀蘭鳳麗蓮蘋",
    "峰坤升哲渺烨炜伟国华张刘陈杨赵黄周吴马孙罗郑谢韩冯邓蒋余叶苏鲁万钱汤贺兰凤丽莲苹",
)


def normalise(name: str) -> str:
    """Return the name without spaces, with one kind of middle dot and no full-width letters."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", name)).translate(_DOTS).strip("·")


def comparable(name: str) -> str:
    """Return a form in which two ways to write one name are equal."""
    return normalise(name).translate(_VARIANTS).replace("·", "").upper()


def same_name(one: str, other: str) -> bool:
    """Tell whether two writings are the same name."""
    return comparable(one) == comparable(other)
