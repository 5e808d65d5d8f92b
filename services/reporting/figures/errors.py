"""How figures are refused."""

from __future__ import annotations

from shared.refusal import Refusal


class UnknownDimension(Refusal):
    """The report cannot be split by this dimension."""

    status = 422
    code = "unknown_dimension"
    zh = "该报表不能按此维度分组"


class UnknownFigure(Refusal):
    """The report has no figure of this name."""

    status = 422
    code = "unknown_figure"
    zh = "该报表没有这个指标"


class MomentNotCome(Refusal):
    """Nobody knows yet what will be counted at that moment."""

    status = 422
    code = "moment_not_come"
    zh = "该时刻尚未到来，不能统计"
