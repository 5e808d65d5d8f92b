"""What makes a change of boundaries right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from services.household.boundaries.schemas import NewBoundaryChange
from services.household.divisions.model import Division
from services.household.divisions.rules import is_there
from shared.domain.division import Level, level_of, parent_of
from shared.refusal import Fault

#: What a kind must have, and must not have. A merger of towns moves villages one by one and has no split in it.
_NEEDS = {
    "merge": ("moves", "closes"),
    "split": ("divisions", "moves"),
    "transfer": ("moves",),
    "rename": ("divisions",),
}
_MUST_NOT_HAVE = {
    "rename": ("moves", "closes"),
    "establish": ("moves", "closes"),
    "close": ("divisions", "moves"),
}


def faults_of(
    new: NewBoundaryChange, known: Mapping[str, Division], open_below: Mapping[str, set[str]]
) -> list[Fault]:
    """Return what is wrong with a change.

    ``known`` are the divisions spoken of and their parents, ``open_below`` what there is below those that end.
    """
    return [
        *_of_kind(new),
        *_of_divisions(new, known),
        *_of_moves(new, known),
        *_of_closures(new, known, open_below),
    ]


def _of_kind(new: NewBoundaryChange) -> Iterator[Fault]:
    for part in _NEEDS.get(new.kind, ()):
        if not getattr(new, part):
            yield Fault(f"/{part}", "missing", f"a {new.kind} needs {part}", "该类调整缺少必要内容")
    for part in _MUST_NOT_HAVE.get(new.kind, ()):
        if getattr(new, part):
            yield Fault(f"/{part}", "not_of_kind", f"a {new.kind} has no {part}", "该类调整不应包含此项内容")


def _of_divisions(new: NewBoundaryChange, known: Mapping[str, Division]) -> Iterator[Fault]:
    entered = {each.code for each in new.divisions}
    if len(entered) < len(new.divisions):
        yield Fault("/divisions", "repeated", "a code stands twice", "区划代码重复")
    for place, each in enumerate(new.divisions):
        pointer, parent = f"/divisions/{place}/code", parent_of(each.code)
        if each.code in known:
            yield from _closed(pointer, known[each.code], new.effective_on)
            if new.kind == "establish":
                yield Fault(pointer, "known", "there is such a division", "该区划已存在")
        elif new.kind == "rename":
            yield Fault(pointer, "unknown", "no such division", "区划不存在")
        elif parent is None or parent in entered - known.keys():
            continue
        elif parent not in known:
            yield Fault(pointer, "unknown_parent", "the division above does not exist", "上级区划不存在")
        else:
            yield from _closed(pointer, known[parent], new.effective_on)


def _of_moves(new: NewBoundaryChange, known: Mapping[str, Division]) -> Iterator[Fault]:
    entered = {each.code for each in new.divisions}
    left, reached = {move.from_code for move in new.moves}, {move.to_code for move in new.moves}
    emptied = set[str]()
    for place, move in enumerate(new.moves):
        source, target = f"/moves/{place}/from_code", f"/moves/{place}/to_code"
        if move.from_code not in known or level_of(move.from_code) is not Level.VILLAGE:
            yield Fault(source, "unknown_village", "no such village", "村级区划不存在")
        if move.to_code not in known.keys() | entered or level_of(move.to_code) is not Level.VILLAGE:
            yield Fault(target, "unknown_village", "no such village", "村级区划不存在")
        elif move.to_code in new.closes:
            yield Fault(target, "closed", "that village ends", "该村将被撤销")
        elif move.to_code in known:
            yield from _closed(target, known[move.to_code], new.effective_on)
        if move.from_code in reached and move.from_code in left:
            yield Fault(source, "chained", "nobody moves twice in one change", "同一次调整中不能连续迁移")
        if move.from_code in emptied:
            yield Fault(
                source, "nobody_left", "an earlier move takes everybody", "此前的迁移已包含该村全部农户"
            )
        emptied |= {move.from_code} if move.of_all else set()


def _of_closures(
    new: NewBoundaryChange, known: Mapping[str, Division], open_below: Mapping[str, set[str]]
) -> Iterator[Fault]:
    entered = {each.code for each in new.divisions}
    for place, code in enumerate(new.closes):
        pointer = f"/closes/{place}"
        if code not in known:
            yield Fault(pointer, "unknown", "no such division", "区划不存在")
            continue
        yield from _closed(pointer, known[code], new.effective_on)
        if code in entered:
            yield Fault(pointer, "entered", "entered and ended at once", "同一区划不能同时设立和撤销")
        still = open_below.get(code, set()) - set(new.closes)
        if still or any(parent_of(each) == code for each in entered):
            yield Fault(pointer, "not_empty", "divisions below it stay", "其下级区划尚未撤销")


def _closed(pointer: str, division: Division, day: date) -> Iterator[Fault]:
    if not is_there(division, day):
        yield Fault(pointer, "closed", "there is no such division on that day", "该区划当日不存在")
