"""How statements of income are refused."""

from __future__ import annotations

from shared.refusal import Refusal


class TotalsDiffer(Refusal):
    """A total is not the sum of its lines."""

    status = 422
    code = "totals_differ"
    zh = "总额与明细合计不一致"


class NobodyShares(Refusal):
    """Say how many people share the income: nobody is registered as present."""

    status = 422
    code = "nobody_shares"
    zh = "本户没有在册成员，请填写共享人口数"
