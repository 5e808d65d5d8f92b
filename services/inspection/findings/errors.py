"""How a finding refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class CannotPlan(Refusal):
    """The finding is submitted or closed, so it takes no plan."""

    code = "cannot_plan"
    zh = "问题已提交核实或已销号，不能再制定整改措施"


class NotUnderRectification(Refusal):
    """The finding has no plan under way that could be fulfilled."""

    code = "not_under_rectification"
    zh = "问题未处于整改中，请先明确措施、责任和时限"


class NotSubmitted(Refusal):
    """The finding has no rectification to verify."""

    code = "not_submitted"
    zh = "问题尚未提交整改结果"


class NotClosed(Refusal):
    """The finding is not closed."""

    code = "not_closed"
    zh = "问题尚未销号"


class SamePerson(Refusal):
    """Whoever rectified a finding does not verify it."""

    code = "same_person"
    zh = "整改人不得核实销号自己整改的问题"


class DateInFuture(Refusal):
    """The date has not come yet."""

    status = 422
    code = "date_in_future"
    zh = "日期不得晚于今天"


class DateOutOfOrder(Refusal):
    """The date lies before the step that came before."""

    status = 422
    code = "date_out_of_order"
    zh = "日期不得早于上一环节"


class DeadlineAfterCampaign(Refusal):
    """The deadline passes the campaign's own."""

    status = 422
    code = "deadline_after_campaign"
    zh = "整改时限不得超过排查工作截止日期"


class ObjectNeeded(Refusal):
    """The item asks about something that was not named."""

    status = 422
    code = "object_needed"
    zh = "请指明排查项目所对应的农户、人员或区划"


class UnknownMember(Refusal):
    """The household has no such member."""

    status = 422
    code = "unknown_member"
    zh = "该户没有此家庭成员"
