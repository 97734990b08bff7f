"""Exponential and complete elliptic integrals, and Lambert's function: series, fractions, means.

Each is within about 1e-14 of the true number, and so is its slope, but where a function has a zero
(``expi``) or a vertical tangent: next to it the slope of ``ellipe`` is off by 1e-16 / (1 - m) at
most.  Where they end or overflow their slopes are the limits: infinite ones, and not the zeros of a
branch that is one number.  Formulas: Digital Library of Mathematical Functions 4.13, 6.6, 6.9.1,
6.12.2, 19.8.
"""

from __future__ import annotations

import math

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.incomplete import where_served
from autodiff.trace.libraries.special.whole_orders import whole_order

__all__ = ["ellipe", "ellipk", "ellipkm1", "exp1", "expi", "expn", "lambertw", "wrightomega"]

_EULER = 0.5772156649015329
_MOST_ORDER = 100.0
_LARGEST = 716.3554905424518  # beyond it expi overflows
_EXP_20 = math.exp(20.0)
# 1 / e in two parts, and the series of lambertw in the root of 2 (1 + e z) (DLMF 4.13.6).
_BRANCH = 0.36787944117144233, -1.2428753672788363e-17
_AT_BRANCH = (
    1.0, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 0.01563563253233392,
    -0.009616892024299432, 0.006014543252956118, -0.0038112980348919993, 0.0024408779911439826,
    -0.0015769303446867841, 0.0010262633205076071, -0.0006720616311561362, 0.0004424730618146209,
    -0.00029267722472962746, 0.00019438727605453933,
)  # fmt: skip
_MEANS = 14  # each doubles the digits; the first ones find the size of a number as small as 1e-160


def _powers(x: Quantity, sign: float, terms: int) -> Quantity:
    """The sum of (sign x)**k / (k k!), times sign."""
    total: Quantity = 0.0
    for k in range(terms, 0, -1):
        total = x * (1.0 / k + sign * total) / float(k)
    found: Quantity = total
    return found


@approximated
def exp1(x: Quantity) -> Quantity:
    """The integral of exp(-t) / t from x to infinity, for x above 0."""
    low = x < 1.5
    left, right = ops.where(low, x, 1.0), ops.where(low, 1.5, x)
    fraction: Quantity = right + 127.0
    for k in range(63, 0, -1):
        fraction = right + (2.0 * k - 1.0) - float(k * k) / fraction
    near = (_powers(left, -1.0, 24) - _EULER) - ops.log(left)
    return where_served(ops.ge(x, 0.0), ops.where(low, near, ops.exp(-right) / fraction))


@approximated
def expn(order: object, x: Quantity) -> Quantity:
    """The integral of exp(-x * t) / t**order from 1 to infinity, for x from 0 on."""
    n = whole_order("expn", order, _MOST_ORDER)
    if n == 0:
        return ops.exp(-x) / x
    if n == 1:
        return exp1(x)
    low = x < 1.5
    left, right = ops.where(low, x, 1.0), ops.where(low, 1.5, x)
    decay = ops.exp(-left)
    # x times the integral of order 1, which is 0 at 0 with a vertical tangent, and upwards.
    times = left * (_powers(left, -1.0, 24) - _EULER) - ops.xlogy(left, left)
    near: Quantity = decay - times
    for k in range(2, n):
        near = (decay - left * near) / float(k)
    fraction: Quantity = right + (n + 126.0)
    for k in range(63, 0, -1):
        fraction = right + (n + 2.0 * k - 2.0) - k * (n + k - 1.0) / fraction
    return where_served(ops.ge(x, 0.0), ops.where(low, near, ops.exp(-right) / fraction))


@approximated
def expi(x: Quantity) -> Quantity:
    """The integral of exp(t) / t from -infinity to x, its principal value above 0."""
    below, far = x < 0.0, x > 40.0
    over = x > _LARGEST
    large = ops.where(ops.logical_and(far, ops.logical_not(over)), x, 40.0)
    series: Quantity = 1.0
    for k in range(40, 0, -1):
        series = 1.0 + series * (float(k) / large)
    middle = ops.where(ops.logical_or(below, far), 1.0, x)
    near = (_powers(middle, 1.0, 135) + _EULER) + ops.log(middle)
    above = ops.where(far, ops.exp(large - 20.0) / large * series * _EXP_20, near)
    finite = ops.where(below, -exp1(ops.where(below, -x, 1.0)), above)
    found: Quantity = ops.where(over, x * math.inf, finite)
    return found


