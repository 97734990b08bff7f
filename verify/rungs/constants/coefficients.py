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
from types import MappingProxyType
from typing import NamedTuple

from autodiff.table.primitive import REGISTRY
from verify.program.literals import CONSTANTS
from verify.program.program import Program, Step

__all__ = ["Exact", "Product", "Sum", "Sums", "coefficients"]

_UNIT, _FAR = Fraction(2) ** -53, Fraction(2) ** -48  # of one rounding; relatively, of many
_DIGITS, _SUMS = 53, 2  # of a double, in bits; that round, of data in any order
_LARGEST = 4096  # bits of a number above or below the line
_TERMS, _RATIOS = 24, 6  # of a sum that is written out; of one whose ratios are told
_PRODUCTS = 144  # of terms, of two sums that are multiplied out
_WORK = 100_000  # terms in all; afterwards only numbers alone are joined
_MOST = 6  # of a power that is multiplied out
_ADD, _SUB, _MUL, _DIV, _NEG, _SQUARE, _OVER, _POWER = (
    REGISTRY[name].sympy
    for name in ("add", "sub", "mul", "div", "neg", "square", "reciprocal", "pow_literal")
)


class Exact(NamedTuple):
    """A number that is made of numbers by sums, products and quotients.

    Args:
        value: What it is.
        size: The same of the sizes of its terms.
        steps: Operations that round; they do by less than as many units of ``size``.
        sums: Those of them that are sums: data in any order.
    """

    value: Fraction
    size: Fraction
    steps: int = 0
    sums: int = 0

    def plus(self, other: Exact) -> Exact:
        """The sum with another."""
        value, size = self.value + other.value, self.size + other.size
        return self._made(other, value, size, int(bool(self.value and other.value)))

    def times(self, other: Exact) -> Exact:
        """The product with another."""
        return self._made(other, self.value * other.value, self.size * other.size, 0)

    def inverse(self) -> Exact:
        """One over it."""
        value = 1 / self.value
        return self._made(_WHOLE, value, self.size * value**2, 0)

    def _made(self, other: Exact, value: Fraction, size: Fraction, sums: int) -> Exact:
        rounds = not _is_double(value)
        steps, sums = self.steps + other.steps + rounds, self.sums + other.sums + sums * rounds
        return Exact(value, size, steps, sums)

    def may_be(self, x: Fraction) -> bool:
        """True if rounding alone may have made the double ``x`` of it.

        Few products and quotients are written down as the double next to what they are; what sums
        of data are depends on their order.
        """
        apart = abs(abs(self.value) - x)
        if self.sums < _SUMS:
            return apart <= x and Fraction(float(abs(self.value))) == x
        return apart <= _UNIT * self.steps * self.size and apart <= _FAR * x

    @property
    def is_short(self) -> bool:
        """True if it has not too many digits."""
        top, bottom = self.value.numerator, self.value.denominator
        return max(top.bit_length(), bottom.bit_length()) <= _LARGEST


