"""How reports are refused."""

from __future__ import annotations

from shared.refusal import Refusal


class UnknownCampaign(Refusal):
    """Reporting knows no campaign of this id at that moment."""

    status = 422
    code = "unknown_campaign"
    zh = "当时没有这项排查工作"


class NotAReportingUnit(Refusal):
    """Towns, parks and counties make self-inspection reports."""

    status = 422
    code = "not_a_reporting_unit"
    zh = "自查报告由镇、园区或县编制"