def _mean(b: Quantity) -> tuple[Quantity, Quantity]:
    """The arithmetic-geometric mean of 1 and b, and the sum of 2**(n - 1) c_n**2, n = 1, 2, ..."""
    a: Quantity = 1.0
    total: Quantity = 0.0
    for n in range(_MEANS):
        half = 0.5 * (a - b)
        total = total + 2.0**n * (half * half)
        a, b = 0.5 * (a + b), ops.sqrt(a) * ops.sqrt(b)
    return a, total


@approximated
def ellipkm1(p: Quantity) -> Quantity:
    """The complete elliptic integral of the first kind, of the parameter 1 - p."""
    inside = ops.where(ops.eq(p, 0.0), 1.0, p)
    found: Quantity = ops.where(
        ops.eq(p, 0.0), -ops.log(p), 0.5 * math.pi / _mean(ops.sqrt(inside))[0]
    )
    return found


@approximated
def ellipk(m: Quantity) -> Quantity:
    """The complete elliptic integral of the first kind, of the parameter m."""
    found: Quantity = ellipkm1(1.0 - m)
    return found


@approximated
def ellipe(m: Quantity) -> Quantity:
    """The complete elliptic integral of the second kind, of the parameter m."""
    at_end = ops.eq(m, 1.0)
    inside = ops.where(at_end, 0.0, m)
    mean, total = _mean(ops.sqrt(1.0 - inside))
    whole = 0.5 * math.pi / mean * ((1.0 - 0.5 * inside) - total)
    found: Quantity = ops.where(at_end, 1.0 - 0.25 * ops.xlogy(1.0 - m, 1.0 - m), whole)
    return found


@approximated
def lambertw(z: Quantity, k: object) -> Quantity:
    """The real w with w exp(w) = z: for k = 0 the one from -1 on, for k = -1 the one below."""
    branch = as_literal(k)
    if branch not in (0.0, -1.0):
        raise TraceError(
            f"{user_location()}: scipy.special.lambertw(k={k!r}) cannot be traced; expected the "
            "real branches, k=0 or k=-1"
        )
    is_zero, is_infinite = ops.eq(z, 0.0), ops.eq(z, math.inf)
    x = ops.where(ops.logical_or(is_zero, is_infinite), -0.1, z)
    edge = ops.sqrt(2.0 * math.e * ((x + _BRANCH[0]) + _BRANCH[1]))  # 0 at -1 / e
    near = edge < 0.15
    root = edge if branch == 0.0 else -edge
    series: Quantity = 0.0
    for coefficient in reversed(_AT_BRANCH):
        series = series * root + coefficient
    x = ops.where(near, -0.2, x)
    if branch == 0.0:
        size = ops.log1p(abs(x))
        above = size * (1.0 - ops.log1p(size) / (2.0 + size))
        apart = ops.sqrt(2.0 * (math.e * x + 1.0))
        rest = ops.reciprocal(apart) + 1.0 / (math.e - 1.0) - math.sqrt(0.5)
        w = ops.where(x > 0.0, above, math.e * x / (1.0 + ops.reciprocal(rest)))
    else:
        size = ops.log(ops.where(x < -0.25, 0.1, -x))
        far = ops.log(-size)
        apart = ops.sqrt(2.0 * (math.e * x + 1.0))
        middle = -1.0 - apart * (1.0 + apart * (1.0 / 3.0 + apart * (11.0 / 72.0)))
        w = ops.where(x < -0.25, middle, size - far + ops.div(far, size))
    for _ in range(6):  # Newton's method for w + log(w / x)
        # Next to 0 the lower branch is large: its quotient would underflow.
        log = ops.log(ops.div(x, w)) if branch == 0.0 else ops.log(-x) - ops.log(-w)
        w = ops.div(w * (1.0 + log), 1.0 + w)
    found: Quantity = ops.where(near, root * series - 1.0, w)
    at_zero = (1.0 + z) * -math.inf
    if branch == 0.0:  # its power series
        at_zero = z * (1.0 - z * (1.0 - z * (1.5 - z * (8.0 / 3.0))))
    whole: Quantity = ops.where(is_zero, at_zero, ops.where(is_infinite, ops.log(z), found))
    return whole


@approximated
def wrightomega(x: Quantity) -> Quantity:
    """The w with w + log(w) = x: ``lambertw`` of exp(x), also where that overflows."""
    high = x > 1.0
    w: Quantity = ops.where(high, x, 2.0)
    right = w
    w = w - ops.log(w) * (w / (1.0 + w))
    for _ in range(5):
        w = w * ((1.0 + right) - ops.log(w)) / (1.0 + w)
    found: Quantity = ops.where(high, w, lambertw(ops.exp(ops.where(high, 1.0, x)), 0.0))
    return found
