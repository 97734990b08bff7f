"""Sides: regions of the inputs, by the sign of every difference that a Program asks about.

A Program is run on symbols once for each side.  A tie, where a difference is zero, is a side of its
own: it has no inside, and a text may well say something else there.  Sides that no numbers are on
are left out as far as linear arithmetic tells (linear.py), with constants as the numbers they are:
nothing is 0.1 and 0.3 at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Self, TypeVar

import sympy

from verify.numbers.linear import Row, is_possible
from verify.program.limits import TOO_MANY_SIDES

__all__ = ["Side", "coefficients", "every_side", "slope"]

T = TypeVar("T")
sp = sympy
_SMALL = 40  # operations up to which an expression's sign is worth a closer look
_SUM = 60  # and up to which a sum is taken apart


class Side:
    """One side: the sign of each difference that a Program asks about.

    Args:
        chosen: The first signs.
        ties: Whether zero is a sign; otherwise a tie is never met.
        values: What symbols of constants stand for.

    Attributes:
        signs: Of each difference asked about, in order.
        answers: What was answered so far, question by question.
        others: Of each, further signs that it may have beside those before it.
        has_identity: Whether two things were compared that are one real number everywhere.
    """

    def __init__(
        self,
        chosen: tuple[int, ...] = (),
        ties: bool = False,
        values: Mapping[sympy.Basic, sympy.Basic] = MappingProxyType({}),
    ) -> None:
        self._chosen, self._ties, self._values = chosen, ties, values
        self.signs: dict[sympy.Basic, int] = {}
        self.answers: list[int | bool | None] = []
        self.others: list[tuple[int, ...]] = []
        self.has_identity = False
        self._rows: dict[object, Row] = {}

    @classmethod
    def answering(
        cls, signs: Mapping[sympy.Basic, int], values: Mapping[sympy.Basic, sympy.Basic]
    ) -> Self:
        """A side where some signs are known already."""
        side = cls(ties=True, values=values)
        for difference, sign in signs.items():
            side.signs[difference] = sign
            side._rows[difference] = coefficients(difference.xreplace(values))
        return side

    @property
    def is_tie(self) -> bool:
        """True if a difference is zero."""
        return 0 in self.signs.values()

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y: the known one, or that of this side."""
        self.answers.append(self._order(x, y))
        return self.answers[-1]

    def _order(self, x: sympy.Basic, y: object) -> int | None:
        difference = sp.sympify(x) - y
        if difference is sp.nan:
            return 0 if x == y else None
        known = _known_sign(difference)
        if known is not None:
            self.has_identity |= known == 0 and bool(sp.sympify(x).free_symbols)
            return known
        sign, difference = _normal(difference)
        return sign * self._sign(difference)

    def equal(self, x: object, y: object) -> bool | None:
        """True if x and y are equal on this side; None if one of them is nan."""
        unknown = x is sp.nan or y is sp.nan
        answer = None if unknown else x == y or self._order(x, y) == 0
        self.has_identity |= x == y and bool(sp.sympify(x).free_symbols)
        self.answers.append(answer)
        return answer

    def _sign(self, difference: sympy.Basic) -> int:
        known = self.signs.get(difference)
        if known is not None:
            return known
        place = len(self.signs)
        self._rows[difference] = coefficients(difference.xreplace(self._values))
        others: tuple[int, ...] = ()
        if place < len(self._chosen):
            sign = self._chosen[place]
        else:
            signs = self._of_factors(difference)
            possible = [s for s in signs if self._is_possible(difference, s)]
            sign, *rest = possible or [1]
            others = tuple(rest)
        self.signs[difference] = sign
        self.others.append(others)
        return sign

    def _of_factors(self, difference: sympy.Basic) -> list[int]:
        """The signs that a product may have: an even power is not below zero, nor is one of what
        is positive on this side."""
        found = {1}
        for factor in sp.Mul.make_args(difference):
            base, power = factor.as_base_exp()
            sign, normal = _normal(base)
            known = self.signs.get(normal)
            if known and (sign * known > 0 or power.is_even):
                some = {1}
            elif known and power.is_odd:
                some = {-1}
            elif known == 0 and power.is_positive:
                some = {0}
            elif factor.is_nonnegative or (power.is_even and base.is_real):
                some = {1, 0}
            else:
                some = {1, -1, 0}
            found = {x * y for x in found for y in some}
        return [s for s in (1, -1, *([0] * self._ties)) if s in found]

    def _is_possible(self, difference: object, sign: int) -> bool:
        if not self.signs and len(self._rows[difference]) == 1 and 1 not in self._rows[difference]:
            return True
        signs = [(self._rows[d], s) for d, s in self.signs.items()]
        rows = [*(row for row, _ in signs), self._rows[difference]]
        atoms = dict.fromkeys(atom for row in rows for atom in row)
        positive = [{atom: Fraction(1)} for atom in atoms if atom.is_extended_positive]
        return is_possible([*signs, (self._rows[difference], sign)], positive)


