"""How a clue refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class ClueSettledAlready(Refusal):
    """The clue has its verdict already."""

    code = "clue_settled_already"
    zh = "线索已有核实结论"


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
