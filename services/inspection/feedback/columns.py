"""The columns of a file of assessment feedback."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from shared.sheets.form import Form, plain_header


class Column(BaseModel):
    """One column, with the ways in which offices write its header."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    header: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    help: str


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns in the order of our own form."""
    entries = yaml.safe_load(files(__package__).joinpath("columns.yaml").read_text("utf-8"))
    return tuple(map(Column.model_validate, entries))


@cache
def form() -> Form:
    """Return what a file may hold."""
    fields = {plain_header(name): each.field for each in columns() for name in (each.header, *each.aliases)}
    return Form(fields, frozenset(each.field for each in columns() if each.required))