def _is_double(x: Fraction) -> bool:
    """True if doubles have the number, but for their range."""
    top, bottom = abs(x.numerator), x.denominator
    return bottom & (bottom - 1) == 0 and (top // (top & -top or 1)).bit_length() <= _DIGITS


_WHOLE = Exact(Fraction(1), Fraction(1))
Product = tuple[tuple[int, int], ...]  # atoms and their powers, in order
Sum = Mapping[Product, Exact]
_ONE: Product = ()
_UNCHANGED = Exact(Fraction(-1), Fraction(1))


def coefficients(program: Program, mine: Set[float]) -> Iterator[Exact]:
    """The coefficients of all steps of a program, and the ratios of two in short sums.

    Args:
        program: The program.
        mine: Sizes of numbers that stand for the doubles that they are, also where these are near
            to pi and the like.
    """
    sums = Sums(mine)
    told = set[tuple[object, ...]]()
    for found in sums.steps_of(program):
        key = (*((product, x.value) for product, x in found.items()),)
        if key not in told:
            told.add(key)
            yield from (x for x in found.values() if x is not _WHOLE)
            if len(found) <= _RATIOS:
                for one, other in permutations(found.values(), 2):
                    yield one.times(other.inverse())


class Sums:
    """Steps of programs as sums of products of the same atoms: inputs, and what no sum is.

    Args:
        mine: Sizes of numbers that stand for the doubles that they are.
        read: What other numbers are.
    """

    def __init__(self, mine: Set[float], read: Mapping[float, Fraction] = MappingProxyType({})):
        self._mine, self._read = mine, read
        self._atoms: dict[object, int] = {}
        self._left = _WORK

    def steps_of(self, program: Program) -> Iterator[Sum]:
        """The sums that steps other than numbers are."""
        sums = self._begun(program)
        for place, step in program.computed():
            sums[place] = self._of_step(step, sums, {})
            if not isinstance(step, float):
                yield sums[place]

    def outputs_of(
        self, program: Program, unknown: Set[float]
    ) -> tuple[list[Sum], dict[int, float]]:
        """The sums that the outputs are, and the atoms that stand for unknown numbers."""
        sums, unknowns = self._begun(program), dict.fromkeys(sorted(unknown), -1)
        for x in unknowns:
            unknowns[x] = self._atom(("unknown", x))
        for place, step in program.computed():
            sums[place] = self._of_step(step, sums, unknowns)
        return [sums[i] for i in program.outputs], {atom: x for x, atom in unknowns.items()}

    def _begun(self, program: Program) -> dict[int, Sum]:
        return {i: {((self._atom(("input", i)), 1),): _WHOLE} for i in range(program.inputs)}

    def _of_step(self, step: Step, sums: Mapping[int, Sum], unknown: Mapping[float, int]) -> Sum:
        if isinstance(step, float):
            return self._of_number(step, unknown)
        operands = [sums[i] for i in step[1]]
        self._left -= sum(map(len, operands))
        is_number = all(each.keys() <= {_ONE} for each in operands)
        found = _joined(step[0], operands) if is_number or self._left > 0 else None
        if found is not None:
            return found
        # One of the same operands is the same atom; that takes time, too.
        key: object = len(self._atoms)
        if self._left > 0:
            key = step[0], *(frozenset((p, x.value) for p, x in s.items()) for s in operands)
        return {((self._atom(key), 1),): _WHOLE}

    def _of_number(self, number: float, unknown: Mapping[float, int]) -> Sum:
        size = abs(number)
        if size in unknown:
            sign = _WHOLE if number > 0.0 else _UNCHANGED
            return {((unknown[size], 1),): sign}
        if not isfinite(number) or (size in CONSTANTS and size not in self._mine):
            return {((self._atom(("number", number)), 1),): _WHOLE}
        value = self._read.get(size, Fraction(size)) * (1 if number > 0.0 else -1)
        return {_ONE: Exact(value, abs(value))} if value else {}

    def _atom(self, key: object) -> int:
        return self._atoms.setdefault(key, len(self._atoms))


def _joined(text: str, operands: list[Sum]) -> Sum | None:
    """A step as a sum; None if it is none, or too long."""
    found: Sum | None = None
    if text in (_ADD, _SUB):
        one, other = operands
        found = _total(one, other if text == _ADD else _scaled(other, _ONE, _UNCHANGED))
    elif text == _NEG:
        found = _scaled(operands[0], _ONE, _UNCHANGED)
    elif text in (_MUL, _SQUARE):
        found = _product(operands[0], operands[-1])
    elif text == _DIV and len(operands[1]) == 1:
        found = _product(operands[0], _inverse(operands[1]))
    elif text == _OVER and len(operands[0]) == 1:
        found = _inverse(operands[0])
    elif text == _POWER:
        found = _power(*operands)
    if found is None or len(found) > _TERMS or not all(x.is_short for x in found.values()):
        return None
    return found


def _inverse(one: Sum) -> Sum:
    ((product, x),) = one.items()
    return {(*((atom, -power) for atom, power in product),): x.inverse()}


def _power(one: Sum, exponent: Sum) -> Sum | None:
    """A small whole power, below zero of one product alone."""
    number = exponent[_ONE].value if exponent.keys() == {_ONE} else Fraction(1, 2)
    if number.denominator > 1 or not 0 < abs(number) <= _MOST or (number < 0 and len(one) != 1):
        return None
    base = one if number > 0 else _inverse(one)
    found: Sum | None = base
    for _ in range(abs(int(number)) - 1):
        found = None if found is None else _product(found, base)
    return found


def _total(one: Sum, other: Sum) -> Sum:
    found = dict(one)
    for product, x in other.items():
        made = found[product].plus(x) if product in found else x
        if made.value:
            found[product] = made
        else:
            del found[product]
    return found


def _scaled(one: Sum, product: Product, by: Exact) -> Sum:
    return {_joined_powers(p, product): x.times(by) for p, x in one.items()}


def _product(one: Sum, other: Sum) -> Sum | None:
    if len(one) * len(other) > _PRODUCTS:
        return None
    found: Sum = {}
    for product, x in other.items():
        found = _total(found, _scaled(one, product, x))
    return found


def _joined_powers(one: Product, other: Product) -> Product:
    powers = dict(one)
    for atom, power in other:
        powers[atom] = powers.get(atom, 0) + power
    return (*sorted((atom, power) for atom, power in powers.items() if power),)
