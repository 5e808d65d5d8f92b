"""Changes in words: what a field is called, what a value means, what happened in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.household.changes.model import NaturalChange
from services.household.changes.views import story_of
from services.household.imports.columns import form
from shared.clock import date_of
from shared.database.history import Change
from shared.domain.codes import code_lists
from shared.web.language import Language

#: Kept beside the facts, and told by them: nobody changes it as such.
_BESIDE = frozenset({"member_count", "head_name", "id", "household_id", "member_id"})
#: What a natural change tells of those who had a part in it, and of the household that it emptied.
TOLD_BY_NATURAL_CHANGE = frozenset({"joined_on", "join_reason", "left_on", "leave_reason", "merged_into"})
#: Fields that hold another row's id or a division's code: people know those by name.
REFERENCES = frozenset({"grid_id", "merged_into", "division_code"})
_CODED = {"leave_reason": "leave_reason", "way": "contact_way", "scopes": "consent_scope"}
#: Tables in themselves: that they changed says enough, for what they sum up to is told.
_DETAILED = frozenset({"lines"})
_HIDDEN = "…"


@dataclass(frozen=True)
class Step:
    """A change, and the fields of its row as they are after it."""

    change: Change
    row: Mapping[str, Any]

    @property
    def is_of_book(self) -> bool:
        """Whether it is a line of the book of natural changes, and not a fact of the household."""
        return self.change.table == NaturalChange.__tablename__

    @property
    def is_natural_change(self) -> bool:
        """Whether a natural change was entered or undone; undoing a later one touches its line, too."""
        return self.is_of_book and (self.change.kind == "created" or "undone_at" in self.change.fields)


@dataclass(frozen=True)
class Teller:
    """Tells steps in a language, knowing what others' ids and codes are called."""

    language: Language
    names: Mapping[str, str]

    def sentence(self, step: Step, *, told: AbstractSet[str] = frozenset()) -> str:
        """Return what a change did; nothing where it changed only what other changes tell, such as what is ``told``."""
        change = step.change
        if step.is_of_book:
            return story_of(NaturalChange(**step.row), self.language) if step.is_natural_change else ""
        if change.kind != "changed":
            return self._phrase(change.kind, step)
        fields = {name: values for name, values in change.fields.items() if name not in told}
        if fields.get("left_on", (None, None))[1]:
            return self._phrase("left", step)
        parts = [self._part(name, *values) for name, values in fields.items() if not _is_beside(name, change)]
        listed = self._word("listed").join(parts)
        return self._phrase("changed", step, changes=listed) if parts else ""

    def line(self, step: Step) -> str:
        """Return a sentence that stands alone: on which day, who, what."""
        change, told = step.change, self.sentence(step)
        return self._word("line").format(on=date_of(change.at), by=change.by, told=told) if told else ""

    def label(self, field: str) -> str:
        """Return what a field is called: by the form's header, in English by its own name."""
        if field in _labels():
            return _labels()[field][self.language]
        header = _headers().get(field)
        return header if header and self.language == "zh" else field.replace("_", " ")

    def value(self, field: str, raw: Any) -> str:
        """Return what a value means to people."""
        if raw is None or raw == []:
            return self._word("household" if field == "whose" else "nothing")
        if field in REFERENCES:
            return self.names.get(str(raw), self._word("elsewhere"))
        if isinstance(raw, bool):
            return self._word("yes" if raw else "no")
        if isinstance(raw, list):
            return self._word("and").join(self.value(field, each) for each in raw)
        if isinstance(raw, float):
            # Yuan, mu, square metres: all of them are kept to the second place.
            return f"{raw:.2f}"
        codes = _CODED.get(field) or _codes().get(field)
        return code_lists()[codes].label(str(raw), self.language) if codes else str(raw)

    def _part(self, field: str, before: Any, after: Any) -> str:
        if field in _DETAILED or _HIDDEN in (before, after):
            return self._word("altered").format(field=self.label(field))
        was, became = self.value(field, before), self.value(field, after)
        return self._word("part").format(field=self.label(field), was=was, became=became)

    def _phrase(self, kind: str, step: Step, **more: str) -> str:
        phrase = _phrases()[self.language][kind].get(step.change.table, "")
        return phrase.format_map(_Shown(more, step.row, self))

    def _word(self, name: str) -> str:
        return _phrases()[self.language]["words"][name]


class _Shown(dict[str, str]):
    """A row's fields in words, each looked up as a phrase asks for it."""

    def __init__(self, more: Mapping[str, str], row: Mapping[str, Any], teller: Teller) -> None:
        super().__init__(more)
        self._row, self._teller = row, teller

    def __missing__(self, field: str) -> str:
        return self._teller.value(field, self._row.get(field))


def _is_beside(field: str, change: Change) -> bool:
    # Of a household that goes to another village all rows go: once told is enough.
    moves_along = field == "division_code" and change.table != "household"
    return moves_along or field in _BESIDE or field.endswith("_index")


@cache
def _phrases() -> dict[Language, dict[str, dict[str, str]]]:
    read: dict[Language, dict[str, dict[str, str]]] = yaml.safe_load(_text("phrases.yaml"))
    return read


@cache
def _labels() -> dict[str, dict[Language, str]]:
    read: dict[str, dict[Language, str]] = yaml.safe_load(_text("labels.yaml"))
    return read


@cache
def _headers() -> dict[str, str]:
    return {column.column: column.header for column in form()}


@cache
def _codes() -> dict[str, str]:
    return {column.column: column.codes for column in form() if column.codes}


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
