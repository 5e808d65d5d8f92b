"""Names of persons: written alike, and compared as an office would compare them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from shared.domain.written import mended, plain, plain_column

_DOT = "·"
#: Signs that stand between the parts of names of some peoples: U+00B7 is the right one.
_DOTS: dict[str, str] = dict.fromkeys("•．・･‧∙⋅●▪⸱。.", _DOT)
_TO_DOT = str.maketrans("".join(_DOTS), _DOT * len(_DOTS))
#: Others, of which NFKC makes letters and marks: they are dots before it.
_TAKEN_APART = dict.fromkeys("ㆍ˙", _DOT)
_TO_DOT_BEFORE = str.maketrans(_TAKEN_APART)


def normalise(name: str) -> str:
    """Return the name without spaces, with one kind of middle dot and no full-width letters."""
    return plain(unicodedata.normalize("NFKC", name.translate(_TO_DOT_BEFORE))).translate(_TO_DOT).strip(_DOT)


def comparable(name: str) -> str:
    """Return a form in which two ways to write one name are equal."""
    known = variants()
    return "".join(known.get(sign, sign) for sign in normalise(name) if sign != _DOT).upper()


def normalised_column(name: pl.Expr) -> pl.Expr:
    """Return what ``normalise`` returns, for a column; null stays null."""
    whole = name.str.replace_many(list(_TAKEN_APART), list(_TAKEN_APART.values()))
    narrow = plain_column(whole.str.normalize("NFKC"))
    return narrow.str.replace_many(list(_DOTS), list(_DOTS.values())).str.strip_chars(_DOT)


def comparable_column(name: pl.Expr) -> pl.Expr:
    """Return what ``comparable`` returns, for a column; null stays null."""
    return mended(name, fine=_is_comparable, mend=_compared)


def _is_comparable(name: pl.Expr) -> pl.Expr:
    """Tell which names stay as they are: of the signs that most names are of, written in the way that is meant."""
    # None of these signs has another form in NFKC; a differential test would find the one that had.
    return name.str.contains(f"^[一-龥--[{''.join(variants())}]]+$")


def _compared(name: pl.Expr) -> pl.Expr:
    written = {_DOT: "", **variants()}
    return normalised_column(name).str.replace_many(list(written), list(written.values())).str.to_uppercase()


@cache
def variants() -> Mapping[str, str]:
    """Return each writing with the one that is compared; the tables say where the pairs come from.

    Whoever adds pairs, or dots, brings the keys that are stored up to them by a migration:
    ``2027_01_22_monitoring_name_keys``.
    """
    pairs = _table("traditional_characters")["pairs"].split()
    tables = _table("name_variants").values()
    return dict(pairs) | {written: meant for table in tables for written, meant in table.items()}


def _table(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(files(__package__).joinpath(f"{name}.yaml").read_text("utf-8"))
    return read
