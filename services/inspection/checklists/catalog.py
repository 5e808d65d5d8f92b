"""The checklists that this installation knows: one data file a version, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from services.inspection.checklists.model import Checklist, Item
from shared.refusal import Refusal


class UnknownChecklist(Refusal):
    """There is no checklist of that version."""

    status = 422
    code = "unknown_checklist"
    zh = "没有该版本的排查清单"


class UnknownItem(Refusal):
    """The checklist has no such item."""

    status = 422
    code = "unknown_item"
    zh = "排查清单中没有该项目"


@cache
def checklists() -> dict[str, Checklist]:
    """Return all versions, oldest first."""
    return read(files(__package__))


def read(folder: Traversable) -> dict[str, Checklist]:
    """Return the versions whose files stand in a folder, oldest first."""
    found = sorted(
        (path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name
    )
    versions = [Checklist.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in found]
    return {checklist.version: checklist for checklist in versions}


def checklist_of(version: str) -> Checklist:
    """Return one version, or refuse."""
    if version not in checklists():
        raise UnknownChecklist(version)
    return checklists()[version]


def item_of(version: str, code: str) -> Item:
    """Return one item of a version, or refuse."""
    item = checklist_of(version).items.get(code)
    if item is None:
        raise UnknownItem(code)
    return item


def wording(version: str, code: str) -> str:
    """Return an item in words; what a campaign took over from an earlier one may stand in that one's version only."""
    for checklist in (checklist_of(version), *reversed(checklists().values())):
        if code in checklist.items:
            return checklist.items[code].zh
    raise UnknownItem(code)
