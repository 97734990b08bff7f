"""Roots: a prime field in which square roots are taken, not unknown.

Of a square root s of v only s * s = v is used: which of the two roots it is, is drawn at random for
every v.  So sqrt(x) * sqrt(x) is x and x**1.5 is x * sqrt(x), while sqrt(x * x) is x or -x, as it
is for numbers, and sqrt(x) * sqrt(y) is sqrt(x * y) or its negative.  A relation that needs certain
signs, and is wrong with others, is therefore accepted at some points only: many are needed
(``points_for``).  Half of all elements have no root; where one is asked for, the point is
given up, and who asked tries another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from verify.field.field import Element, Field, PoleError

__all__ = ["Roots", "points_for"]


def points_for(roots: int, chance: float) -> int:
    """Points after which a relation wrong for some signs of so many roots was accepted by chance.

    One that is wrong for some signs at all is wrong for at least one of the 2**roots choices.

    >>> points_for(0, 1e-12), points_for(1, 1e-12), points_for(2, 1e-12)
    (1, 40, 97)
    """
    return math.ceil(math.log(chance) / math.log1p(-(2.0**-roots))) if roots else 1


class Roots(Field):
    """A prime field with square roots.

    Args:
        prime: The number of elements, 3 modulo 4.
        seed: Of the random values and signs.
        relations: As for ``Field``.
    """

    def __init__(self, prime: int, seed: str | bytes, relations: bool = False) -> None:
        super().__init__(prime, seed, relations)
        self._roots: dict[int, int] = {}
        self._names["sqrt"] = self._root

    @property
    def roots(self) -> int:
        """How many were taken."""
        return len(self._roots)

    def _root(self, given: object) -> Element:
        x = self.lift(given)
        root = self._roots.get(x.v)
        if root is None:
            root = self._roots[x.v] = self._drawn_root(x.v)
        return Element(self, root, x.n, x.d)

    def _drawn_root(self, v: int) -> int:
        root = pow(v, (self.prime + 1) // 4, self.prime)
        if root * root % self.prime != v:
            raise PoleError("no square root")
        return root if self._value(("sign of a root", v)) % 2 else -root % self.prime

    def power(self, x: Element, y: object) -> Element:
        """x ** y; a power of the root for halves of integers."""
        if type(y) is not int:
            y = self.lift(y)
            twice = self._integer(y + y) if self._integer(y) is None else None
            if twice is not None:
                return super().power(self._root(x), twice)
        return super().power(x, y)

    def chance(self, pairs: Sequence[tuple[Element, Element]]) -> float:
        """Bound on the chance that equal pairs are different for these signs of the roots.

        A polynomial in a root becomes one without by multiplying it with itself, the root negated:
        twice the degree.  And every other point was given up.
        """
        return min(1.0, super().chance(pairs) * 4.0**self.roots)
