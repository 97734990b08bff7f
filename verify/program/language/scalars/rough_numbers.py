"""Rough numbers: made of plain numbers alone, by what rounds in an order of its own.

Python adds what ``sum`` is given in another way since 3.12, NumPy in pairs, a product of matrices
as the machine likes, and powers of arrays differ in their last digit.  So nobody knows the last
bits of such a number; it is the real number here, and what its last bits would decide is refused.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.program.language.refusal import RefusedError

__all__ = [
    "Rough",
    "in_pairs",
    "is_product_exact",
    "is_sum_exact",
    "of_product",
    "of_sum",
    "spread",
]

_BITS, _LANES = 53, 8
_UNIT = 2.0**-_BITS
_LOST = 1e-9  # of its size, what may be unknown of a number
_SMALL = 1e-12  # that does no harm: of 0.2 - mean([0.1, 0.2, 0.3]), as long as it stays small
_DRAWN = 6
_DECIDES = "hangs on the last digits of what is added up in an order of its own; write the number"


class Rough(NamedTuple):
    """A number, and how far off it may be."""

    value: float
    error: float


def is_sum_exact(numbers: Sequence[float], rounded: int) -> bool:
    """True if a sum is the same in any order.

    Args:
        numbers: What is added.
        rounded: How many numbers besides zeros are added with one rounding only.
    """
    some = [x for x in numbers if x]
    if len(some) <= rounded or all(isinstance(x, int) for x in some):
        return True
    if not all(map(math.isfinite, some)):
        return False
    parts = [Fraction(x) for x in some]
    finest = max(x.denominator for x in parts)
    return bool(sum(map(abs, parts)) * finest <= 2**_BITS)


def is_product_exact(numbers: Sequence[float]) -> bool:
    """True if a product is the same in any order, with nothing rounded."""
    if not all(map(math.isfinite, numbers)):
        return False
    ratios = [Fraction(x) for x in numbers]
    odd = (abs(x.numerator) >> _trailing(x.numerator) for x in ratios)
    bits = sum(x.bit_length() for x in odd if x > 1)
    size = sum(abs(math.frexp(x)[1]) for x in numbers)
    return not all(numbers) or (bits <= _BITS and size < 900)


def _trailing(number: int) -> int:
    """Zeros at the end of an int that is not 0, as bits."""
    return (number & -number).bit_length() - 1 if number else 0


def of_sum(parts: Sequence[Rough]) -> Rough:
    """The sum of some numbers, in any order.

    Raises:
        RefusedError: if too little of it is known.
    """
    if not all(math.isfinite(part.value) for part in parts):
        raise RefusedError(_DECIDES)
    size = math.fsum(abs(part.value) for part in parts)
    error = math.fsum(part.error for part in parts) + 2 * len(parts) * _UNIT * size
    return _known(Rough(math.fsum(part.value for part in parts), error))


def in_pairs(add: Callable[[int, int], int], places: Sequence[int]) -> int:
    """A sum in the order in which NumPy adds up a vector of at most 128 numbers, or nearly so."""
    count = len(places) - len(places) % _LANES
    if not count:
        return functools.reduce(add, places)
    lanes = [functools.reduce(add, places[k:count:_LANES]) for k in range(_LANES)]
    while len(lanes) > 1:
        lanes = [add(x, y) for x, y in zip(lanes[::2], lanes[1::2], strict=True)]
    return functools.reduce(add, [lanes[0], *places[count:]])


def of_product(parts: Sequence[Rough]) -> Rough:
    """The product of some numbers, in any order.

    Raises:
        RefusedError: if too little of it is known.
    """
    value = math.prod(part.value for part in parts)
    relative = math.fsum(part.error / abs(part.value) for part in parts if part.error)
    return _known(Rough(value, abs(value) * (relative + 2 * len(parts) * _UNIT)))


def spread(function: Callable[..., float], operands: Sequence[Rough]) -> Rough:
    """What a function makes of numbers of which some are rough.

    Where they lie is drawn, too, so that nobody foresees it.

    Raises:
        RefusedError: if too little is known of the result.
    """
    value = function(*[x.value for x in operands])
    draw, count = random.SystemRandom(), len(operands)
    sides = [[-1.0] * count, [1.0] * count]
    sides += [[draw.choice((-1.0, 1.0)) for _ in operands] for _ in operands]
    sides += [[draw.uniform(-1.0, 1.0) for _ in operands] for _ in range(_DRAWN)]
    near = [
        function(*[x.value + x.error * by for x, by in zip(operands, way, strict=True)])
        for way in sides
    ]
    return _known(Rough(value, max(abs(x - value) for x in near) + _UNIT * abs(value)))


def _known(number: Rough) -> Rough:
    if not (number.error <= _LOST * abs(number.value) or number.error <= _SMALL):
        raise RefusedError(_DECIDES)
    return number
