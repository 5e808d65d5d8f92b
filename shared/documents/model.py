"""What a document is made of. Its words are words: no sign in them is taken for markup, and none breaks a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

#: No file may hold these. Of all others none is judged: names are written with the rarest signs there are.
_BARRED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: Format signs that turn the order of what follows.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 stands below level 1."""

    words: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, indented as Chinese ones are; or at the right, as place and date are."""

    words: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its header stands on every page again. ``widths`` are shares, equal ones if not said."""

    rows: Sequence[Sequence[object]]
    header: Sequence[str] = ()
    widths: Sequence[float] = ()

    @property
    def shares(self) -> list[float]:
        """Return the columns' shares of the width, which add up to one."""
        columns = len(self.header or self.rows[0])
        shares = list(self.widths) or [1.0] * columns
        return [share / sum(shares) for share in shares]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, made ready by ``presentable``, and what stands below it."""

    jpeg: bytes
    caption: str
    #: Centimetres, two of them beside each other.
    width: float


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures, two side by side."""

    pictures: Sequence[Picture]


Block = Heading | Paragraph | Note | Table | Pictures


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its title, and what follows in order."""

    title: str
    blocks: Sequence[Block] = field(default_factory=list)


def printable(value: object) -> str:
    """Return the words of a value without what no file may hold or what would turn the words around it."""
    return _TURNING.sub("", _BARRED.sub("", str(value)))
