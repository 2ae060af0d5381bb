"""Tables of 64-bit keys in numpy arrays, asked about many keys at a time. They refuse to know what the keys stand for.

A key stands where its highest bits say, or in the next free place behind (open addressing). 0 is no key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Rows = NDArray[np.intp]
Numbers = NDArray[np.int32]

MIXING = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that multiplying by it confuses no two keys, and spreads small ones (Knuth, vol. 3, section 6.4)."""
FULLEST = 0.6
UNKNOWN = -1


class KeyTable:
    """A set of keys, each of which has a place."""

    def __init__(self, bits: int = 12) -> None:
        self.count = 0
        self._make(bits)

    def _make(self, bits: int) -> None:
        self._bits = bits
        self._shift = np.uint64(64 - bits)
        self.keys: Keys = np.zeros(1 << bits, np.uint64)

    def add(self, keys: Keys) -> Rows:
        """Keep these. Returns the indices, in order, of those that were not there; of equal ones the first."""
        self._make_room(len(keys))
        fresh = np.sort(_first_of_equals(keys, self._put(keys)))
        self.count += len(fresh)
        return fresh

    def places(self, keys: Keys) -> Rows:
        """Where each of these keys is, or else the free place where it would be put."""
        places = (keys >> self._shift).astype(np.intp)
        last = len(self.keys) - 1
        astray = self._astray(np.arange(len(keys)), places, keys)
        while len(astray):
            places[astray] = (places[astray] + 1) & last
            astray = self._astray(astray, places, keys)
        return places

    def _astray(self, which: Rows, places: Rows, keys: Keys) -> Rows:
        """Those of `which` that have come to the place of another key."""
        there = self.keys[places[which]]
        astray: Rows = which[(there != keys[which]) & (there != 0)]
        return astray

    def _put(self, keys: Keys) -> Rows:
        """The indices of those that were not there, in any order, equal ones each."""
        fresh = [np.arange(0)]
        left = np.arange(len(keys))
        while len(left):
            places = self.places(keys[left])
            missing = self.keys[places] != keys[left]
            left, places = left[missing], places[missing]
            self.keys[places] = keys[left]
            kept = self.keys[places] == keys[left]  # not so where another was put in the same place just now
            fresh.append(left[kept])
            left = left[~kept]
        return np.concatenate(fresh)

    def _make_room(self, more: int) -> None:
        needed = (self.count + more) / FULLEST
        if needed > len(self.keys):
            self._grow(int(needed).bit_length())

    def _grow(self, bits: int) -> None:
        known = self.keys[self.keys != 0]
        self._make(bits)
        self._put(known)


def _first_of_equals(keys: Keys, rows: Rows) -> Rows:
    """Of rows with equal keys only the first, in any order: whoever comes to the slot of an equal one gives way."""
    slots = np.zeros(1 << max(len(rows).bit_length(), 4), np.intp)
    shift = np.uint64(65 - len(slots).bit_length())
    rows = np.sort(rows)[::-1]
    first: list[Rows] = [rows[:0]]
    while len(rows):
        slot = (keys[rows] >> shift).astype(np.intp)
        slots[slot] = rows  # of several the last written, which is the first
        winners = slots[slot]
        first.append(rows[winners == rows])
        rows = rows[keys[winners] != keys[rows]]
    return np.concatenate(first)


class KeyMap(KeyTable):
    """A number for each key."""

    def _make(self, bits: int) -> None:
        super()._make(bits)
        self.values: Numbers = np.full(1 << bits, UNKNOWN, np.int32)

    def _grow(self, bits: int) -> None:
        taken = self.keys != 0
        known, values = self.keys[taken], self.values[taken]
        super()._grow(bits)
        self.values[self.places(known)] = values

    def get(self, keys: Keys) -> Numbers:
        """The number of each key; UNKNOWN where none was set."""
        return self.values[self.places(keys)]

    def set(self, keys: Keys, values: Numbers) -> None:
        """Set the numbers of keys that are unknown, and different from each other."""
        self.add(keys)
        self.values[self.places(keys)] = values


def paired(one: Numbers, other: Numbers) -> Keys:
    """A key for each pair of numbers that are not negative."""
    pair = (one.astype(np.uint64) << np.uint64(32)) | (other.astype(np.uint64) + np.uint64(1))
    return np.asarray(pair * MIXING, np.uint64)
