"""The words of an archive's pages: what a field is called, and how its value is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from services.monitoring.datasets.catalog import datasets
from shared.domain.codes import code_lists

#: For machines: what the rule was, and where it comes from, is said in a line of its own.
_UNSAID = frozenset({"judgement", "clue_id"})


class Label(BaseModel):
    """What a field is called, and the code list that its value is of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    codes: str | None = None


@cache
def labels() -> Mapping[str, Label]:
    """Return the labels of fields."""
    raw = yaml.safe_load(files(__package__).joinpath("labels.yaml").read_text("utf-8"))
    return {name: Label.model_validate(label) for name, label in raw.items()}


@dataclass(frozen=True, slots=True)
class Wording:
    """Writes down forms; ``names`` are those of the household's persons by their ids."""

    names: Mapping[str, str]

    def facts(self, kind: str, content: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return a form of an entry as label and words; what was left blank is left out."""
        facts = [
            (self.label(kind, name), self.value(kind, name, value))
            for name, value in _ordered(kind, content)
            if name not in _UNSAID
        ]
        judged = _judged(content.get("judgement") or {})
        return [(label, words) for label, words in [*facts, *judged] if words]

    def label(self, kind: str, name: str) -> str:
        """Return what a field of an entry is called."""
        return _label(kind, name).zh

    def value(self, kind: str, name: str, value: Any) -> str:
        """Return how a field's value is written; nothing for what was left blank."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Mapping):
            return "；".join(self._inside(name, value))
        if isinstance(value, list | tuple):
            # Forms inside a form stand in lines of their own.
            between = "\n" if any(isinstance(each, Mapping) for each in value) else "、"
            return between.join(self.value(kind, name, each) for each in value)
        return self._named(kind, name, str(value))

    def _named(self, kind: str, name: str, value: str) -> str:
        """Return what an id or code stands for; words stand for themselves."""
        if name == "member_id":
            return self.names.get(value, value)
        if name == "dataset" and (known := datasets().get(value)):
            return known.zh
        codes = _label(kind, name).codes
        return code_lists()[codes].label(value) if codes else value

    def _inside(self, outer: str, content: Mapping[str, Any]) -> Iterator[str]:
        for name, value in _ordered(outer, content):
            # What does not hold of one of many is not said of each.
            if (words := self.value(outer, name, value)) and not (value is False and name == "kin"):
                yield f"{_label(outer, name).zh}：{words}"


def _label(kind: str, name: str) -> Label:
    """Return a field's label; one that is not listed is called by its name."""
    return labels().get(_listed(kind, name)) or Label(zh=name, en=name)


def _listed(kind: str, name: str) -> str:
    """Return how a field is listed: with its form's name where it means something else there."""
    own = f"{kind}.{name}"
    return own if own in labels() else name


def _ordered(kind: str, content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return a form's fields in the order of the labels: a database keeps them in none."""
    places = {name: place for place, name in enumerate(labels())}
    return sorted(content.items(), key=lambda each: places.get(_listed(kind, each[0]), len(places)))


def _judged(judgement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which rule was applied to what; an auditor finds the rest in the data."""
    if not judgement:
        return
    yield "依据", f"{judgement.get('source', '')}（规则版本 {judgement.get('version', '')}）"
    if line := judgement.get("thresholds", {}).get("income_line"):
        yield "收入监测线（元）", str(line)
    inputs = judgement.get("inputs", {})
    if income := inputs.get("net_income_per_capita"):
        yield "核定人均纯收入（元）", str(income)
    if reference := inputs.get("reference_per_capita"):
        yield "扣除刚性支出后人均（元）", str(reference)
    if doubts := judgement.get("doubts"):
        yield "需说明的疑点", "\n".join(doubts)
