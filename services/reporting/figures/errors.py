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
