"""The columns of the import form, read from ``columns.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from shared.refusal import Refusal
from shared.sheets.form import Form, plain_header


class Column(BaseModel):
    """One column of the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    header: str
    of: Literal["household", "member"]
    #: The table's column, where it has another name.
    stored: str = ""
    #: Held against what the number says, and not kept.
    checked_only: bool = False
    required: bool = False
    #: May be empty where this field is filled.
    unless: str = ""
    #: Name of a code list.
    codes: str | None = None
    #: Several codes, separated.
    many: bool = False
    yes_no: bool = False
    #: A whole number within these.
    between: tuple[int, int] | None = None
    #: A number with up to two decimals.
    amount: bool = False
    #: A date.
    day: bool = False
    #: Encrypted, and known again by the index beside it: written one way, without blanks.
    sealed: bool = False
    #: Of words, how many signs.
    longest: int = 200
    aliases: tuple[str, ...] = ()
    help: str = ""

    @property
    def column(self) -> str:
        """Return under which name the registry keeps it."""
        return self.stored or self.field

    @property
    def words(self) -> bool:
        """Tell whether it holds words, as they are."""
        return not (self.codes or self.yes_no or self.between or self.amount or self.day)


@cache
def form() -> tuple[Column, ...]:
    """Return all columns in the template's order."""
    return tuple(Column.model_validate(each) for each in yaml.safe_load(_text()))


def file_form(own: Mapping[str, str]) -> Form:
    """Return what a household file may hold; ``own`` are a sender's own headers for fields.

    A program's file may use the fields' names themselves.
    """
    names = ((name, each.field) for each in form() for name in (each.header, *each.aliases, each.field))
    fields = {plain_header(name): field for name, field in (*names, *own.items())}
    return Form(fields, frozenset(each.field for each in form() if each.required))


class NoSuchField(Refusal):
    """The form has no such field."""

    status = 422
    code = "no_such_field"
    zh = "采集表中没有该字段"


def own_columns(written: Sequence[str]) -> dict[str, str]:
    """Return header to field of what a sender writes as ``header=field``, or refuse."""
    pairs = dict(each.rpartition("=")[::2] for each in written)
    if unknown := sorted(set(pairs.values()) - {each.field for each in form()}):
        raise NoSuchField(", ".join(unknown))
    return pairs


def _text() -> str:
    return files(__package__).joinpath("columns.yaml").read_text("utf-8")
