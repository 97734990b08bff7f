"""Larger of two: a choice by a comparison is the larger or the smaller of what is compared.

Text without arrays writes ``y if x < y else x`` where the chain rule has a maximum, in whichever
order; a field takes the two for different expressions, but for this.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verify.field.whole.array_field import Residues
from verify.field.whole.repeated.carried_parts import CarriedParts

__all__ = ["LargerOfTwo"]


class LargerOfTwo(CarriedParts):
    """Polynomials in conditions, among them maxima."""

    def __init__(self) -> None:
        super().__init__()
        self._compared: dict[int, tuple[Residues, Residues, Residues]] = {}
        self._inside = False  # a maximum, which is a choice itself

    def less(self, x: Residues, y: Residues) -> Residues:
        """The condition x < y."""
        made = super().less(x, y)
        self._compared[id(made)] = made, x, y  # held, so that no other gets its id
        return made

    def larger(self, x: Residues, y: Residues) -> Residues:
        """The larger of x and y, whatever their order here."""
        return self._as_one(super().larger, x, y)

    def smaller(self, x: Residues, y: Residues) -> Residues:
        """The smaller of x and y, whatever their order here."""
        return self._as_one(super().smaller, x, y)

    def _as_one(
        self, choose: Callable[[Residues, Residues], Residues], x: Residues, y: Residues
    ) -> Residues:
        self._inside = True
        try:
            return choose(x, y)
        finally:
            self._inside = False

    def where(self, condition: Residues, x: Residues, y: Residues) -> Residues:
        """x where a condition holds, else y."""
        if not self._inside and (found := self._compared.get(id(condition))):
            _, one, two = found
            if self._same(x, two) and self._same(y, one):
                return self.larger(one, two)
            if self._same(x, one) and self._same(y, two):
                return self.smaller(one, two)
        return super().where(condition, x, y)

    def _same(self, x: Residues, y: Residues) -> bool:
        """True for arrays of the same elements."""
        if x is not y:
            self.looked(x, y)
        return x is y or (x.shape == y.shape and np.array_equal(x.v, y.v))
