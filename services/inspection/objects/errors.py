"""How an inspected object refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class AlreadyOver(Refusal):
    """The object is no more."""

    code = "object_ended"
    zh = "该排查对象已停用"


class NameTaken(Refusal):
    """The place has an object of that kind and name."""

    code = "object_name_taken"
    zh = "该区划已有同类同名的排查对象"
