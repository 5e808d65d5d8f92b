"""The checklists that this installation knows: one data file a version, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

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
    found = sorted(
        (path for path in files(__package__).iterdir() if path.name.endswith(".yaml")),
        key=lambda path: path.name,
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
