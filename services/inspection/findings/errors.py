"""How a finding refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class CannotPlan(Refusal):
    """The finding is submitted, closed or merged: measures and responsibility stay as they are."""

    code = "cannot_plan"
    zh = "问题已提交核实、已销号或已合并，不能再调整措施和责任"


class NotUnderRectification(Refusal):
    """The finding has no plan under way that could be fulfilled."""

    code = "not_under_rectification"
    zh = "问题未处于整改中，请先明确措施、责任和时限"


class NotSubmitted(Refusal):
    """The finding has no rectification to verify."""

    code = "not_submitted"
    zh = "问题尚未提交整改结果"


class NotClosed(Refusal):
    """The finding is neither closed nor merged."""

    code = "not_closed"
    zh = "问题尚未销号或合并"


class AlreadyEnded(Refusal):
    """The finding is closed or merged."""

    code = "already_ended"
    zh = "问题已销号或已合并"


class HighestLevel(Refusal):
    """The finding lies with the county already."""

    code = "highest_level"
    zh = "问题已由县级督办，不能再提级"


class TransferPending(Refusal):
    """Another unit has yet to accept or refuse the finding."""

    code = "transfer_pending"
    zh = "问题正在移交，待接收单位接收或退回"


class NoTransfer(Refusal):
    """Nobody wants the finding transferred."""

    code = "no_transfer"
    zh = "问题没有待接收的移交"


class SameUnit(Refusal):
    """The unit is responsible already."""

    code = "same_unit"
    zh = "该单位已是责任单位"


class SamePersonTransfers(Refusal):
    """Whoever wants a finding transferred does not accept it in the other unit's name."""

    code = "same_person_transfers"
    zh = "移交人不得代接收单位接收"


class CannotMergeInto(Refusal):
    """A finding is merged into another one that is still in the ledger."""

    code = "cannot_merge_into"
    zh = "只能合并到另一个尚未销号的问题"


class AnotherMatter(Refusal):
    """The two findings are not about the same object and item."""

    code = "another_matter"
    zh = "两个问题的对象或项目不同，不能合并"


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
