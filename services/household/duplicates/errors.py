"""How the review of duplicates refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class AlreadyDecided(Refusal):
    """The pair is not open to a decision."""

    status = 409
    code = "pair_decided"
    zh = "该疑似重复已处理或已失效"


class NotMerged(Refusal):
    """Only what was merged can be un-merged."""

    status = 409
    code = "not_merged"
    zh = "该疑似重复未合并，不能撤销合并"


class UnknownChoice(Refusal):
    """The choice names what cannot be chosen."""

    status = 422
    code = "unknown_choice"
    zh = "所选内容无效"


class ChangedSince(Refusal):
    """What the merge changed has been changed again since."""

    status = 409
    code = "changed_since_merge"
    zh = "合并涉及的内容在合并后又有修改，不能撤销合并"
