"""Showing natural changes: fields for programs, a sentence for people."""

from __future__ import annotations

from services.household.changes.family import Trace
from services.household.changes.model import Kind, NaturalChange, Part
from services.household.changes.schemas import ChangeView, PersonView
from shared.domain.codes import code_lists
from shared.web.language import Language

_REASONS = {Kind.ARRIVAL: "join_reason", Kind.RETURN: "join_reason"}
_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "happened": "{on}，{kind}{reason}：{people}。",
        "reason": "（{}）",
        "evidence": "依据：{}。",
        "undone": "已撤销：{}。",
        "person": "{names}{part}",
        "and": "、",
        "then": "；",
    },
    "en": {
        "happened": "{on}, {kind}{reason}: {people}.",
        "reason": " ({})",
        "evidence": " Evidence: {}.",
        "undone": " Undone: {}.",
        "person": "{names} {part}",
        "and": ", ",
        "then": "; ",
    },
}


def change_view(change: NaturalChange, language: Language) -> ChangeView:
    """Show a change."""
    return ChangeView(
        **change.model_dump(exclude={"persons"}),
        story=story_of(change, language),
        persons=[PersonView.model_validate(each, from_attributes=True) for each in _traces(change)],
    )


def story_of(change: NaturalChange, language: Language) -> str:
    """Tell what happened in a sentence, as an official would write it."""
    words = _WORDS[language]
    reasons = code_lists()[_REASONS.get(Kind(change.kind), "leave_reason")]
    sentence = words["happened"].format(
        on=change.happened_on,
        kind=code_lists()["natural_change"].label(change.kind, language),
        reason=words["reason"].format(reasons.label(change.reason, language)) if change.reason else "",
        people=_people(change, language),
    )
    if change.evidence:
        sentence += words["evidence"].format(change.evidence)
    return sentence + (words["undone"].format(change.undo_reason) if change.undone_at else "")


def _people(change: NaturalChange, language: Language) -> str:
    words, parts = _WORDS[language], code_lists()["part_in_change"]
    by_part: dict[Part, list[str]] = {}
    for trace in _traces(change):
        by_part.setdefault(trace.part, []).append(trace.name)
    return words["then"].join(
        words["person"].format(names=words["and"].join(names), part=parts.label(part, language))
        for part in Part
        if part is not Part.STAYED and (names := by_part.get(part))
    )


def _traces(change: NaturalChange) -> list[Trace]:
    return [Trace.model_validate(each) for each in change.persons]
