"""Words in order, found by how they begin: in a step or two, where halving takes twenty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

NOWHERE = -1
_BITS, _LARGEST = 64, 2**64 - 1


@dataclass(frozen=True)
class Directory:
    """Words that are spread evenly, as hashes are: of few many begin alike."""

    #: In order, and the largest there can be behind them, at which whoever looks for one stops.
    _words: Words
    #: Where those begin whose uppermost bits are a number.
    _begins: Places
    _shift: np.uint64

    @classmethod
    def of(cls, words: Words) -> Self:
        """Make a directory of words in order, which may repeat."""
        # One or two words for each beginning.
        bits = max(len(words).bit_length() - 1, 1)
        shift = np.uint64(_BITS - bits)
        counts = np.bincount((words >> shift).view(np.int64), minlength=2**bits)
        return cls(np.append(words, np.uint64(_LARGEST)), counts.cumsum() - counts, shift)

    def __len__(self) -> int:
        return len(self._words) - 1

    @property
    def words(self) -> Words:
        """The words in order."""
        return self._words[:-1]

    def find(self, asked: Words) -> Places:
        """Return where each word stands first, ``NOWHERE`` where it does not."""
        place = self._begins.take((asked >> self._shift).view(np.int64))
        behind = np.flatnonzero(self._words.take(place) < asked)
        while len(behind):
            place[behind] += 1
            behind = behind[self._words.take(place[behind]) < asked[behind]]
        return np.where(self.holds(place, asked), place, NOWHERE)

    def holds(self, place: Places, asked: Words) -> npt.NDArray[np.bool_]:
        """Tell which words stand at their places; behind the last word none does."""
        is_there: npt.NDArray[np.bool_] = (self._words.take(place) == asked) & (place < len(self))
        return is_there
