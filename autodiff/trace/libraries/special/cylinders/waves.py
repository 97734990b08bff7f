"""Bessel functions of orders that are no whole numbers, and Airy's, which are of a third.

Far from 0 both kinds are one integral along the path on which nothing turns: with the
Gudermannian ``g(s)``, ``J + iY`` is ``exp(i (x - v pi / 2)) / (i pi)`` times the integral of
``exp(-x sinh(s) tanh(s) - v (s + i g(s))) (1 + i g'(s))``, which the trapezoidal rule finds with
all digits in 45 terms, and beyond 25 Hankel's series is.  Higher orders follow by recurrence,
smaller places have the power series.  Formulas: Digital Library of Mathematical Functions 9.6,
9.7.5, 10.2.2, 10.4.6, 10.6.1, 10.9.7, 10.17.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = ["airy", "airye", "jv_of_real_order", "yv_of_real_order"]

_STEP, _NODES = 0.09, 44
_NEAR, _FAR = 2.0, 25.0
_FAR_TERMS = 26
_MOST = 30.0
_WHOLE = 3e-4  # an order as near to a whole one: its two kinds are too alike below 2


class _Pair(NamedTuple):
    """The first and the second kind, or a complex number."""

    first: Quantity
    second: Quantity


# --- far from 0 ---------------------------------------------------------------------------------


def _along_the_path(order: float, x: Quantity) -> _Pair:
    """J + iY times exp(-i (x - order pi / 2)), for x from 2 to 25."""
    real: Quantity = 0.0
    imaginary: Quantity = 0.0
    for k in range(_NODES, 0, -1):
        s = _STEP * k
        turn, slope = order * math.atan(math.sinh(s)), 1.0 / math.cosh(s)
        decay = ops.exp(x * -(math.sinh(s) * math.tanh(s)))
        # The terms at s and -s together, before the factor 1 + i slope.
        a = 2.0 * math.cosh(order * s) * math.cos(turn)
        b = 2.0 * math.sinh(order * s) * math.sin(turn)
        real = real + decay * (a - b * slope)
        imaginary = imaginary + decay * (b + a * slope)
    scale = _STEP / math.pi
    return _Pair((imaginary + 1.0) * scale, (real + 1.0) * -scale)


def _coefficients(order: float) -> list[float]:
    """Of Hankel's series."""
    made = [1.0]
    for k in range(1, _FAR_TERMS):
        made.append(made[-1] * (4.0 * order * order - (2.0 * k - 1.0) ** 2) / (8.0 * k))
    return made


def _beyond(order: float, x: Quantity) -> _Pair:
    """The same for x from 25 on."""
    even: Quantity = 0.0
    odd: Quantity = 0.0
    square = x * x
    made = _coefficients(order)
    for k in range(_FAR_TERMS - 2, -1, -2):
        even, odd = made[k] - even / square, made[k + 1] - odd / square
    scale = ops.sqrt(1.0 / (math.pi * x))
    odd = odd / x
    return _Pair(scale * (even + odd), scale * (odd - even))


def _wave(order: float, x: Quantity) -> _Pair:
    """Both kinds, of an order from 0 to 2, for x from 2 on."""
    far = x > _FAR
    near, beyond = (
        _along_the_path(order, ops.where(far, _FAR, x)),
        _beyond(order, ops.where(far, x, _FAR)),
    )
    a, b = (ops.where(far, there, here) for there, here in zip(beyond, near, strict=True))
    cos, sin = _turned(x, order)
    return _Pair(a * cos - b * sin, a * sin + b * cos)


def _turned(x: Quantity, order: float) -> tuple[Quantity, Quantity]:
    """Cosine and sine of x - order pi / 2."""
    cos, sin = _of_half_turns(0.5 * order)
    return ops.cos(x) * cos + ops.sin(x) * sin, ops.sin(x) * cos - ops.cos(x) * sin


def _of_half_turns(order: float) -> tuple[float, float]:
    """Cosine and sine of order times pi, which are 0 exactly where they are."""
    quarters = round(2.0 * order)
    rest = math.pi * (order - 0.5 * quarters)
    cos, sin = math.cos(rest), math.sin(rest)
    return ((cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos))[quarters % 4]


# --- of any order -------------------------------------------------------------------------------


def _series(order: float, x: Quantity, terms: int) -> Quantity:
    """The first kind next to 0, of negative orders too."""
    quarter = 0.25 * (x * x)
    total: Quantity = 1.0
    for k in range(terms, 0, -1):
        total = 1.0 - total * quarter / (k * (k + order))
    found: Quantity = ops.pow(0.5 * x, order) * total / math.gamma(order + 1.0)
    return found


