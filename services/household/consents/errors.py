"""How consents refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class ExpiresBefore(Refusal):
    """It would run out before it was given."""

    status = 422
    code = "expires_before"
    zh = "到期日期早于签署日期"


class WithdrawnAlready(Refusal):
    """The consent was withdrawn before."""

    status = 409
    code = "withdrawn_already"
    zh = "该承诺授权已撤回"


class WithdrawnBefore(Refusal):
    """A consent is withdrawn no earlier than it was given."""

    status = 422
    code = "withdrawn_before"
    zh = "撤回日期早于签署日期"
