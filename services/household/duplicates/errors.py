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
