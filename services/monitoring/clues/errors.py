"""How a clue refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class ClueSettledAlready(Refusal):
    """The clue has its verdict already."""

    code = "clue_settled_already"
    zh = "线索已有核实结论"


class DismissalPending(Refusal):
    """Somebody has said already that there is no risk; another person has to agree first."""

    code = "dismissal_pending"
    zh = "已提出“核实无风险”，待另一人复核"


class NoDismissal(Refusal):
    """Nobody has said that there is no risk."""

    code = "no_dismissal"
    zh = "该线索没有待复核的“核实无风险”结论"


class NoFurtherRisk(Refusal):
    """The clue is no further risk that waits to be added to an object under watch."""

    code = "no_further_risk"
    zh = "该线索不是待新增的风险"


class SamePersonDismisses(Refusal):
    """Whoever says that there is no risk does not agree with themselves."""

    code = "same_person_dismisses"
    zh = "提出“核实无风险”的人不得自行复核"


class SourceNotYours(Refusal):
    """This source is told by somebody else than you."""

    status = 403
    code = "source_not_yours"
    zh = "您不能以该来源报送线索"


class WhoIsItAbout(Refusal):
    """Name the household, or the identity number of one of its members."""

    status = 422
    code = "who_is_it_about"
    zh = "请填写农户或家庭成员身份证号（二者择一）"
