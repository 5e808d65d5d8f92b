"""How a monitored object refuses."""

from __future__ import annotations

from shared.refusal import Refusal

#: A household holds up to five ordered risks (national system, 致贫/返贫风险1—5).
MOST_RISKS = 5


class MonitoredAlready(Refusal):
    """The household is under monitoring already."""

    code = "monitored_already"
    zh = "该户已是监测对象"


class NotMonitored(Refusal):
    """The object's risk is not open, or its elimination is under way."""

    code = "not_monitored"
    zh = "该监测对象风险不在未消除状态"


class NoElimination(Refusal):
    """No elimination is under way."""

    code = "no_elimination"
    zh = "该监测对象没有正在办理的风险消除"


class NotEliminated(Refusal):
    """The object's risk has not been eliminated."""

    code = "not_eliminated"
    zh = "该监测对象风险尚未消除"


class NotCandidate(Refusal):
    """The object is no candidate for re-tagging."""

    code = "not_candidate"
    zh = "该监测对象不在待再标注状态"


class ObjectClosed(Refusal):
    """The object was closed."""

    code = "object_closed"
    zh = "该监测对象已清退"


class TooManyRisks(Refusal):
    """A household holds five risks at most."""

    code = "too_many_risks"
    zh = "每户最多登记五项风险"


class RiskOpenAlready(Refusal):
    """This risk is open already."""

    code = "risk_open_already"
    zh = "该项风险已在监测中"


class SamePerson(Refusal):
    """Another person than the one before has to decide this."""

    code = "same_person"
    zh = "须由另一人办理，不得自审自批"


class NotDeliberated(Refusal):
    """The village has not deliberated on the elimination yet."""

    code = "not_deliberated"
    zh = "村级尚未对风险消除进行民主评议"


class NotReviewed(Refusal):
    """The town has not reviewed the elimination yet."""

    code = "not_reviewed"
    zh = "乡镇尚未审核风险消除"


class NoRetagging(Refusal):
    """No re-tagging waits to be confirmed."""

    code = "no_retagging"
    zh = "没有待确认的风险再标注"


class RetaggingPending(Refusal):
    """A re-tagging waits to be confirmed already."""

    code = "retagging_pending"
    zh = "已有待确认的风险再标注"


class ClosurePending(Refusal):
    """Somebody has proposed to close the object already; another person has to decide first."""

    code = "closure_pending"
    zh = "已提出清退，待另一人审定"


class NoClosure(Refusal):
    """Nobody has proposed to close the object."""

    code = "no_closure"
    zh = "该监测对象没有待审定的清退"


class NotStableYet(Refusal):
    """The conditions of elimination are not met."""

    status = 422
    code = "not_stable_yet"
    zh = "尚不符合风险消除条件"


class CluesUnsettled(Refusal):
    """Something told about the household has no verdict yet."""

    code = "clues_unsettled"
    zh = "该户还有未核实的线索，核实后方可消除风险"


class RiskVerified(Refusal):
    """A risk of the household was verified that is not among those to be eliminated: return the elimination."""

    code = "risk_verified"
    zh = "该户又有核实属实的风险，须退回风险消除，先行处理"


class ClueNotForThis(Refusal):
    """The clue is about another household, or was dismissed."""

    status = 422
    code = "clue_not_for_this"
    zh = "线索不属于该户，或已核实无风险"
