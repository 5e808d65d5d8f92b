"""How stability reviews refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class ReviewUnfinished(Refusal):
    """The review is still under way."""

    code = "review_unfinished"
    zh = "核查尚未完成"
