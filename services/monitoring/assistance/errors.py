"""How assistance refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class NothingToHelp(Refusal):
    """The object is not under watch, so it takes no new plans and measures."""

    code = "nothing_to_help"
    zh = "该户风险已消除或已清退，不再新增帮扶措施"


class MeasureEnded(Refusal):
    """The measure is done or was stopped."""

    code = "measure_ended"
    zh = "该措施已完成或已停止"


class RiskNotOpen(Refusal):
    """The household has no open risk of this type."""

    status = 422
    code = "risk_not_open"
    zh = "该户没有未消除的此类风险"


class PersonNeeded(Refusal):
    """A measure of this kind is for one person: name them."""

    status = 422
    code = "person_needed"
    zh = "此类措施须落实到人，请指明家庭成员"


class CannotWork(Refusal):
    """Who cannot work is not pushed into production: choose support instead."""

    status = 422
    code = "cannot_work"
    zh = "该成员无劳动能力，应落实兜底保障类措施"


class TooMuchCredit(Refusal):
    """A small credit is 50,000 yuan at most, for 36 months at most."""

    status = 422
    code = "too_much_credit"
    zh = "脱贫人口小额信贷不超过 5 万元、期限不超过 3 年"
