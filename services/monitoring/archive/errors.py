"""How an archive refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class NoSuchStep(Refusal):
    """The archive has no such step to file papers with."""

    status = 422
    code = "no_such_step"
    zh = "档案中没有该事项"
