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


class NothingStated(Refusal):
    """A statement says something: a total, or a line. Nought is stated as 0."""

    status = 422
    code = "nothing_stated"
    zh = "请至少填写一项收入总额或明细；没有收入请填写 0"
