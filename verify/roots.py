"""Roots: a prime field in which square roots are taken, not unknown.

An element is called positive if it is a square.  Modulo a prime of the form 4k + 3 either x or -x
is one, products of positive elements are positive, and every positive element has one positive
root: so sqrt(x) * sqrt(x) is x, sqrt(x) * sqrt(y) is sqrt(x * y), and x**1.5 is x * sqrt(x), as for
positive numbers.  Half of all elements have no root; where one is asked for, the point is given up
and who asked tries another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verify.field import Element, Field, PoleError

__all__ = ["Roots"]


class Roots(Field):
    """A prime field with square roots.

    Args:
        prime: The number of elements, 3 modulo 4.
        seed: Of the random values.
        relations: As for ``Field``.
    """

    def __init__(self, prime: int, seed: Any, relations: bool = False) -> None:
        super().__init__(prime, seed, relations)
        self._roots: dict[int, int] = {}
        self._names["sqrt"] = self._root

    def _root(self, x: Any) -> Any:
        x = self.lift(x)
        root = self._roots.get(x.v)
        if root is None:
            root = self._roots[x.v] = self._positive_root(x.v)
        return Element(self, root, x.n, x.d)

    def _positive_root(self, v: int) -> int:
        p = self.prime
        root = pow(v, (p + 1) // 4, p)
        if root * root % p != v:
            raise PoleError("no square root")
        return root if pow(root, (p - 1) // 2, p) in (0, 1) else p - root

    def power(self, x: Element, y: Any) -> Any:
        """x ** y; a power of the root for halves of integers."""
        y = y if type(y) is int else self.lift(y)
        if type(y) is not int and self._integer(y) is None:
            twice = self._integer(y + y)
            if twice is not None:
                return super().power(self._root(x), twice)
        return super().power(x, y)

    def chance(self, pairs: Sequence[tuple[Element, Element]]) -> float:
        """The bound of ``Field``, times four for each root.

        A polynomial in a root becomes one without by multiplying it with itself, the root negated:
        twice the degree.  And every other point was given up.
        """
        return min(1.0, super().chance(pairs) * 4.0 ** len(self._roots))
