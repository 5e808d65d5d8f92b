"""How assistance refuses."""

from __future__ import annotations

from services.monitoring.credits.errors import TooMuchCredit
from services.monitoring.replicas.errors import NotOfHousehold
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


class BeyondPlanned(Refusal):
    """More would be paid than is planned: say why."""

    status = 422
    code = "beyond_planned"
    zh = "累计拨付超过计划资金，请说明原因"


class PaidLess(Refusal):
    """Less would be paid than was paid before."""

    status = 422
    code = "paid_less"
    zh = "累计拨付不得小于已登记的拨付合计"


class RiskForgotten(Refusal):
    """The plan must say of each open risk what is intended."""

    status = 422
    code = "risk_forgotten"
    zh = "方案须逐项写明每个未消除风险的帮扶打算"


class SayWhyAnew(Refusal):
    """The household has a plan: say why it is made anew."""

    status = 422
    code = "say_why_anew"
    zh = "该户已有帮扶方案，请说明优化调整的原因"


class NoPlan(Refusal):
    """The household has no plan to review."""

    code = "no_plan"
    zh = "该户尚无帮扶方案"


#: For ``refusals(...)`` of every endpoint that plans a measure.
MISFITS = (NotOfHousehold, RiskNotOpen, PersonNeeded, CannotWork, TooMuchCredit)
