"""Samples: values of expressions at random points of a prime field: they suggest what is equal.

Whatever arithmetic does not make (an input, a function of something, a condition) is a symbol with
a random value of its own, and what arithmetic makes has the value that follows.  So equal values
suggest an equality that arithmetic alone can prove, and an expression that is zero has only zeros.

Conditions are random bits, rare or frequent from point to point: so some points tell whether one
of many holds, and what stands behind several.  Without conditions one point is enough.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Samples", "Values"]

Values: TypeAlias = int | NDArray[np.int64]  # of an expression: at one point, or at several
_LARGEST = 1 << 31  # products of residues below fit 64 bits
_ODDS = 8  # of a condition: 1/2, 1/4, ... and so many, one point after the other
_POOL = 256  # draws at a time


class Samples:
    """Random points, and arithmetic with the values there: an int, or an array of one for each.

    Args:
        prime: Of the field; below 2**31 for more than one point.
        seed: Of the random values.
        points: How many.
    """

    def __init__(self, prime: int, seed: int, points: int = 1) -> None:
        if points > 1 and prime >= _LARGEST:
            raise ValueError(f"prime: found {prime}; expected less than 2**31 for several points")
        self.prime, self.points = prime, points
        self._random = random.Random(seed)
        self._arrays = np.random.default_rng(seed)
        odds = 0.5 ** (1 + np.arange(points) % _ODDS)
        self._odds = np.where(np.arange(points) // _ODDS % 2, 1.0 - odds, odds)
        self._symbols: list[NDArray[np.int64]] = []
        self._bits: list[NDArray[np.int64]] = []

    def symbol(self) -> Values:
        """A random value, other than zero."""
        if self.points == 1:
            return self._random.randrange(1, self.prime)
        if not self._symbols:
            self._symbols = list(self._arrays.integers(1, self.prime, (_POOL, self.points)))
        return self._symbols.pop()

    def condition(self) -> Values:
        """A random bit."""
        if self.points == 1:
            return self._random.randrange(2)
        if not self._bits:
            drawn = self._arrays.random((_POOL, self.points)) < self._odds
            self._bits = list(drawn.astype(np.int64))
        return self._bits.pop()

    def number(self, value: Fraction | int) -> tuple[Values, bool]:
        """A rational number, and False if it has none here."""
        divisor, defined = self._inverse(value.denominator % self.prime)
        residue = value.numerator * divisor % self.prime
        return (residue if self.points == 1 else np.full(self.points, residue)), defined

    def key(self, value: Values) -> object:
        """What equal values have in common, to look them up."""
        return value if isinstance(value, int) else value.tobytes()

    def is_zero(self, value: Values) -> bool:
        """True if a value is zero at every point."""
        return not value if isinstance(value, int) else not value.any()

    def inverse(self, value: Values) -> tuple[Values, bool]:
        """1 / value, zero at a pole, and False if there is one."""
        if isinstance(value, int):
            return self._inverse(value)
        residues, prime = value.tolist(), self.prime
        ahead, product = [], 1
        for x in residues:  # one inversion for all: the inverse of the product
            ahead.append(product)
            product = product * (x or 1) % prime
        rest = pow(product, -1, prime)
        result = [0] * len(residues)
        for i in range(len(residues) - 1, -1, -1):
            x = residues[i]
            if x:
                result[i] = rest * ahead[i] % prime
                rest = rest * x % prime
        return np.array(result), all(residues)

    def power(self, value: Values, exponent: int) -> Values:
        """value ** exponent, for an exponent >= 0."""
        if isinstance(value, int):
            return pow(value, exponent, self.prime)
        result = np.ones_like(value)
        for bit in bin(exponent)[2:]:
            result = result * result % self.prime
            if bit == "1":
                result = result * value % self.prime
        return result

    def _inverse(self, x: int) -> tuple[int, bool]:
        return (pow(x, -1, self.prime), True) if x else (0, False)
