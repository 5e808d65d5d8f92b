"""Disability cards (残疾人证, GB/T 26341): the identity number, then one digit for the kind and one for the grade.

A re-issued card (补证) carries two more characters, so a card's number has 20 or 22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.domain.identity_number import IdentityNumber, parse as parse_identity_number
from shared.domain.written import plain

_CARD = re.compile(r"(?P<number>.{18})(?P<kind>[1-7])(?P<grade>[1-4])(?P<reissue>[0-9A-Z]{2})?")


class NotADisabilityCard(ValueError):  # noqa: N818 - a fault of what was written, not of the program
    """The text is no number of a disability card: 20 or 22 characters, kind 1 to 7, grade 1 to 4."""

    zh = "不是有效的残疾人证号（20 位或补证 22 位，第 19 位类别 1—7，第 20 位等级 1—4）"
    en = "no number of a disability card (20 or 22 characters; the 19th from 1 to 7, the 20th from 1 to 4)"

    def __init__(self) -> None:
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class DisabilityCard:
    """What a card's number says."""

    person: IdentityNumber
    #: Code of the list ``disability_kind``.
    kind: str
    #: Code of the list ``disability_grade``.
    grade: str
    #: The two characters of a re-issue, such as ``B1``.
    reissue: str | None = None


def parse(raw: str) -> DisabilityCard:
    """Return what the number says; raises ``NotADisabilityCard``, or ``IdentityNumberFault`` for its front."""
    match = _CARD.fullmatch(plain(raw).upper())
    if match is None:
        raise NotADisabilityCard
    return DisabilityCard(
        parse_identity_number(match["number"]), match["kind"], match["grade"], match["reissue"]
    )
