"""Who sees private fields, and that they were seen."""

from __future__ import annotations

from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)


def sees_private(caller: Principal, **what: object) -> bool:
    """Tell whether a caller sees private fields unmasked, and write down that they were looked at."""
    clear = caller.may("pii:read")
    if clear:
        _log.info("pii.read", caller=caller.subject, **what)
    return clear
