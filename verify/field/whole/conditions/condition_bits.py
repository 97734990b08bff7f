"""Products of conditions, as bits: two for each condition, that it holds and that it does not.

What a condition is worth is a residue, or an array of them where it is one of an array's elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.field.whole.ring import Integers, Ring

__all__ = [
    "NO_CONDITION", "Conditions", "Cubes", "TooManyPartsError", "affordable", "at_place",
    "bits_of", "factor", "grouped", "has", "holding_nowhere", "multiplied",
]  # fmt: skip

Cubes: TypeAlias = NDArray[np.int64]  # a row of words for each product

_WORK = 1_000_000  # parts that are looked at for one field
_WORDS, _BITS = 8, 62
_CONDITIONS = _WORDS * _BITS // 2  # that have bits
NO_CONDITION: Cubes = np.zeros((1, _WORDS), dtype=np.int64)
_HOLDS = int("01" * (_BITS // 2), 2)  # the bits of conditions; behind each, that it does not hold


def factor(bit: int) -> Cubes:
    """One bit alone."""
    made = NO_CONDITION.copy()
    made[0, bit // _BITS] = 1 << bit % _BITS
    return made


def has(cubes: Cubes, bit: int) -> NDArray[np.bool_]:
    """Which products have a bit."""
    return (cubes[:, bit // _BITS] >> bit % _BITS & 1).astype(bool)


def holding_nowhere(cubes: Cubes) -> NDArray[np.bool_]:
    """Which products hold where no condition does."""
    held: NDArray[np.bool_] = np.any(cubes & _HOLDS, axis=1)
    return ~held


def bits_of(cubes: Cubes) -> list[int]:
    """The bits of some products."""
    words = np.bitwise_or.reduce(cubes, axis=0).tolist()
    return [_BITS * k + bit for k, word in enumerate(words) if word for bit in _bits_in(word)]


def _bits_in(word: int) -> Iterator[int]:
    while word:
        low = word & -word
        yield low.bit_length() - 1
        word ^= low


class TooManyPartsError(Exception):
    """There would be more to compute than what it tells is worth."""


def affordable(work: int) -> int:
    """How many parts were looked at so far.

    Raises:
        TooManyPartsError: if these are too many.
    """
    if work > _WORK:
        raise TooManyPartsError
    return work


def at_place(parts: Integers, place: int | None) -> Integers:
    """The part at a place; zeros if there is none."""
    return np.zeros_like(parts[:, 0]) if place is None else parts[:, place]


def grouped(cubes: Cubes, conditions: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order in which equal products stand together, and where in it each begins.

    Args:
        cubes: The products.
        conditions: How many there are.
    """
    words = cubes[:, : -(-2 * conditions // _BITS)].T
    order = np.lexsort(words) if len(words) > 1 else words[0].argsort(kind="stable")
    words = words[:, order]
    other = (words[:, 1:] != words[:, :-1]).any(axis=0)
    return order, np.flatnonzero(np.append(True, other))


def multiplied(one: Cubes, two: Cubes) -> tuple[Cubes, NDArray[np.bool_]]:
    """Each product of the first times each of the second, and which are zero."""
    cubes = (one[:, None] | two[None, :]).reshape(-1, _WORDS)
    never: NDArray[np.bool_] = np.any(cubes & cubes >> 1 & _HOLDS, axis=1)
    return cubes, never


class Conditions:
    """Conditions met so far, each at a place of its own.

    Attributes:
        worth: By place: its residues.
        degree: By place: of its numerator and denominator.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._places: dict[tuple[object, bytes], int] = {}  # by the residues
        self.worth: list[Integers] = []
        self.degree: list[int] = []

    def place_of(self, worth: Integers, degree: int) -> int | None:
        """The place of a condition that is worth so much; None if there are too many."""
        key = worth.shape, worth.tobytes()
        if key not in self._places:
            if len(self.worth) == _CONDITIONS:
                return None
            self._places[key] = len(self.worth)
            self.worth.append(worth)
            self.degree.append(degree)
        return self._places[key]

    def renamed(self, cubes: Cubes, places: Mapping[int, int | None]) -> Cubes | None:
        """Products of what became of conditions, given where that is; None if it is nowhere."""
        made = np.zeros_like(cubes)
        for bit in bits_of(cubes):
            place = places[bit >> 1]
            if place is None:
                return None
            other = 2 * place + (bit & 1)
            made[has(cubes, bit), other // _BITS] |= 1 << other % _BITS
        return made

    def worth_of(self, cubes: Cubes, ndim: int) -> Integers:
        """The residues of products, one behind the other, for arrays of so many axes."""
        bits = bits_of(cubes)
        shape = np.broadcast_shapes(*(self.worth[bit >> 1].shape[1:] for bit in bits))
        made = np.ones((self._ring.count, len(cubes), *shape), dtype=np.int64)
        for bit in bits:
            one = self.worth[bit >> 1]
            if bit & 1:
                one = self._ring.sub(np.ones_like(one), one)
            one = one.reshape(len(one), *(1,) * (made.ndim - one.ndim), *one.shape[1:])
            there = has(cubes, bit)
            made[:, there] = self._ring.mul(made[:, there], one)
        return made.reshape(*made.shape[:2], *(1,) * (ndim - len(shape)), *shape)
