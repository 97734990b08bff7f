"""Folded: constants of a text that are the doubles of what the chain rule makes of numbers alone.

``0.1 * (0.3 * x)`` has the derivative 0.1 * 0.3; its text says 0.03.  The truth is the product of
the two doubles (known.py), which no double is, so the constant is read as that product where it is
the nearest double to it, or nearly.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from autodiff.table.primitive import REGISTRY
from verify.numbers.precise import Precise
from verify.program.literals import CONSTANTS, is_short
from verify.program.program import Program
from verify.rungs.doubles import made_of_numbers

__all__ = ["folded", "nearly"]

_ROUNDED = 8 * 2.0**-53  # that folding may have moved a constant, relatively
_UNIT, _FAR = Fraction(2) ** -53, Fraction(2) ** -48  # of one rounding; relatively, of many
_SQUARE = REGISTRY["square"].sympy
_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    REGISTRY["add"].sympy: operator.add,
    REGISTRY["sub"].sympy: operator.sub,
    REGISTRY["mul"].sympy: operator.mul,
    _SQUARE: operator.mul,
    REGISTRY["neg"].sympy: lambda x, zero: zero - x,
}
_LARGEST = 4096  # bits of what is below the line


def folded(rules: Program, own: Iterable[float], literals: Iterable[float]) -> dict[float, str]:
    """What literals of a text stand for: size of the literal -> ``sympy`` text.

    Args:
        rules: The chain rule, with its numbers exact.
        own: Numbers of the user's function; they stand for themselves.
        literals: Numbers of the text under proof.
    """
    mine = {abs(x) for x in own}
    wanted = {abs(x) for x in literals if not is_short(x)} - mine
    if not wanted:
        return {}

    def spelled(size: float) -> str:
        return repr(size) if size in mine else CONSTANTS.get(size, repr(size))

    made = made_of_numbers(rules, spelled)
    read = nearly({x: made[x] for x in sorted(wanted & made.keys())})
    return read | _sums(rules, mine, sorted(wanted - read.keys()))


class _Exact(NamedTuple):
    """A number that is made of numbers by sums and products.

    Args:
        value: What it is.
        size: The same of the sizes of its terms.
        steps: Operations; in any order these round by less than as many units of ``size``.
    """

    value: Fraction
    size: Fraction
    steps: int

    def joined(self, other: _Exact, by: Callable[[Fraction, Fraction], Fraction]) -> _Exact:
        """The sum, difference or product with another."""
        size = (operator.mul if by is operator.mul else operator.add)(self.size, other.size)
        return _Exact(by(self.value, other.value), size, self.steps + other.steps + 1)

    def may_be(self, x: Fraction) -> bool:
        """True if rounding alone may have made a double of it."""
        apart = abs(abs(self.value) - x)
        return apart <= _UNIT * self.steps * self.size and apart <= _FAR * x


_ZERO = _Exact(Fraction(0), Fraction(0), 0)


def _sums(rules: Program, mine: Set[float], wanted: Sequence[float]) -> dict[float, str]:
    """Literals that are sums of products of numbers, but for rounding, whatever the order was."""
    exact = sorted(_exactly(rules, mine), key=_size) if wanted else []
    found = {}
    for x, number in zip(wanted, map(Fraction, wanted), strict=True):
        place = bisect_left(exact, number, key=_size)
        for near in exact[max(place - 1, 0) : place + 1]:
            if near.may_be(number):
                value = abs(near.value)
                found[x] = f"Rational({value.numerator}, {value.denominator})"
    return found


def _size(made: _Exact) -> Fraction:
    return abs(made.value)


def _exactly(rules: Program, mine: Set[float]) -> Iterator[_Exact]:
    """What the chain rule makes of the function's numbers alone, by sums and products."""
    values: dict[int, _Exact] = {}
    for place, step in rules.computed():
        if isinstance(step, float):
            if isfinite(step) and (abs(step) in mine or abs(step) not in CONSTANTS):
                values[place] = _Exact(Fraction(step), abs(Fraction(step)), 0)
        elif step[0] in _ARITHMETIC and all(i in values for i in step[1]):
            one, *others = (values[i] for i in step[1])
            other = others[0] if others else one if step[0] == _SQUARE else _ZERO
            made = one.joined(other, _ARITHMETIC[step[0]])
            if made.value.denominator.bit_length() <= _LARGEST:
                values[place] = made
                yield made


def nearly(made: Mapping[float, str]) -> dict[float, str]:
    """Of numbers and what they were computed as those that rounding alone made another."""
    precise = Precise()
    return {x: text for x, text in made.items() if _is_near(precise, x, text)}


def _is_near(precise: Precise, x: float, text: str) -> bool:
    exact = precise.apply(text, ())
    return bool(precise.finite(exact) and abs(exact - precise.context.mpf(x)) <= _ROUNDED * x)
