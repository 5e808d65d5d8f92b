"""How changes of boundaries are refused."""

from __future__ import annotations

from shared.refusal import Refusal


class BoundariesDoNotHold(Refusal):
    """The change contradicts itself, or the divisions that there are."""

    status = 422
    code = "boundaries_do_not_hold"
    zh = "区划调整内容与现有区划不符"


class VillageNotEmpty(Refusal):
    """A village that ends still has households, and nothing is said of where they belong."""

    status = 422
    code = "village_not_empty"
    zh = "撤销的村仍有农户，请说明其去向"


class ChangeUnderWay(Refusal):
    """Another change of the same divisions waits or is under way."""

    status = 409
    code = "change_under_way"
    zh = "相同区划已有待生效或正在执行的调整"


class NotPlanned(Refusal):
    """Only a change that waits for its day can be cancelled."""

    status = 409
    code = "not_planned"
    zh = "仅待生效的调整可以取消"
