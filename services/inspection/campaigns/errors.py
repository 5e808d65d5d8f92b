"""How a campaign refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class OutsideYourArea(Refusal):
    """The division lies outside your area."""

    status = 403
    code = "outside_area"
    zh = "该区划不在您的管辖范围内"


class CampaignNotOpen(Refusal):
    """The campaign is not open."""

    status = 409
    code = "campaign_not_open"
    zh = "排查工作尚未启动或已经结束"


class CampaignPaused(Refusal):
    """The campaign is paused."""

    status = 409
    code = "campaign_paused"
    zh = "排查工作已暂停"


class CampaignNotPaused(Refusal):
    """The campaign is not paused."""

    status = 409
    code = "campaign_not_paused"
    zh = "排查工作没有暂停"


class EarlierNotClosed(Refusal):
    """The campaign that this one goes on from has not been closed."""

    status = 409
    code = "earlier_not_closed"
    zh = "上一次排查尚未结束，不能承接其未销号问题"


class CampaignNotPlanned(Refusal):
    """The campaign has been opened already."""

    status = 409
    code = "campaign_not_planned"
    zh = "排查工作已经启动"


class CampaignOver(Refusal):
    """The campaign has been closed."""

    status = 409
    code = "campaign_closed"
    zh = "排查工作已经结束"


class PhasesOutOfOrder(Refusal):
    """The four phases must each begin, and end, no earlier than the one before."""

    status = 422
    code = "phases_out_of_order"
    zh = "四个阶段须依次开始、依次结束"


class OutsideCampaign(Refusal):
    """A phase lies outside the campaign; no town may pass the county's deadline."""

    status = 422
    code = "outside_campaign"
    zh = "阶段时间超出排查期限，各镇、园区不得突破县级截止日期"


class CampaignTooShort(Refusal):
    """The campaign is too short for four phases."""

    status = 422
    code = "campaign_too_short"
    zh = "排查期限过短，无法安排四个阶段"


class NotInCampaign(Refusal):
    """The division does not take part in this campaign."""

    status = 422
    code = "not_in_campaign"
    zh = "该区划不在本次排查范围内"
