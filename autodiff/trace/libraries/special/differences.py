"""Functions of SciPy's that are small differences, in forms that keep their digits.

``expm1(x) / x`` is 1 at 0 whatever is done, but its second slope is lost there, ``x * log(x / y)``
loses the digits of what x and y differ by, ``delta**2 * (sqrt(1 + (r / delta)**2) - 1)`` all of
them for a small r.  Here slopes of any order are as good as values: near a place where terms cancel
stands a polynomial, or a row that is the rest of a series.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated

__all__ = [
    "boxcox",
    "exprel",
    "inv_boxcox",
    "kl_div",
    "log_inv_boxcox",
    "logit",
    "polynomial",
    "pseudo_huber",
    "rel_entr",
]

_EXPREL = [1.0 / math.factorial(k + 1) for k in range(19)]
_LOG1PREL = [(-1.0) ** k / (k + 1) for k in range(8)]


@approximated
def polynomial(coefficients: Sequence[float], x: Quantity) -> Quantity:
    """The sum of coefficients times powers of x, from the power 0 on."""
    total: Quantity = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = coefficient + x * total
    return total


def exprel(x: Quantity) -> Quantity:
    """(exp(x) - 1) / x, and 1 at 0."""
    near, large, beyond_all = abs(x) < 1.0, x > 700.0, x > 716.3
    inside = ops.where(ops.logical_or(near, large), 1.0, x)
    far = ops.where(ops.logical_and(large, ops.logical_not(beyond_all)), x, 700.0)
    half = ops.exp(0.5 * far)
    beyond = ops.where(large, ops.div(half, far) * half, ops.div(ops.expm1(inside), inside))
    # Infinite, and so is its slope: no difference of infinities.
    beyond = ops.where(beyond_all, ops.exp(ops.where(beyond_all, x, 0.0)), beyond)
    found: Quantity = ops.where(near, polynomial(_EXPREL, ops.where(near, x, 0.0)), beyond)
    return found


def _log1prel(x: Quantity) -> Quantity:
    """log(1 + x) / x, and 1 at 0."""
    near = abs(x) < 0.01
    inside = ops.where(near, 1.0, x)
    small = abs(inside) < 1.0
    middle = ops.where(small, inside, 1.0)
    rest = 1.0 - 0.5 * middle + ops.div(ops.log1p_rest_2(middle), middle)
    beyond = ops.where(small, rest, ops.div(ops.log1p(inside), inside))
    found: Quantity = ops.where(near, polynomial(_LOG1PREL, ops.where(near, x, 0.0)), beyond)
    return found


def boxcox(log_x: Quantity, p: Quantity) -> Quantity:
    """(x**p - 1) / p of a logarithm of x, and that logarithm where p is 0."""
    power = p * log_x
    near = abs(power) < 1.0
    small, size = ops.where(near, power, 0.0), ops.where(near, 1.0, p)
    beyond = ops.div(ops.expm1(ops.where(near, 1.0, power)), size)  # its slope keeps x**p
    found: Quantity = ops.where(near, log_x * polynomial(_EXPREL, small), beyond)
    return found


def log_inv_boxcox(y: Quantity, p: Quantity) -> Quantity:
    """The logarithm that ``boxcox`` takes to y."""
    return y * _log1prel(p * y)


def inv_boxcox(y: Quantity, p: Quantity) -> Quantity:
    """What ``boxcox`` takes to y."""
    found: Quantity = ops.exp(log_inv_boxcox(y, p))
    return found


def logit(p: Quantity) -> Quantity:
    """log(p / (1 - p))."""
    near = ops.logical_and(p >= 0.25, p <= 1.0)  # there 2 p - 1 is exact
    inside, outside = ops.where(near, p, 0.5), ops.where(near, 0.1, p)
    tails = ops.log(outside) - ops.log1p(-outside)
    found: Quantity = ops.where(near, 2.0 * ops.atanh(2.0 * inside - 1.0), tails)
    return found


def pseudo_huber(delta: Quantity, r: Quantity) -> Quantity:
    """delta**2 * (sqrt(1 + (r / delta)**2) - 1)."""
    near, gone = abs(r) <= abs(delta), ops.eq(delta, 0.0)
    size, small = ops.where(gone, 1.0, delta), ops.where(near, r, 0.0)
    below = small * ops.div(small, 1.0 + ops.hypot(1.0, ops.div(small, size)))
    above = delta * (ops.hypot(ops.where(near, 0.0, delta), ops.where(near, 1.0, r)) - delta)
    found: Quantity = ops.where(delta < 0.0, math.inf, ops.where(near, below, above))
    return found


def rel_entr(x: Quantity, y: Quantity) -> Quantity:
    """x log(x / y), 0 where x is 0, and infinite beyond."""
    inside = _both_positive(x, y)
    left, right = ops.where(inside, x, 1.0), ops.where(inside, y, 1.0)
    return _or_edge(inside, x, y, left * _log_ratio(left, right), 0.0)


def kl_div(x: Quantity, y: Quantity) -> Quantity:
    """x log(x / y) - x + y, y where x is 0, and infinite beyond."""
    inside = _both_positive(x, y)
    left, right = ops.where(inside, x, 1.0), ops.where(inside, y, 1.0)
    near = _alike(left, right)
    off = ops.where(near, ops.div(left - right, right), 0.0)
    # (1 + off) log(1 + off) - off
    lost = off * ops.log1p(off) - 0.5 * ops.square(off) + ops.log1p_rest_2(off)
    apart = left * _log_ratio(left, right) - left + right
    return _or_edge(inside, x, y, ops.where(near, right * lost, apart), y)


def _both_positive(x: Quantity, y: Quantity) -> Quantity:
    found: Quantity = ops.logical_and(ops.gt(x, 0.0), ops.gt(y, 0.0))
    return found


def _or_edge(
    inside: Quantity, x: Quantity, y: Quantity, value: Quantity, at_zero: Quantity
) -> Quantity:
    edge = ops.where(ops.logical_and(ops.eq(x, 0.0), ops.ge(y, 0.0)), at_zero, math.inf)
    unknown = ops.logical_or(ops.ne(x, x), ops.ne(y, y))
    found: Quantity = ops.where(inside, value, ops.where(unknown, x + y, edge))
    return found


def _alike(x: Quantity, y: Quantity) -> Quantity:
    """True where the difference is exact, and small enough for a logarithm of 1 and more."""
    ratio = ops.div(x, y)
    found: Quantity = ops.logical_and(ratio > 0.5, ratio < 2.0)
    return found


def _log_ratio(x: Quantity, y: Quantity) -> Quantity:
    """log(x / y) of positive numbers, of those alike by their difference."""
    near, ratio = _alike(x, y), ops.div(x, y)
    off = ops.where(near, ops.div(x - y, y), 0.0)
    served = ops.logical_and(ratio > 1e-300, ratio < 1e300)
    apart = ops.log(ops.where(served, ratio, 1.0))
    far = ops.log(x) - ops.log(y)
    found: Quantity = ops.where(near, ops.log1p(off), ops.where(served, apart, far))
    return found
