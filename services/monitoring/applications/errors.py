"""How a self-application refuses."""

from __future__ import annotations

from collections.abc import Mapping

from shared.refusal import Refusal


class TooManyApplications(Refusal):
    """This person has applied several times today; what was sent is being looked into."""

    status = 429
    code = "too_many_applications"
    zh = "今日已多次申报，请等待核实"
    headers: Mapping[str, str] = {"Retry-After": "86400"}


class UnknownDivision(Refusal):
    """There is no such village or town: nobody would look into it there."""

    status = 422
    code = "unknown_division"
    zh = "没有该行政区划，请选择所在的村或镇"


class ReceiptUnknown(Refusal):
    """There is no application with this receipt."""

    status = 404
    code = "receipt_unknown"
    zh = "未找到该回执号对应的申报"


class ApplicationSettled(Refusal):
    """The application is a clue already, or was refused."""

    status = 409
    code = "application_settled"
    zh = "该申报已转为线索或已办结"
