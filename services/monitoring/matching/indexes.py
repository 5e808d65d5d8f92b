"""Blind indexes of identity numbers, each made once by a process: departments write about the same people again."""

from __future__ import annotations

import secrets
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from services.monitoring.matching.directory import NOWHERE, Directory, Words
from services.monitoring.matching.registry import Bytes
from shared.crypto.keyring import KeyRing

INDEX_BYTES = 32
#: What decides on a number: its last digit follows from those before it (GB 11643), which fit a machine's word.
_DIGITS = 17
#: Numbers that are remembered, 40 bytes each; beyond that they are begun anew. Of a file of fewer rows none is: to make
#: their indexes takes no longer than to make room for them.
_MOST, _FEW = 2_000_000, 20_000
#: Known numbers among which there is room for one more in the time that it takes to make an index.
_IN_THE_WAY = 40


class _Known(NamedTuple):
    """Numbers, as words, and their indexes."""

    words: Directory
    indexes: Bytes


_NOTHING = _Known(Directory.of(np.empty(0, np.uint64)), np.empty((0, INDEX_BYTES), np.uint8))
_KNOWN: WeakKeyDictionary[KeyRing, _Known] = WeakKeyDictionary()
#: To multiply by it gives each word another one (it is odd), and leaves no number as it is in memory.
_HIDING = np.uint64(secrets.randbits(64) | 1)


def blind_indexes(numbers: pl.Series, keys: KeyRing) -> Bytes:
    """Return the indexes of valid numbers of 18 digits, 32 bytes a row, in their order.

    Two threads at once may forget what one of them has learnt: that costs time, and nothing else.
    """
    if len(numbers) < _FEW:
        return _made(numbers, keys)
    words = numbers.str.head(_DIGITS).cast(pl.UInt64).to_numpy() * _HIDING
    known = _KNOWN.get(keys, _NOTHING)
    place = known.words.find(words)
    new = np.flatnonzero(place == NOWHERE)
    if len(new) * _IN_THE_WAY < len(known.words):
        indexes = known.indexes.take(place, axis=0)
        indexes[new] = _made(numbers.gather(new), keys)
        return indexes
    if len(known.words) + len(words) > _MOST:
        known, new = _NOTHING, np.arange(len(words))
    known = _KNOWN[keys] = _together(known, words[new], numbers.gather(new), keys)
    return known.indexes.take(known.words.find(words), axis=0)


def _together(known: _Known, words: Words, numbers: pl.Series, keys: KeyRing) -> _Known:
    """Return what is known with further numbers."""
    new, first = np.unique(words, return_index=True)
    place = np.searchsorted(known.words.words, new)
    indexes = np.insert(known.indexes, place, _made(numbers.gather(first), keys), axis=0)
    return _Known(Directory.of(np.insert(known.words.words, place, new)), indexes)


def _made(numbers: pl.Series, keys: KeyRing) -> Bytes:
    joined = b"".join(keys.blind_index_encoded(numbers.cast(pl.Binary).to_list()))
    return np.frombuffer(joined, np.uint8).reshape(-1, INDEX_BYTES)
