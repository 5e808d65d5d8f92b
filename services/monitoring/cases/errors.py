"""How a case refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class CaseNotOpen(Refusal):
    """The case is not open."""

    code = "case_not_open"
    zh = "案件不在办理中"


class NotAtThisStep(Refusal):
    """The case stands at another step."""

    code = "not_at_this_step"
    zh = "当前环节不符，请按程序顺序办理"


class NotAnEarlierStep(Refusal):
    """A case is returned to a step that it has passed."""

    code = "not_an_earlier_step"
    zh = "只能退回到已办结的环节"


class ApprovedAlready(Refusal):
    """The county has approved: there is nothing to return or withdraw."""

    code = "approved_already"
    zh = "县级已审定，不能退回或撤回"


class WithdrawalPending(Refusal):
    """The household's wish to withdraw is filed already; another person has to agree first."""

    code = "withdrawal_pending"
    zh = "已提出农户撤回，待另一人确认"


class NoWithdrawal(Refusal):
    """The household has not asked to withdraw, or something was done about the case since."""

    code = "no_withdrawal"
    zh = "没有待确认的农户撤回，或提出之后案件又有办理"


class SamePersonWithdraws(Refusal):
    """Whoever took the household's wish down does not decide on it."""

    code = "same_person_withdraws"
    zh = "登记农户撤回的人不得自行确认或退回"


class SamePerson(Refusal):
    """Check, review, joint check and approval take different people; no recorder of the vote does the last two."""

    code = "same_person"
    zh = "入户核实、乡镇审核、部门联审、县级审定须由不同的人办理，记录村级评议的人不得办理部门联审和县级审定"


class KinDecides(Refusal):
    """Kin of the household do not check, review or approve it, nor speak for a department."""

    code = "kin_decides"
    zh = "亲属须回避：该户亲属不得入户核实、审核、联审或审定"


class SecondApproverNeeded(Refusal):
    """Kin of the household are involved: two people approve."""

    code = "second_approver_needed"
    zh = "涉及亲属关系，须由两人先后审定"


class CriteriaNotMet(Refusal):
    """By its income, expenditure and difficulties the household meets no criterion of monitoring."""

    status = 422
    code = "criteria_not_met"
    zh = "根据收入、刚性支出和实际困难，该户不符合监测标准"


class RiskUnchecked(Refusal):
    """A risk that was told since the household check has not been checked: return the case to it."""

    code = "risk_unchecked"
    zh = "入户核实之后又反映了其他风险，须退回入户核实"


class PersonGone(Refusal):
    """The person at risk, or everybody, has left the household since its check: return the case to it."""

    code = "person_gone"
    zh = "风险人员或全户在入户核实之后已离开，须退回入户核实"


class PublicityTooShort(Refusal):
    """Publicity has not lasted long enough."""

    status = 422
    code = "publicity_too_short"
    zh = "公示时间不足"


class ObjectionUnanswered(Refusal):
    """An objection has no answer."""

    status = 422
    code = "objection_unanswered"
    zh = "公示期间的异议尚未答复"


class DepartmentNotHeard(Refusal):
    """A department that the household's risks concern has not been heard."""

    status = 422
    code = "department_not_heard"
    zh = "该户风险涉及的部门尚未发表意见"


class OpinionUnanswered(Refusal):
    """What a department objects to or doubts has no answer."""

    status = 422
    code = "opinion_unanswered"
    zh = "部门的反对意见或疑问尚未答复；不能答复的，请退回"
