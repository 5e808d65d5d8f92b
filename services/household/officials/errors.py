"""How officials and contacts refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class NotLifted(Refusal):
    """Only lifted households have a responsible official."""

    status = 409
    code = "not_lifted"
    zh = "仅脱贫户安排帮扶责任人"


class BeforeTerm(Refusal):
    """On that day somebody was responsible already, or became so later."""

    status = 422
    code = "before_term"
    zh = "日期早于该户最近一次帮扶责任任期的起止日期"


class NobodyResponsible(Refusal):
    """Nobody is responsible for the household."""

    status = 409
    code = "nobody_responsible"
    zh = "本户当前没有帮扶责任人"


class NothingToHandOver(Refusal):
    """No household was named, and nobody there is the official's."""

    status = 422
    code = "nothing_to_hand_over"
    zh = "没有可移交的农户"
