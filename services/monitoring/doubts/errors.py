"""How doubts refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class DoubtUnexplained(Refusal):
    """A department's list says something of this household that nobody has explained yet."""

    status = 422
    code = "doubt_unexplained"
    zh = "部门比对的疑点尚未说明，请先逐条说明"


class DoubtDecided(Refusal):
    """The doubt is decided."""

    code = "doubt_decided"
    zh = "该疑点已有结论"


class DoubtLapsed(Refusal):
    """The department does not say so any more: there is nothing to explain."""

    code = "doubt_lapsed"
    zh = "部门数据已更正或撤回，该疑点已失效"


class NotExplainedYet(Refusal):
    """Nobody has explained the doubt yet: whoever it is about is heard before it is decided."""

    code = "not_explained_yet"
    zh = "该疑点尚未说明，须先听取说明再作结论"


class SamePersonDecides(Refusal):
    """Whoever explained a doubt does not decide it."""

    code = "same_person_decides"
    zh = "说明疑点的人不得自行作出结论"
