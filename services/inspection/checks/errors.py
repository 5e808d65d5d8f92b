"""How a check refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class NotAskedHere(Refusal):
    """The item is not asked of such an object."""

    status = 422
    code = "not_asked_here"
    zh = "该项目不适用于此排查对象"


class CheckIdReused(Refusal):
    """Another check has this id."""

    status = 409
    code = "check_id_reused"
    zh = "该检查编号已被另一次检查使用"


class NoSite(Refusal):
    """Checks are made of a village, an object or the county: name one of them."""

    status = 422
    code = "no_site"
    zh = "请指明所检查的村、排查对象或县"
