"""Modified Bessel functions of any real order, and the scaled ones.

``K`` is the integral of ``exp(-x cosh(t)) cosh(n t)``: the trapezoidal rule finds it with all
digits in a few dozen terms of one sign, and its slope by the order as well.  ``I`` is its power
series, of terms of one sign too, and beyond the asymptotic one.  Formulas: Digital Library of
Mathematical Functions 10.25.2, 10.27.4, 10.32.9, 10.40.1.
"""

from __future__ import annotations

import math

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.gammas import rgamma
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = ["iv_of_any_order", "ive", "kv_of_any_order", "kve"]

_LONGEST = 27.0  # of t, at the smallest x
_TINY = 1e-8  # below it the two leading terms are all there is
_LARGE = 8.0  # from here on t is taken in units of a width
_MOST = 30.0  # of an order that is no whole number
_MOST_OF_I = 100.0
_NEAR = 400.0  # up to here alone those beyond 30 are known
_MOST_TRACED = 10.0
_FAR_TERMS = 24


@approximated
def kve(order: Quantity, x: Quantity) -> Quantity:
    """exp(x) times the modified Bessel function of the second kind, for x from 0 on."""
    size = as_literal(order)
    most = _MOST_TRACED if size is None else _MOST
    # What the rule is off by falls as exp(-2 pi**2 / step**2 / order).
    step = 0.2 if size is None else min(0.2, 0.6 / math.sqrt(max(abs(size), 1.0)))
    tiny, large = x < _TINY, x > _LARGE
    inside = ops.where(ops.logical_or(tiny, large), 1.0, x)
    near: Quantity = 0.0
    for k in range(int(_LONGEST / step), 0, -1):
        t = step * k
        near = near + ops.cosh(order * t) * ops.exp(inside * (-2.0 * math.sinh(0.5 * t) ** 2))
    right = ops.where(large, x, _LARGE)
    width = ops.sqrt(_LARGE / right)
    far: Quantity = 0.0
    for k in range(int(6.0 / step), 0, -1):
        wide = ops.mul(width, step * k)
        off = right * ops.square(ops.sinh(0.5 * wide))
        far = far + ops.cosh(order * wide) * ops.exp(-2.0 * off)
    zero = _at_zero(order, ops.where(tiny, x, _TINY)) * ops.exp(ops.where(tiny, x, 0.0))
    found = ops.where(large, step * width * (0.5 + far), step * (0.5 + near))
    served = ops.logical_and(x >= 0.0, abs(order) <= most)
    return where_served(served, ops.where(tiny, zero, found))


def kv_of_any_order(order: Quantity, x: Quantity) -> Quantity:
    """The modified Bessel function of the second kind."""
    found: Quantity = kve(order, x) * ops.exp(-x)
    return found


def _at_zero(order: Quantity, x: Quantity) -> Quantity:
    """The leading terms at 0: of two powers, or of a logarithm for the order 0."""
    size = abs(order)
    is_zero = ops.eq(size, 0.0)
    power, half = ops.where(is_zero, 0.5, size), 0.5 * x
    growing = 0.5 * ops.gamma(power) * ops.pow(half, -power)
    other = ops.where(ops.eq(ops.floor(power), power), 0.5, power)
    falling = 0.5 * ops.gamma(-other) * ops.pow(half, other)
    both = growing + ops.where(ops.eq(other, power), falling, 0.0)
    found: Quantity = ops.where(is_zero, -ops.log(half) - 0.5772156649015329, both)
    return found


@approximated
def ive(order: Quantity, x: Quantity) -> Quantity:
    """exp(-abs(x)) times the modified Bessel function of the first kind."""
    size = as_literal(order)
    if size is not None and size % 1.0 == 0.0:
        found = _ive(abs(size), abs(x))
        even: Quantity = found if size % 2.0 == 0.0 else ops.where(x < 0.0, -found, found)
        return even
    if size is None or not 0.0 <= size <= _MOST_OF_I:
        raise TraceError(
            f"{user_location()}: scipy.special.iv of the order {order!r} cannot be traced; "
            f"expected a number from 0 to {_MOST_OF_I:g} that is no traced value"
        )
    return where_served(ops.ge(x, 0.0), _ive(size, x))


def _ive(size: float, x: Quantity) -> Quantity:
    border = max(30.0, size * size) if size <= _MOST else _NEAR
    near = x < border
    left, right = ops.where(near, x, border), ops.where(near, border, x)
    quarter = 0.25 * (left * left)
    total: Quantity = 1.0
    for k in range(int(1.4 * border + 30.0), 0, -1):
        total = 1.0 + total * (quarter / (k * (k + size)))
    below = ops.pow(0.5 * left, size) * rgamma(size + 1.0) * ops.exp(-left) * total
    far: Quantity = 1.0
    for k in range(_FAR_TERMS, 0, -1):
        far = 1.0 - far * ((4.0 * size * size - (2.0 * k - 1.0) ** 2) / (8.0 * k)) / right
    above = far / ops.sqrt(2.0 * math.pi * right)
    found: Quantity = ops.where(near, below, above if size <= _MOST else math.nan)
    return found


def iv_of_any_order(order: Quantity, x: Quantity) -> Quantity:
    """The modified Bessel function of the first kind, for x from 0 on."""
    half = ops.exp(0.5 * x)
    found: Quantity = ive(order, x) * half * half
    return found
