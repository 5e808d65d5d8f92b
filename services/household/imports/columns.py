"""The columns of the import form, read from ``columns.yaml``."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict


class Column(BaseModel):
    """One column of the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    header: str
    of: Literal["household", "member"]
    required: bool = False
    #: Name of a code list.
    codes: str | None = None
    #: Several codes, separated.
    many: bool = False
    yes_no: bool = False
    number: bool = False
    aliases: tuple[str, ...] = ()
    help: str = ""


@cache
def form() -> tuple[Column, ...]:
    """Return all columns in the template's order."""
    return tuple(Column.model_validate(each) for each in yaml.safe_load(_text()))


@cache
def fields_by_header() -> dict[str, str]:
    """Return every header and alias, written plainly, to its field."""
    return {plain_header(name): each.field for each in form() for name in (each.header, *each.aliases)}


def plain_header(written: str) -> str:
    """Return a header without the signs and spaces in which offices differ."""
    text = unicodedata.normalize("NFKC", written)
    return "".join(sign for sign in text if sign.isalnum())


def find_header(rows: Sequence[Sequence[str | None]]) -> tuple[int, dict[str, int]] | None:
    """Return the first row that names all required columns, and where each field stands in it."""
    known = fields_by_header()
    required = {each.field for each in form() if each.required}
    for position, row in enumerate(rows):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            field = known.get(plain_header(cell or ""))
            if field is not None:
                places.setdefault(field, place)
        if required <= places.keys():
            return position, places
    return None


def _text() -> str:
    return files(__package__).joinpath("columns.yaml").read_text("utf-8")
