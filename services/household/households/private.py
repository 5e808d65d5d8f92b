"""Private fields: how each is masked, and the index by which equal values are known: ciphertexts do not tell."""

from __future__ import annotations

from collections.abc import Callable

from services.household.households.model import Household, Member
from shared.crypto.fields import ring
from shared.crypto.masking import mask_bank_card, mask_identity_number, mask_phone
from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)

MASKS: dict[str, Callable[[str | None], str | None]] = {
    "identity_number": mask_identity_number,
    "disability_card": mask_identity_number,
    "phone": mask_phone,
    "mobile": mask_phone,
    "official_phone": mask_phone,
    "officer_phone": mask_phone,
    "bank_account": mask_bank_card,
}
#: Field to the purpose of its index: a household's phone is found as a member's, too.
_PURPOSES = {
    "phone": "phone",
    "mobile": "phone",
    "bank_account": "bank_account",
    "disability_card": "disability_card",
}


def blind_index(field: str, value: str | None) -> bytes | None:
    """Return what is equal for equal values of a private field, however grouped."""
    return ring().blind_index(value.replace("-", ""), _PURPOSES[field]) if value else None


def index_private(row: Household | Member) -> None:
    """Set the indexes of a row's private fields after any of them may have changed."""
    for field in _PURPOSES:
        if field in type(row).model_fields:
            setattr(row, f"{field}_index", blind_index(field, getattr(row, field)))


def searched(caller: Principal, *, by: str) -> None:
    """Write down that somebody was looked for by a private field: whose it was, and what, is not written."""
    _log.info("pii.search", caller=caller.subject, by=by)


def masked(facts: dict[str, object], *, clear: bool) -> dict[str, object]:
    """Return a row's fields as a caller may see them."""
    if clear:
        return facts
    return facts | {field: mask(facts[field]) for field, mask in MASKS.items() if field in facts}  # type: ignore[arg-type]
