"""Cubes: the field in which numbers are polynomials in conditions, none of which has a square.

As in ``gates.py`` a condition that multiplies twice multiplies once.  Here every number is written
out: a residue for each product of comparisons.  So two numbers that agree wherever comparisons are
0 or 1 are one number, whatever ``and``, ``or`` and ``where`` made them of, in any order; it takes
more time, and the number of parts is limited.

What comparisons of the same difference imply is used, and so is the order of constants that one
number is compared with: x < 1 and 1 < x exclude each other, x < 1 implies x < 2.  Equality is what
neither order is.  All of that holds for real numbers, which chain rule and code are compared over.

Why agreement is a proof up to the chance of the field: each step replaces a polynomial in the
conditions by one that has the same values wherever conditions are what comparisons can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from verify.field.field import Element
from verify.field.in_parts import InParts, PartField, Parts

__all__ = ["Cubes"]

_PARTS = 256  # of a number; beyond, it is a number without parts
_ATOMS = 64  # comparisons; beyond, conditions are without parts
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
        self._against: dict[int, list[tuple[Fraction, int, bool]]] = {}
        self._sides: list[tuple[int, int]] = []  # by place: what is smaller if it holds, and what
        self._implied: list[int] = []  # by place: the atoms that hold where this one does
        self._excluded: list[int] = []  # by place: the atoms that do not
        self._joins = 0

    @property
    def has_conditions(self) -> bool:
        """True if a condition was met."""
        return bool(self._worth)

    # --- conditions ---

    def less(self, x: Element, y: Element) -> Element:
        """The condition x < y: a comparison of its own for each difference."""
        difference = x - y
        v = difference.v
        if not v:
            return self._condition({}, 0)
        self._argument_degree = max(self._argument_degree, difference.n + difference.d)
        place = self._atoms.get(v)
        if place is None:
            if len(self._worth) == _ATOMS:
                return self._condition({0: self._value(("less", v))}, 1)
            place = self._new_atom(v)
            self._sides.append((x.v, y.v))
            self._relate(place, x, y)
        return self._condition({1 << place: 1}, 1)

    def _new_atom(self, v: int) -> int:
        place = self._atoms[v] = len(self._worth)
        self._worth.append(self._value(("less", v)))
        self._implied.append(0)
        self._excluded.append(0)
        opposite = self._atoms.get(self.prime - v)
        if opposite is not None:
            self._exclude(place, opposite)
        return place

    def _relate(self, place: int, x: Element, y: Element) -> None:
        """Note what follows from the constant on one side, given the others of that number."""
        for number, constant, below in ((x, y, True), (y, x, False)):
            bound = self._constants().get(constant.v) if not (constant.n or constant.d) else None
            if bound is None:
                continue
            self._looked += 1
            others = self._against.setdefault(number.v, [])
            for other, atom, is_below in others:
                self._order(place, bound, below, atom, other, is_below)
            others.append((bound, place, below))

    def _constants(self) -> dict[int, Fraction]:
        """The literals that were met, by their residues."""
        return {
            x.v: Fraction(value)
            for value, x in self._literals.items()
            if isinstance(value, (int, float, Fraction)) and not (x.n or x.d)
        }

    def _order(
        self, one: int, bound: Fraction, below: bool, other: int, second: Fraction, is_below: bool
    ) -> None:
        """What two comparisons of one number say of each other: x < 1, x < 2, 1 < x ..."""
        if below and is_below:
            self._imply(*((one, other) if bound <= second else (other, one)))
        elif not below and not is_below:
            self._imply(*((one, other) if bound >= second else (other, one)))
        elif (bound <= second) if below else (second <= bound):
            self._exclude(one, other)

    def _imply(self, one: int, other: int) -> None:
        self._implied[one] |= 1 << other

    def _exclude(self, one: int, other: int) -> None:
        self._excluded[one] |= 1 << other
        self._excluded[other] |= 1 << one

    def equal(self, x: Element, y: Element) -> Element:
        """The condition x == y: that neither is smaller."""
        if x.v == y.v:
            return self._condition({0: 1}, 0)
        neither = self.sum(self.sum(self.lift(1), self.less(x, y), -1), self.less(y, x), -1)
        return self._as_condition(neither)

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
        """x and y as they were compared before; in one order, whatever theirs, if never."""
        difference = (x.v - y.v) % self.prime
        own, opposite = self._atoms.get(difference), self._atoms.get(self.prime - difference)
        if own is None and opposite is None:
            return (x, y) if x.v <= y.v else (y, x)
        is_own = opposite is None or (own is not None and own < opposite)
        return (x, y) if is_own else (y, x)

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
                if cube is not None:
                    made[cube] = (made.get(cube, 0) + r * s) % self.prime
        return self._number(made, x.n + y.n, x.d + y.d)

    def _joined(self, one: int, other: int) -> int | None:
        """The product of two products of comparisons; None if it is 0."""
        if not one or not other:
            return one | other
        cube = one | other
        for place in _places(cube):
            if self._excluded[place] & cube:
                return None
        for place in _places(cube):
            if cube >> place & 1:  # of comparisons that imply each other one stays
                cube &= ~(self._implied[place] & ~(1 << place))
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
