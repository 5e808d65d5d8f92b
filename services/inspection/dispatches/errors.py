"""How a weekly dispatch refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class NoWeek(Refusal):
    """Today is no day of the campaign: there is no week to freeze."""

    status = 409
    code = "no_week"
    zh = "今天不在排查期限内，没有可调度的周"
