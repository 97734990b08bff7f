"""Folded: constants of a text that are the doubles of what the chain rule makes of numbers alone.

``0.1 * (0.3 * x)`` has the derivative 0.1 * 0.3; its text says 0.03.  The truth is the product of
the two doubles (known.py), which no double is, so the constant is read as that product where it is
the nearest double to it, or nearly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

from verify.numbers.precise import Precise
from verify.program.literals import CONSTANTS, is_short
from verify.program.program import Program
from verify.rungs.constants.coefficients import Exact, coefficients
from verify.rungs.doubles import made_of_numbers

__all__ = ["folded", "nearly"]

_ROUNDED = 8 * 2.0**-53  # that folding may have moved a constant, relatively
_BESIDE = 2  # how many on either side are looked at


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


def _sums(rules: Program, mine: Set[float], wanted: Sequence[float]) -> dict[float, str]:
    """Literals that are coefficients of the chain rule, or ratios of two, but for rounding."""
    exact = sorted(coefficients(rules, mine), key=_size) if wanted else []
    found = {}
    for x, number in zip(wanted, map(Fraction, wanted), strict=True):
        place = bisect_left(exact, number, key=_size)
        for near in exact[max(place - _BESIDE, 0) : place + _BESIDE]:
            if near.may_be(number):
                value = abs(near.value)
                found[x] = f"Rational({value.numerator}, {value.denominator})"
                break
    return found


def _size(made: Exact) -> Fraction:
    return abs(made.value)


def nearly(made: Mapping[float, str]) -> dict[float, str]:
    """Of numbers and what they were computed as those that rounding alone made another."""
    precise = Precise()
    return {x: text for x, text in made.items() if _is_near(precise, x, text)}


def _is_near(precise: Precise, x: float, text: str) -> bool:
    exact = precise.apply(text, ())
    return bool(precise.finite(exact) and abs(exact - precise.context.mpf(x)) <= _ROUNDED * x)
