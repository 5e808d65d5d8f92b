"""Changes in words: what a field is called, what a value means, what happened in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.household.imports.columns import form
from shared.database.history import Change
from shared.domain.codes import code_lists
from shared.web.language import Language

#: Kept beside the facts, and told by them: nobody changes it as such.
_BESIDE = frozenset({"member_count", "head_name", "version", "id", "household_id", "member_id"})
_CODED = {"leave_reason": "leave_reason", "way": "contact_way", "scopes": "consent_scope"}
_HIDDEN = "…"
#: Row to its value of a field by the time of the change.
Known = Callable[[str], Any]


def sentence(change: Change, known: Known, language: Language) -> str:
    """Return what a change did; nothing where it changed only what other changes tell."""
    if change.kind == "deleted":
        return _phrase("deleted", change.table, language).format(**_shown(known, language))
    if change.kind == "created" or change.table in {"official_contact", "natural_change"}:
        return _phrase("created", change.table, language).format(**_shown(known, language))
    if "left_on" in change.fields and change.fields["left_on"][1]:
        return _phrase("left", change.table, language).format(**_shown(known, language))
    return _changes(change, known, language)


def label(field: str, language: Language) -> str:
    """Return what a field is called: by the form's header, in English by its own name."""
    if field in _labels():
        return _labels()[field][language]
    header = _headers().get(field)
    return header if header and language == "zh" else field.replace("_", " ")


def value(field: str, raw: Any, language: Language) -> str:
    """Return what a value means to people."""
    if raw is None or raw == []:
        return "空" if language == "zh" else "nothing"
    if isinstance(raw, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][raw]
    codes = _CODED.get(field) or _codes().get(field)
    if isinstance(raw, list):
        return ("、" if language == "zh" else ", ").join(value(field, each, language) for each in raw)
    if isinstance(raw, float):
        # Yuan, mu, square metres: all of them are kept to the second place.
        return f"{raw:.2f}"
    return code_lists()[codes].label(str(raw), language) if codes else str(raw)


def _changes(change: Change, known: Known, language: Language) -> str:
    parts = [
        _part(field, before, after, language)
        for field, (before, after) in change.fields.items()
        if field not in _BESIDE and not field.endswith("_index")
    ]
    if not parts:
        return ""
    listed = ("；" if language == "zh" else "; ").join(parts)
    return _phrase("changed", change.table, language).format(changes=listed, **_shown(known, language))


def _part(field: str, before: Any, after: Any, language: Language) -> str:
    name = label(field, language)
    if _HIDDEN in (before, after):
        return f"{name}已变更" if language == "zh" else f"{name} changed"
    if isinstance(after, list) and any(isinstance(each, dict) for each in after):
        return f"{name}已变更" if language == "zh" else f"{name} changed"
    was, became = value(field, before, language), value(field, after, language)
    return f"{name}由“{was}”改为“{became}”" if language == "zh" else f"{name} from {was} to {became}"


class _Shown(dict[str, str]):
    """A row's fields in words, looked up as a phrase asks for them."""

    def __init__(self, known: Known, language: Language) -> None:
        super().__init__()
        self._known, self._language = known, language

    def __missing__(self, field: str) -> str:
        return value(field, self._known(field), self._language)


def _shown(known: Known, language: Language) -> Mapping[str, str]:
    fields = (
        "name",
        "number",
        "relationship",
        "left_on",
        "leave_reason",
        "year",
        "per_capita",
        "unit",
        "since",
    )
    more = ("happened_on", "official_name", "way", "words", "scopes", "given_on")
    shown = _Shown(known, language)
    return {field: shown[field] for field in (*fields, *more)}


def _phrase(kind: str, table: str, language: Language) -> str:
    return str(_phrases()[language][kind].get(table, ""))


@cache
def _phrases() -> dict[str, dict[str, dict[str, str]]]:
    read: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(_text("phrases.yaml"))
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
