"""Coefficients: the numbers that a program makes of its own, however they stand among its inputs.

``sum((y_k - m) / s**2)`` has the coefficient ``sum(y_k)``, which no step of it computes: the steps
add ``-m / s**2`` in between.  So each step is written as a sum of numbers times products of what is
no such sum, inputs and functions, and every coefficient and every ratio of two of them is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from fractions import Fraction
from itertools import permutations
from math import isfinite
from typing import NamedTuple

from autodiff.table.primitive import REGISTRY
from verify.program.literals import CONSTANTS
from verify.program.program import Program, Step

__all__ = ["Exact", "coefficients"]

_UNIT, _FAR = Fraction(2) ** -53, Fraction(2) ** -48  # of one rounding; relatively, of many
_LARGEST = 4096  # bits of a number above or below the line
_TERMS, _RATIOS = 24, 6  # of a sum that is written out; of one whose ratios are told
_PRODUCTS = 144  # of terms, of two sums that are multiplied out
_WORK = 100_000  # terms in all; afterwards only numbers alone are joined
_ADD, _SUB, _MUL, _DIV, _NEG, _SQUARE = (
    REGISTRY[name].sympy for name in ("add", "sub", "mul", "div", "neg", "square")
)


class Exact(NamedTuple):
    """A number that is made of numbers by sums, products and quotients.

    Args:
        value: What it is.
        size: The same of the sizes of its terms.
        steps: Operations; in any order these round by less than as many units of ``size``.
    """

    value: Fraction
    size: Fraction
    steps: int

    def plus(self, other: Exact) -> Exact:
        """The sum with another."""
        value, size = self.value + other.value, self.size + other.size
        return Exact(value, size, self.steps + other.steps + 1)

    def times(self, other: Exact) -> Exact:
        """The product with another."""
        if other is _WHOLE or self is _WHOLE:
            return self if other is _WHOLE else other
        value, size = self.value * other.value, self.size * other.size
        return Exact(value, size, self.steps + other.steps + 1)

    def inverse(self) -> Exact:
        """One over it."""
        return Exact(1 / self.value, self.size / self.value**2, self.steps + 1)

    def may_be(self, x: Fraction) -> bool:
        """True if rounding alone may have made a double of it."""
        apart = abs(abs(self.value) - x)
        return apart <= _UNIT * self.steps * self.size and apart <= _FAR * x

    @property
    def is_short(self) -> bool:
        """True if it has not too many digits."""
        top, bottom = self.value.numerator, self.value.denominator
        return max(top.bit_length(), bottom.bit_length()) <= _LARGEST


_WHOLE = Exact(Fraction(1), Fraction(1), 0)
_Product = tuple[tuple[int, int], ...]  # atoms and their powers, in order
_Sum = Mapping[_Product, Exact]
_ONE: _Product = ()
_UNCHANGED = Exact(Fraction(-1), Fraction(1), 0)


def coefficients(program: Program, mine: Set[float]) -> Iterator[Exact]:
    """The coefficients of all steps of a program, and the ratios of two in short sums.

    Args:
        program: The program.
        mine: Sizes of numbers that stand for the doubles that they are, also where these are near
            to pi and the like.
    """
    sums = _Sums(program.inputs, mine)
    told = set[_Product | tuple[object, ...]]()
    for place, step in program.computed():
        found = sums.add(place, step)
        if found is None or isinstance(step, float):
            continue
        key = (*((product, x.value) for product, x in found.items()),)
        if key not in told:
            told.add(key)
            yield from (x for x in found.values() if x.steps)
            if len(found) <= _RATIOS:
                for one, other in permutations(found.values(), 2):
                    yield one.times(other.inverse())


class _Sums:
    """Steps of a program as sums of products.

    Args:
        inputs: How many inputs it has.
        mine: As above.
    """

    def __init__(self, inputs: int, mine: Set[float]) -> None:
        self._mine = mine
        self._atoms: dict[object, int] = {}
        self._left = _WORK
        self._sums: dict[int, _Sum] = {i: self._of_atom(("input", i)) for i in range(inputs)}

    def add(self, place: int, step: Step) -> _Sum | None:
        """The sum that a step is; None of a number that is no double."""
        if isinstance(step, float):
            if isfinite(step) and (abs(step) in self._mine or abs(step) not in CONSTANTS):
                number = Fraction(step)
                self._sums[place] = {_ONE: Exact(number, abs(number), 0)} if number else {}
            else:
                self._sums[place] = self._of_atom(("number", step))
                return None
        else:
            operands = [self._sums[i] for i in step[1]]
            is_number = all(each.keys() <= {_ONE} for each in operands)
            found = _joined(step[0], operands) if is_number or self._left > 0 else None
            self._left -= sum(map(len, operands))
            keys = (*(frozenset((p, x.value) for p, x in each.items()) for each in operands),)
            self._sums[place] = self._of_atom((step[0], keys)) if found is None else found
        return self._sums[place]

    def _of_atom(self, key: object) -> _Sum:
        atom = self._atoms.setdefault(key, len(self._atoms))
        return {((atom, 1),): _WHOLE}


def _joined(text: str, operands: list[_Sum]) -> _Sum | None:
    """A step as a sum; None if it is none, or too long."""
    found: _Sum | None = None
    if text in (_ADD, _SUB):
        one, other = operands
        found = _total(one, other if text == _ADD else _scaled(other, _ONE, _UNCHANGED))
    elif text == _NEG:
        found = _scaled(operands[0], _ONE, _UNCHANGED)
    elif text in (_MUL, _SQUARE):
        found = _product(operands[0], operands[-1])
    elif text == _DIV and len(operands[1]) == 1:
        ((product, x),) = operands[1].items()
        over = (*((atom, -power) for atom, power in product),)
        found = _scaled(operands[0], over, x.inverse())
    if found is None or len(found) > _TERMS or not all(x.is_short for x in found.values()):
        return None
    return found


def _total(one: _Sum, other: _Sum) -> _Sum:
    found = dict(one)
    for product, x in other.items():
        made = found[product].plus(x) if product in found else x
        if made.value:
            found[product] = made
        else:
            del found[product]
    return found


def _scaled(one: _Sum, product: _Product, by: Exact) -> _Sum:
    return {_joined_powers(p, product): x.times(by) for p, x in one.items()}


def _product(one: _Sum, other: _Sum) -> _Sum | None:
    if len(one) * len(other) > _PRODUCTS:
        return None
    found: _Sum = {}
    for product, x in other.items():
        found = _total(found, _scaled(one, product, x))
    return found


def _joined_powers(one: _Product, other: _Product) -> _Product:
    powers = dict(one)
    for atom, power in other:
        powers[atom] = powers.get(atom, 0) + power
    return (*sorted((atom, power) for atom, power in powers.items() if power),)
