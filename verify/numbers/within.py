"""Within: expressions where inputs are known to lie in intervals.

An input between 0 and 1 is ``p/(1 + p)`` for a positive p: roots and logarithms of its parts
simplify, and signs show.  Where ``x - 1`` is known to be above zero, ``x`` is ``1 + p``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import islice, product

import sympy

__all__ = ["Interval", "beyond", "symbol_in", "within"]

sp = sympy

_WAYS = 4  # in which inputs are replaced
# Ends that no input of the kind reaches.
Interval = tuple[float, float]


def symbol_in(place: int, interval: Interval) -> sympy.Basic:
    """The input x0, x1, ... at a place, with its sign if the interval gives it one."""
    low, high = interval
    if low >= 0.0:
        return sp.Symbol(f"x{place}", positive=True)
    return (
        sp.Symbol(f"x{place}", real=True) if high > 0.0 else sp.Symbol(f"x{place}", negative=True)
    )


def within(expression: sympy.Basic, intervals: Mapping[int, Interval]) -> object:
    """An expression of x0, x1, ... with each input by a positive number."""
    inside = {
        x: _by_positive(x, intervals[int(x.name[1:])])
        for x in expression.free_symbols
        if x.name[0] == "x" and int(x.name[1:]) in intervals
    }
    return expression.xreplace({x: y for x, y in inside.items() if x != y})


def beyond(expression: sympy.Basic, signs: Mapping[sympy.Basic, int]) -> Iterator[sympy.Basic]:
    """An expression of x0, x1, ... with inputs by positive numbers, where differences have signs.

    Args:
        expression: The expression.
        signs: Of differences; those of one input and a number other than zero are looked at.
    """
    ways: dict[sympy.Basic, list[sympy.Basic]] = {}
    for difference, sign in signs.items():
        inputs = [x for x in difference.free_symbols if x.name[0] == "x"]
        if not sign or len(inputs) != 1 or not expression.has(*inputs):
            continue
        (x,) = inputs
        slope, rest = sp.diff(difference, x), difference.xreplace({x: sp.S.Zero})
        if slope.is_Rational and slope and rest:
            p = sp.Symbol(f"p{x.name}", positive=True)
            ways.setdefault(x, []).append((sign * p - rest) / slope)
    for chosen in islice(product(*ways.values()), _WAYS) if ways else ():
        yield expression.xreplace(dict(zip(ways, chosen, strict=True)))


def _by_positive(x: sympy.Basic, interval: Interval) -> object:
    low, high = interval
    p = sp.Symbol(f"p{x.name}", positive=True)
    if (math.isinf(low) and math.isinf(high)) or (x.is_positive and interval == (0.0, math.inf)):
        return x
    if math.isinf(high):
        return sp.Rational(low) + p
    if math.isinf(low):
        return sp.Rational(high) - p
    return sp.Rational(low) + sp.Rational(high - low) * p / (1 + p)