def _both(order: float, x: Quantity) -> tuple[_Pair, _Pair]:
    """Both kinds of an order that is not negative, and of minus it, for x from 0 on."""
    whole = math.floor(order)
    part = order - whole
    right = ops.where(x < _NEAR, _NEAR, x)
    here = _wave(part, right)
    above = _wave(part + 1.0, right) if whole else here
    for k in range(1, whole):
        factor = 2.0 * (part + k) / right
        here, above = above, _Pair(*(factor * a - b for a, b in zip(above, here, strict=True)))
    cos, sin = _of_half_turns(order)
    border = max(_NEAR, float(whole))  # up to here recurrence keeps no digits of the first kind
    left, low = ops.where(x < border, x, 1.0), ops.where(x < _NEAR, x, 1.0)
    first = _series(order, left, 20 + whole)
    mirrored = _series(-order, low, 20 + whole)
    second = (cos * ops.where(x < _NEAR, first, 0.0) - mirrored) / sin
    both = _Pair(
        ops.where(x < border, first, above.first), ops.where(x < _NEAR, second, above.second)
    )
    other = _Pair(
        ops.where(x < _NEAR, mirrored, cos * both.first - sin * both.second),
        sin * both.first + cos * both.second,
    )
    return both, other


def _of_order(name: str, which: int) -> Callable[[object, Quantity], Quantity]:
    @approximated
    def function(order: object, x: Quantity) -> Quantity:
        v = as_literal(order)
        if v is None or not _WHOLE <= abs(v) <= _MOST or abs(v - round(v)) < _WHOLE:
            shown = "a traced number" if v is None else f"{v:g}"
            raise TraceError(
                f"{user_location()}: scipy.special.{name} of the order {shown} cannot be traced; "
                f"expected a number that is no traced one: a whole number, or one up to {_MOST:g} "
                f"that is {_WHOLE:g} away from any. autodiff.custom registers others, with the "
                f"derivative ({name}(v - 1, x) - {name}(v + 1, x)) / 2"
            )
        pair = _both(abs(v), ops.where(x < 0.0, 1.0, x))[v < 0.0]
        return where_served(ops.ge(x, 0.0), pair[which])

    return function


jv_of_real_order = _of_order("jv", 0)
yv_of_real_order = _of_order("yv", 1)


# --- Airy's -------------------------------------------------------------------------------------

_AT_ZERO = 1.0 / (3.0 ** (2.0 / 3.0) * math.gamma(2.0 / 3.0))
_SLOPE_AT_ZERO = 1.0 / (3.0 ** (1.0 / 3.0) * math.gamma(1.0 / 3.0))
_THIRD, _ROOT_3 = 1.0 / 3.0, math.sqrt(3.0)
_LOW, _MIDDLE, _HIGH = -2.1, 1.0, 10.0
_NOTHING, _INFINITE = 110.0, 104.26  # beyond the one two of the four are 0, the other two infinite
_RISING, _DECAYING = 45, 50  # terms of what grows, nodes of what decays


def _powers(x: Quantity, terms: int) -> tuple[_Pair, _Pair]:
    """The two solutions next to 0, and their slopes."""
    cube = x * x * x
    one: Quantity = 1.0
    other: Quantity = 1.0
    of_one: Quantity = 1.0
    of_other: Quantity = 1.0
    for k in range(3 * terms, 0, -3):
        one = 1.0 + one * cube / float(k * (k - 1))
        other = 1.0 + other * cube / float(k * (k + 1))
        of_one = 1.0 + of_one * cube / float(k * (k + 2))
        of_other = 1.0 + of_other * cube / float(k * (k - 2))
    slopes = _Pair(0.5 * (x * x) * of_one, of_other)
    return _Pair(one, x * other), slopes


def _decaying(zeta: Quantity, order: float) -> Quantity:
    """exp(zeta) times the modified function of the second kind, for zeta from 2 / 3 on."""
    far = zeta > _FAR
    right, left = ops.where(far, zeta, _FAR), ops.where(far, _FAR, zeta)
    total: Quantity = 0.5
    for k in range(_DECAYING, 0, -1):
        s = 0.1 * k
        total = total + math.cosh(order * s) * ops.exp(left * -(2.0 * math.sinh(0.5 * s) ** 2))
    beyond: Quantity = 0.0
    for coefficient in reversed(_coefficients(order)):
        beyond = beyond / right + coefficient
    found: Quantity = ops.where(far, ops.sqrt(0.5 * math.pi / right) * beyond, 0.1 * total)
    return found


