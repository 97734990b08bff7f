"""Cubes: the field in which numbers are polynomials in conditions, none of which has a square.

As in ``gates.py`` a condition that multiplies twice multiplies once.  Here every number is written
out: a residue for each product of comparisons.  So two numbers that agree wherever comparisons are
0 or 1 are one number, whatever ``and``, ``or`` and ``where`` made them of, in any order; it takes
more time, and the number of parts is limited.

Comparisons of one difference are two, x < y and x <= y; y < x is what the latter is not.  What they
imply is used, and so is the order of constants that one number is compared with: x < 1 implies
x <= 1, which implies x < 2.  All of that holds for real numbers, which chain rule and code are
compared over.

Why agreement is a proof up to the chance of the field: each step replaces a polynomial in the
conditions by one that has the same values wherever conditions are what comparisons can be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from verify.field.field import Element
from verify.field.in_parts import InParts, PartField, Parts

__all__ = ["Cubes"]

_PARTS = 256  # of a number; beyond, it is a number without parts
_ATOMS = 128  # comparisons; beyond, conditions are without parts
_JOINS = 50_000  # products of parts, half a second; beyond, numbers are multiplied without parts


class _Cubed(InParts):
    """A number as a sum over products of comparisons.

    Attributes:
        condition: True if it is known to be 0 or 1.
    """

    __slots__ = ("condition",)
    condition: bool


class Cubes(PartField):
    """A prime field whose numbers are polynomials in comparisons; ``Field`` says what options are.

    Args:
        prime: The number of elements.
        seed: Of the random values.
        options: As for ``Field``.
    """

    def __init__(self, prime: int, seed: str | bytes | None, **options: bool) -> None:
        super().__init__(prime, seed, **options)
        self._atoms: dict[int, int] = {}  # residue of a difference -> its place
        self._worth: list[int] = []  # by place: the residue of the comparison
        self._against: dict[int, list[tuple[float | Fraction, int]]] = {}
        self._sides: list[tuple[int, int]] = []  # by place: what is smaller if it holds, and what
        self._implied: list[int] = []  # by place: the atoms that hold where this one does
        self._met: dict[int, int] = {}  # by place: the difference as it was met first
        self._joins = 0

    @property
    def has_conditions(self) -> bool:
        """True if a condition was met."""
        return bool(self._worth)

    # --- conditions ---

    def less(self, x: Element, y: Element) -> Element:
        """The condition x < y: a comparison of its own for each difference."""
        order = self._order(x, y)
        if order is not None:
            return self._settled(order < 0)
        difference = x - y
        if not difference.v:
            return self._settled(False)
        self._argument_degree = max(self._argument_degree, difference.n + difference.d)
        one, other = self._in_order(x, y)
        place = self._place_of(one, other)
        if place is None:
            return self._condition({0: self._value(("less", difference.v))}, 1)
        self._met.setdefault(place, difference.v)
        if one is x:
            return self._condition({1 << place: 1}, 1)
        return self._condition({0: 1, 2 << place: self.prime - 1}, 1)  # not y <= x

    def _place_of(self, x: Element, y: Element) -> int | None:
        """The place of x < y, behind which stands x <= y; None if there are too many."""
        v = (x.v - y.v) % self.prime
        place = self._atoms.get(v)
        if place is None and len(self._worth) < _ATOMS:
            place = self._atoms[v] = len(self._worth)
            self._worth += [self._value(("less", v)), self._value(("not above", v))]
            self._implied += [2 << place, 0]
            self._sides += [(x.v, y.v)] * 2
            self._relate(place, x, y)
        return place

    def _relate(self, place: int, number: Element, constant: Element) -> None:
        """Note what follows from the constant, given the others that the number was compared with.

        x < 1 implies x <= 1, which implies x < 2: what one number is compared with is a chain.
        """
        bound = self.number(constant)
        if bound is None or math.isinf(bound):
            return
        self._looked += 1
        others = self._against.setdefault(number.v, [])
        for other, atom in others:
            low, high = (place, atom) if bound < other else (atom, place)
            self._implied[low] |= 3 << high
            self._implied[low + 1] |= 3 << high
        others.append((bound, place))

    def equal(self, x: Element, y: Element) -> Element:
        """The condition x == y: that neither is smaller."""
        if x.v == y.v:
            return self._settled(True)
        neither = self.sum(self.sum(self.lift(1), self.less(x, y), -1), self.less(y, x), -1)
        return self._as_condition(neither)

    def _settled(self, holds: bool) -> Element:
        return self._condition({0: 1} if holds else {}, 0)

    def negation(self, condition: Element) -> Element:
        """1 - c."""
        return self._as_condition(self.sum(self.lift(1), condition, -1))

    def conjunction(self, x: Element, y: Element) -> Element:
        """The product."""
        return self._as_condition(self.product(x, y))

    def is_condition(self, x: object) -> bool:
        """True for results of comparisons, and what logic makes of them."""
        return isinstance(x, _Cubed) and x.condition

    def _condition(self, parts: Parts, n: int) -> Element:
        return self._as_condition(self._number(parts, n, 0))

    def _as_condition(self, x: Element) -> Element:
        made = object.__new__(_Cubed)
        made.meaning, made.v, made.n, made.d = self, x.v, x.n, x.d
        made.parts, made.condition = _parts(x), True
        return made

    # --- selection ---

    def where(self, condition: Element, x: Element, y: Element) -> Element:
        """y + c * (x - y); the smaller or larger of two numbers does not depend on a tie."""
        chosen = self._extreme_of(condition, x, y)
        return chosen or self._chosen(condition, x, y)

    def _extreme_of(self, condition: Element, x: Element, y: Element) -> Element | None:
        """The smaller or larger of x and y, where a condition that compares them says that."""
        parts = _parts(condition)
        cube = max(parts, default=0)
        if not cube or cube & (cube - 1):  # not one comparison
            return None
        holds = parts == {cube: 1}
        if not holds and parts != {0: 1, cube: self.prime - 1}:
            return None
        self._looked += 1
        low, high = self._sides[cube.bit_length() - 1]
        if (x.v, y.v) == (low, high):
            return self.smaller(x, y) if holds else self.larger(x, y)
        if (x.v, y.v) == (high, low):
            return self.larger(x, y) if holds else self.smaller(x, y)
        return None

    def _chosen(self, condition: Element, x: Element, y: Element) -> Element:
        return self.sum(y, self.product(condition, self.sum(x, y, -1)), 1)

    def larger(self, x: Element, y: Element) -> Element:
        """The larger of x and y, by the comparison of them that was met first."""
        one, other = self._as_met(x, y)
        return self._chosen(self.less(one, other), other, one)

    def smaller(self, x: Element, y: Element) -> Element:
        """The smaller of x and y, by the comparison of them that was met first."""
        one, other = self._as_met(x, y)
        return self._chosen(self.less(one, other), one, other)

    def _as_met(self, x: Element, y: Element) -> tuple[Element, Element]:
        """x and y as they were compared first; in order if never."""
        one, other = self._in_order(x, y)
        place = self._atoms.get((one.v - other.v) % self.prime, -1)
        met = self._met.get(place)
        if met is None:
            return one, other
        return (x, y) if met == (x.v - y.v) % self.prime else (y, x)

    def _in_order(self, x: Element, y: Element) -> tuple[Element, Element]:
        """x and y as their comparison stands in a number; a constant last."""
        difference = (x.v - y.v) % self.prime
        if difference in self._atoms:
            return x, y
        if self.prime - difference in self._atoms:
            return y, x
        constants = self.number(x) is not None, self.number(y) is not None
        if constants[0] != constants[1]:
            return (x, y) if constants[1] else (y, x)
        return (x, y) if x.v <= y.v else (y, x)

    def power(self, x: Element, y: object) -> Element:
        """x ** y: a repeated product where x has parts."""
        exponent = y if type(y) is int else self._integer(self.lift(y))
        if isinstance(x, _Cubed) and exponent is not None and exponent > 0:
            made: Element = x
            for _ in range(exponent - 1):
                made = self.product(made, x)
            return made
        return super().power(x, y)

    # --- numbers in parts ---

    def sum(self, x: Element, y: Element, sign: int) -> Element:
        """x + y, or x - y."""
        total, p = dict(_parts(x)), self.prime
        for cube, r in _parts(y).items():
            total[cube] = (total.get(cube, 0) + sign * r) % p
        return self._number(total, max(x.n + y.d, y.n + x.d), x.d + y.d)

    def product(self, x: Element, y: Element) -> Element:
        """x * y, part by part."""
        made: Parts = {}
        first, second = _parts(x), _parts(y)
        self._joins += len(first) * len(second)
        if self._joins > _JOINS:
            return Element(self, x.v * y.v % self.prime, x.n + y.n, x.d + y.d)
        for one, r in first.items():
            for other, s in second.items():
                cube = self._joined(one, other)
                made[cube] = (made.get(cube, 0) + r * s) % self.prime
        return self._number(made, x.n + y.n, x.d + y.d)

    def _joined(self, one: int, other: int) -> int:
        """The product of two products of comparisons: what others imply goes."""
        cube = one | other
        if one and other:
            for place in _places(cube):
                if cube >> place & 1:
                    cube &= ~self._implied[place]
        return cube

    def _number(self, parts: Parts, n: int, d: int) -> Element:
        """The number of these parts; without parts, where they are too many or none is needed."""
        parts = {cube: r for cube, r in parts.items() if r}
        v = sum(r * self._worth_of(cube) for cube, r in parts.items()) % self.prime
        if not any(parts) or len(parts) > _PARTS:
            plain = Element(self, v, n, d)
            return self.cut(plain) if n + d > self.known_from else plain
        made = object.__new__(_Cubed)
        made.meaning, made.v, made.n, made.d = self, v, n, d
        made.parts, made.condition = parts, False
        return made

    def _worth_of(self, cube: int) -> int:
        worth = 1
        for place in _places(cube):
            worth = worth * self._worth[place] % self.prime
        return worth


def _parts(x: Element) -> Parts:
    """The parts of a number; a plain one is a part without conditions."""
    if isinstance(x, _Cubed):
        return x.parts
    return {0: x.v} if x.v else {}


def _places(cube: int) -> Iterable[int]:
    while cube:
        low = cube & -cube
        yield low.bit_length() - 1
        cube ^= low
