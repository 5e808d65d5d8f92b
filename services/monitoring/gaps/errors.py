"""How a stated reason is refused."""

from __future__ import annotations

from shared.refusal import Refusal


class ReasonTooLong(Refusal):
    """A reason for a risk without measure lapses within some months: it cannot hold for longer, or in the past."""

    status = 422
    code = "reason_too_long"
    zh = "未采取措施的原因须写明有效期，且不得超过规定天数"
