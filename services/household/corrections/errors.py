"""How corrections are not decided."""

from __future__ import annotations

from shared.refusal import Refusal


class CorrectionDecided(Refusal):
    """The correction was decided before."""

    status = 409
    code = "correction_decided"
    zh = "该信息更正已处理"


class FoundBySamePerson(Refusal):
    """Whoever found it does not decide on it."""

    status = 403
    code = "found_by_same_person"
    zh = "核实人不得审核自己提交的信息更正"


class CorrectionImpossible(Refusal):
    """The registry cannot take it over any more."""

    status = 409
    code = "correction_impossible"
    zh = "该信息更正已无法采纳"