def coefficients(difference: sympy.Basic) -> Row:
    """A sum's coefficients, by what they belong to; 1 is the atom of numbers.

    >>> x = sp.Symbol("x")
    >>> coefficients(2 * x - 3) == {x: 2, 1: -3}
    True
    """
    if difference.count_ops() > _SUM:
        return {difference: Fraction(1)}
    row: dict[object, Fraction] = {}
    for term in sp.Add.make_args(sp.expand(difference)):
        number, atom = term.as_coeff_Mul(rational=True)
        row[atom] = row.get(atom, Fraction(0)) + Fraction(int(number.p), int(number.q))
    return row


def slope(difference: sympy.Basic, inputs: Collection[sympy.Basic]) -> Row | None:
    """How a difference that is zero changes with the inputs, up to a positive factor.

    None if it is not linear in them.

    >>> x, c = sp.Symbol("x"), sp.Symbol("c", positive=True)
    >>> slope(c * (1 - x) + 2 - 2 * x, [x]) == {x: -1}
    True
    """
    row = coefficients(difference)
    if not any(x not in inputs and x.has(*inputs) for x in row):
        return {x: c for x, c in row.items() if x in inputs}
    (x, *others), expanded = difference.free_symbols.intersection(inputs), sp.expand(difference)
    factor = expanded.coeff(x, 1)  # of constants, which are positive symbols
    linear = not sp.expand(expanded - factor * x).has(x) and not factor.has(x)
    if others or not linear or not (factor.is_positive or factor.is_negative):
        return None
    return {x: Fraction(1 if factor.is_positive else -1)}


def _known_sign(x: sympy.Basic) -> int | None:
    forms = [x] if x.is_Atom or x.count_ops() > _SMALL else [x, sp.together(x)]
    for form in forms:  # 1 - 1/(1 + exp(s)) shows its sign over a common denominator
        if form.is_zero:
            return 0
        if form.is_extended_positive or form.is_extended_negative:
            return 1 if form.is_extended_positive else -1
    return None


def _normal(difference: sympy.Basic) -> tuple[int, sympy.Basic]:
    """A sign, and what it is to be multiplied with the sign of."""
    sign, difference = _without_numbers(difference)
    if difference.could_extract_minus_sign():
        difference, sign = -difference, -sign
    content, difference = difference.as_content_primitive()
    return (sign if content > 0 else -sign), difference


def _without_numbers(difference: sympy.Basic) -> tuple[int, sympy.Basic]:
    """The sign of a product's numbers, such as pi, and what is left of it."""
    sign, left = 1, []
    for factor in sp.Mul.make_args(difference):
        if factor.is_number and factor.is_negative:
            sign = -sign
        elif not (factor.is_number and factor.is_positive):
            left.append(factor)
    return (sign, sp.Mul(*left)) if left else (1, difference)


def every_side(
    run: Callable[[Side], T],
    limit: int,
    ties: bool = False,
    values: Mapping[sympy.Basic, sympy.Basic] = MappingProxyType({}),
) -> Iterator[T]:
    """Results of ``run`` on every side.

    Args:
        run: What is run.
        limit: How many sides there may be.
        ties: Whether sides where a difference is zero are wanted, too.
        values: What symbols of constants stand for.

    Raises:
        OverflowError: if there are more than ``limit`` sides.
    """
    todo: list[tuple[int, ...]] = [()]
    count = 0
    while todo:
        side = Side(todo.pop(), ties, values)
        count += 1
        if count > limit:
            raise OverflowError(f"{TOO_MANY_SIDES} {limit} sides")
        yield run(side)
        taken = tuple(side.signs.values())
        for place, others in enumerate(side.others):
            todo += [(*taken[:place], other) for other in others]