def _growing(zeta: Quantity, order: float) -> Quantity:
    """sqrt(2 pi zeta) exp(-zeta) times the modified function of the first kind, far from 0."""
    total: Quantity = 0.0
    for k, coefficient in reversed(list(enumerate(_coefficients(order)))):
        total = total / zeta + (-1.0) ** k * coefficient
    return total


def _airy_parts(x: Quantity) -> tuple[list[Quantity], Quantity]:
    """The four functions, scaled where x is above 10, 1 and 10; and the exponent there."""
    low, middle, high = x < _LOW, x > _MIDDLE, x > _HIGH
    inside = ops.where(ops.logical_or(low, high), 1.0, x)
    values, slopes = _powers(inside, _RISING)
    made = [
        _AT_ZERO * values.first - _SLOPE_AT_ZERO * values.second,
        _AT_ZERO * slopes.first - _SLOPE_AT_ZERO * slopes.second,
        _ROOT_3 * (_AT_ZERO * values.first + _SLOPE_AT_ZERO * values.second),
        _ROOT_3 * (_AT_ZERO * slopes.first + _SLOPE_AT_ZERO * slopes.second),
    ]
    size = ops.where(low, -x, -_LOW)
    zeta = size * ops.sqrt(size) * (2.0 / 3.0)
    third, thirds = _wave(_THIRD, zeta), _wave(2.0 * _THIRD, zeta)
    root = ops.sqrt(size * _THIRD)
    turned = [
        root * (0.5 * _ROOT_3 * third.first - 0.5 * third.second),
        size * (0.5 * thirds.first + 0.5 * _THIRD * _ROOT_3 * thirds.second),
        -root * (0.5 * third.first + 0.5 * _ROOT_3 * third.second),
        size * (0.5 * _THIRD * _ROOT_3 * thirds.first - 0.5 * thirds.second),
    ]
    right = ops.where(middle, x, _MIDDLE)
    exponent = right * ops.sqrt(right) * (2.0 / 3.0)
    above = [
        ops.sqrt(right * _THIRD) * _decaying(exponent, _THIRD) / math.pi,
        -right * _decaying(exponent, 2.0 * _THIRD) / (math.pi * _ROOT_3),
    ]
    beyond = ops.where(high, x, _HIGH)
    far = beyond * ops.sqrt(beyond) * (2.0 / 3.0)
    quarter = ops.sqrt(ops.sqrt(beyond))
    scale = 1.0 / math.sqrt(math.pi)
    over = [
        scale / quarter * _growing(far, _THIRD), scale * quarter * _growing(far, 2.0 * _THIRD)
    ]  # fmt: skip
    found = [ops.where(low, there, here) for there, here in zip(turned, made, strict=True)]
    scaled = [
        *(ops.where(middle, a, b) for a, b in zip(above, found[:2], strict=True)),
        *(ops.where(high, a, b) for a, b in zip(over, found[2:], strict=True)),
    ]
    return scaled, ops.where(middle, exponent, 0.0)


@approximated
def airy(x: Quantity) -> tuple[Quantity, ...]:
    """Ai, its slope, Bi, and its slope."""
    nothing, infinite = x > _NOTHING, x > _INFINITE
    scaled, exponent = _airy_parts(ops.where(nothing, 0.0, x))
    half = ops.exp(0.5 * ops.where(ops.logical_and(x > _HIGH, x <= _INFINITE), exponent, 0.0))
    decay = ops.exp(-exponent)
    rising = ops.exp(10.0 * ops.where(infinite, x, 0.0))  # its slope is infinite, too
    return (
        *(ops.where(nothing, 0.0, one * decay) for one in scaled[:2]),
        *(ops.where(infinite, rising, one * half * half) for one in scaled[2:]),
    )


@approximated
def airye(x: Quantity) -> tuple[Quantity, ...]:
    """The same times exp(zeta), exp(zeta), exp(-abs(zeta)) and so on; the first are nan below 0."""
    scaled, exponent = _airy_parts(x)
    inside = ops.logical_and(x >= 0.0, x <= _MIDDLE)
    small = ops.where(inside, x, 0.0)
    left = small * ops.sqrt(small) * (2.0 / 3.0)
    rising, falling = ops.exp(left), ops.exp(-left)
    middle = ops.logical_and(x > _MIDDLE, x <= _HIGH)
    falling = ops.where(middle, ops.exp(-ops.where(middle, exponent, 0.0)), falling)
    served = ops.ge(x, 0.0)
    return (
        *(where_served(served, one * rising) for one in scaled[:2]),
        *(one * falling for one in scaled[2:]),
    )
