"""Showing natural changes: fields for programs, a sentence for people."""

from __future__ import annotations

from services.household.changes.family import Trace
from services.household.changes.model import Kind, NaturalChange, Part
from services.household.changes.schemas import ChangeView, PersonView
from shared.domain.codes import code_lists

_REASONS = {Kind.ARRIVAL: "join_reason", Kind.RETURN: "join_reason"}


def change_view(change: NaturalChange) -> ChangeView:
    """Show a change."""
    traces = [Trace.model_validate(each) for each in change.persons]
    return ChangeView(
        **change.model_dump(exclude={"persons"}),
        story=story_of(change, traces),
        persons=[PersonView.model_validate(each, from_attributes=True) for each in traces],
    )


def story_of(change: NaturalChange, traces: list[Trace]) -> str:
    """Tell what happened in a sentence, as an official would write it."""
    kind = _label("natural_change", change.kind)
    reason = _label(_REASONS.get(Kind(change.kind), "leave_reason"), change.reason) if change.reason else ""
    parts: dict[Part, list[str]] = {}
    for trace in traces:
        parts.setdefault(trace.part, []).append(trace.name)
    people = "；".join(
        f"{'、'.join(names)}{_label('part_in_change', part)}"
        for part in Part
        if part is not Part.STAYED and (names := parts.get(part))
    )
    sentence = f"{change.happened_on}，{kind}{f'（{reason}）' if reason else ''}：{people}。"
    if change.evidence:
        sentence += f"依据：{change.evidence}。"
    return sentence + (f"已撤销：{change.undo_reason}。" if change.undone_at else "")


def _label(name: str, code: str) -> str:
    return code_lists()[name].label(code)
