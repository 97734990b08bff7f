"""Exponential and complete elliptic integrals, and Lambert's function: series, fractions, means.

Each is within about 1e-14 of the true number, and so is its slope, but where a function has a zero
(``expi``) or a vertical tangent: next to it the slope of ``lambertw`` has the digits of z + 1 / e,
and that of ``ellipe`` is off by 1e-16 / (1 - m) at most.  Formulas: Digital Library of Mathematical
Functions 4.13, 6.6, 6.9.1, 6.12.2, 19.8.
"""

from __future__ import annotations

import math

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity

__all__ = ["ellipe", "ellipk", "ellipkm1", "exp1", "expi", "lambertw"]

_EULER = 0.5772156649015329
_MEANS = 14  # each doubles the digits; the first ones find the size of a number as small as 1e-160


def _powers(x: Quantity, sign: float, terms: int) -> Quantity:
    """The sum of (sign x)**k / (k k!), times sign."""
    total: Quantity = 0.0
    for k in range(terms, 0, -1):
        total = x * (1.0 / k + sign * total) / float(k)
    found: Quantity = total
    return found


def exp1(x: Quantity) -> Quantity:
    """The integral of exp(-t) / t from x to infinity, for x above 0."""
    low = x < 1.5
    left, right = ops.where(low, x, 1.0), ops.where(low, 1.5, x)
    fraction: Quantity = right + 127.0
    for k in range(63, 0, -1):
        fraction = right + (2.0 * k - 1.0) - float(k * k) / fraction
    near = (_powers(left, -1.0, 24) - _EULER) - ops.log(left)
    found: Quantity = ops.where(low, near, ops.exp(-right) / fraction)
    return found


def expi(x: Quantity) -> Quantity:
    """The integral of exp(t) / t from -infinity to x, its principal value above 0."""
    below, far = x < 0.0, x > 40.0
    large = ops.where(far, ops.where(x < 720.0, x, 720.0), 40.0)  # there it overflows
    series: Quantity = 1.0
    for k in range(40, 0, -1):
        series = 1.0 + series * (float(k) / large)
    middle = ops.where(ops.logical_or(below, far), 1.0, x)
    near = (_powers(middle, 1.0, 135) + _EULER) + ops.log(middle)
    half = ops.exp(0.5 * large)
    above = ops.where(far, half * (series / large) * half, near)
    found: Quantity = ops.where(below, -exp1(ops.where(below, -x, 1.0)), above)
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


def ellipkm1(p: Quantity) -> Quantity:
    """The complete elliptic integral of the first kind, of the parameter 1 - p."""
    inside = ops.where(ops.eq(p, 0.0), 1.0, p)
    found: Quantity = ops.where(
        ops.eq(p, 0.0), math.inf, 0.5 * math.pi / _mean(ops.sqrt(inside))[0]
    )
    return found


def ellipk(m: Quantity) -> Quantity:
    """The complete elliptic integral of the first kind, of the parameter m."""
    found: Quantity = ellipkm1(1.0 - m)
    return found


def ellipe(m: Quantity) -> Quantity:
    """The complete elliptic integral of the second kind, of the parameter m."""
    at_end = ops.eq(m, 1.0)
    inside = ops.where(at_end, 0.0, m)
    mean, total = _mean(ops.sqrt(1.0 - inside))
    whole = 0.5 * math.pi / mean * ((1.0 - 0.5 * inside) - total)
    found: Quantity = ops.where(at_end, 1.0, whole)
    return found


def lambertw(z: Quantity, k: object) -> Quantity:
    """The real w with w exp(w) = z: for k = 0 the one from -1 on, for k = -1 the one below."""
    branch = as_literal(k)
    if branch not in (0.0, -1.0):
        raise TraceError(
            f"{user_location()}: scipy.special.lambertw(k={k!r}) cannot be traced; expected the "
            "real branches, k=0 or k=-1"
        )
    is_zero = ops.eq(z, 0.0)
    x = ops.where(is_zero, -0.1, z)
    edge = ops.sqrt(2.0 * (math.e * x + 1.0))  # 0 at -1 / e
    if branch == 0.0:
        size = ops.log1p(abs(x))
        above = size * (1.0 - ops.log1p(size) / (2.0 + size))
        rest = ops.reciprocal(edge) + 1.0 / (math.e - 1.0) - math.sqrt(0.5)
        w = ops.where(x > 0.0, above, math.e * x / (1.0 + ops.reciprocal(rest)))
    else:
        size = ops.log(ops.where(x < -0.25, 0.1, -x))
        far = ops.log(-size)
        near = -1.0 - edge * (1.0 + edge * (1.0 / 3.0 + edge * (11.0 / 72.0)))
        w = ops.where(x < -0.25, near, size - far + ops.div(far, size))
    for _ in range(6):  # Newton's method for w + log(w / x)
        w = ops.div(w * (1.0 + ops.log(ops.div(x, w))), 1.0 + w)
    found: Quantity = ops.where(is_zero, z if branch == 0.0 else -math.inf, w)
    return found
