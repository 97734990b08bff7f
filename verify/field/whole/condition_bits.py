"""Products of conditions, as bits: two for each condition, that it holds and that it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONDITIONS", "NO_CONDITION", "Cubes", "bits_of", "factor", "grouped", "has", "holding_nowhere",
    "multiplied",
]  # fmt: skip

Cubes: TypeAlias = NDArray[np.int64]  # a row of words for each product

_WORDS, _BITS = 8, 62
CONDITIONS = _WORDS * _BITS // 2  # that have bits
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


def multiplied(
    one: Cubes, two: Cubes, excluded: Sequence[tuple[int, int]]
) -> tuple[Cubes, NDArray[np.bool_]]:
    """Each product of the first times each of the second, and which are zero.

    Args:
        one: Some products.
        two: Others.
        excluded: Bits of conditions, and those of which none holds beside them.
    """
    cubes = (one[:, None] | two[None, :]).reshape(-1, _WORDS)
    never: NDArray[np.bool_] = np.any(cubes & cubes >> 1 & _HOLDS, axis=1)
    met = {*bits_of(one), *bits_of(two)} if excluded else set()
    for bit, against in excluded:
        if bit in met and not met.isdisjoint((against, against + 1)):
            there = has(cubes, bit)
            never |= there & has(cubes, against)
            cubes[there, against // _BITS] &= ~(2 << against % _BITS)  # it says no more
    return cubes, never
