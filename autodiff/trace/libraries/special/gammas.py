"""Quotients of gamma functions, with their signs and digits: large ones do not cancel.

``lgamma(a) - lgamma(a + b)`` has no digit left where a is 1e15; what is left of Stirling's series
by the two is a small number itself (Didonato and Morris, ACM Algorithm 708).  The reciprocal is a
function without a hole: it is zero where the gamma function has none, with a slope.
"""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.differences import polynomial

__all__ = ["beta", "betaln", "binom", "gammasgn", "poch", "rgamma"]

# Of Stirling's series (DLMF 5.11.1), the last first.
_STIRLING = (
    1.0 / 156.0, -691.0 / 360360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0,
    1.0 / 12.0,
)  # fmt: skip
_LARGE = 10.0  # from here on the series has all digits
_SMALL = 140.0  # up to here gamma functions do not overflow
_SQUARED = 90.0  # up to here the squares of their reciprocals, which slopes have, are no zeros
_MOST_FACTORS = 30.0


def rgamma(x: Quantity) -> Quantity:
    """1 / gamma(x), with its zeros at 0, -1, -2, ..."""
    low, high, below_all = x < 0.5, x > _SQUARED, x < -170.5
    left = ops.where(low, x, 0.25)
    middle = ops.where(ops.logical_or(low, high), 1.0, x)
    nearest = ops.rint(left)
    off = left - nearest
    sign = ops.where(ops.eq(ops.mod(nearest, 2.0), 0.0), 1.0, -1.0)
    wave = ops.mul(ops.where(below_all, 0.25, off), ops.sinc(ops.where(below_all, 0.25, off)))
    reflected = ops.mul(sign, ops.mul(wave, ops.gamma(ops.where(below_all, 1.0, 1.0 - left))))
    # The gamma function overflows: twice its root does where the product does, and 0 stays 0.
    size = ops.exp(0.5 * ops.lgamma(ops.where(below_all, ops.minimum(1.0 - left, 300.0), 171.5)))
    turned = ops.sin(math.pi * ops.where(below_all, off, 0.25)) / math.pi
    far = ops.mul(ops.mul(sign, ops.mul(turned, size)), size)
    reflected = ops.where(below_all, far, reflected)
    tail = ops.exp(-ops.lgamma(ops.where(high, x, _SQUARED)))
    above = ops.where(high, tail, ops.reciprocal(ops.gamma(middle)))
    found: Quantity = ops.where(low, reflected, above)
    return found


def _stirling_rest(x: Quantity) -> Quantity:
    """What lgamma(x) is more than Stirling's terms, for x from 10 on."""
    square = ops.mul(x, x)
    found: Quantity = ops.div(polynomial(_STIRLING[::-1], ops.reciprocal(square)), x)
    return found


def _log_ratio(a: Quantity, b: Quantity) -> Quantity:
    """lgamma(b) - lgamma(a + b), for b from 10 on."""
    total = a + b
    part = ops.div(a, b)
    rest = _stirling_rest(b) - _stirling_rest(total)
    found: Quantity = rest - (total - 0.5) * ops.log1p(part) - a * (ops.log(b) - 1.0)
    return found


def betaln(a: Quantity, b: Quantity) -> Quantity:
    """Logarithm of the absolute value of the beta function."""
    small, large = ops.minimum(a, b), ops.maximum(a, b)
    both, one = small >= _LARGE, large >= _LARGE
    left, right = ops.where(both, small, _LARGE), ops.where(one, large, _LARGE)
    share = ops.div(left, right)
    rest = _stirling_rest(left) + _stirling_rest(right) - _stirling_rest(left + right)
    angle = (left - 0.5) * (ops.log(share) - ops.log1p(share)) - right * ops.log1p(share)
    of_two = 0.5 * (math.log(2.0 * math.pi) - ops.log(right)) + rest + angle
    few = ops.where(both, 1.0, small)
    of_one = ops.lgamma(few) + _log_ratio(ops.where(ops.gt(few, -0.5 * right), few, 1.0), right)
    low = ops.where(one, 1.0, large)
    of_none = ops.lgamma(few) + ops.lgamma(low) - ops.lgamma(few + low)
    far = ops.logical_and(one, ops.le(few, -0.5 * right))
    apart = ops.lgamma(few) + ops.lgamma(large) - ops.lgamma(few + large)
    of_one = ops.where(far, apart, of_one)
    found: Quantity = ops.where(both, of_two, ops.where(one, of_one, of_none))
    return found


def beta(a: Quantity, b: Quantity) -> Quantity:
    """The beta function, with its sign."""
    total = a + b
    small = _are_small(a, b, total)
    left, right = ops.where(small, a, 1.0), ops.where(small, b, 1.0)
    near = ops.mul(ops.gamma(left), ops.mul(ops.gamma(right), rgamma(left + right)))
    sign = ops.mul(ops.mul(gammasgn(a), gammasgn(b)), gammasgn(total))
    far = ops.mul(sign, ops.exp(betaln(ops.where(small, 1.0, a), ops.where(small, 1.0, b))))
    found: Quantity = ops.where(small, near, far)
    return found


def _are_small(*numbers: Quantity) -> Quantity:
    found: Quantity = True
    for x in numbers:
        found = ops.logical_and(found, abs(x) < _SMALL)
    return found


def gammasgn(x: Quantity) -> Quantity:
    """The sign of gamma(x)."""
    below = ops.logical_and(x < 0.0, ops.ne(ops.mod(ops.floor(x), 2.0), 0.0))
    found: Quantity = ops.where(below, -1.0, 1.0)
    return found


def binom(n: Quantity, k: Quantity) -> Quantity:
    """The binomial coefficient, of a whole k that is known the polynomial in n."""
    count = as_literal(k)
    if count is not None and count % 1.0 == 0.0 and 0.0 <= count <= _MOST_FACTORS:
        product: Quantity = 1.0
        for i in range(int(count)):
            product = product * ((n - float(i)) / (i + 1.0))
        return product if count else 1.0 + 0.0 * n
    rest = n - k
    small = _are_small(n, k, rest)
    top, low = ops.where(small, n, 1.0), ops.where(small, k, 1.0)
    near = ops.mul(ops.gamma(top + 1.0), ops.mul(rgamma(low + 1.0), rgamma(top - low + 1.0)))
    above, below = ops.where(small, 1.0, rest), ops.where(small, 1.0, k)
    far = ops.reciprocal((n + 1.0) * beta(above + 1.0, below + 1.0))
    found: Quantity = ops.where(small, near, far)
    return found


def _log_poch(z: Quantity, m: Quantity) -> Quantity:
    """lgamma(z + m) - lgamma(z), for positive operands."""
    high = z >= _LARGE
    far = -_log_ratio(m, ops.where(high, z, _LARGE))
    low = ops.where(high, 1.0, z)
    found: Quantity = ops.where(high, far, ops.lgamma(low + m) - ops.lgamma(low))
    return found


def poch(z: Quantity, m: Quantity) -> Quantity:
    """gamma(z + m) / gamma(z), of a whole m that is known the product."""
    count = as_literal(m)
    if count is not None and count % 1.0 == 0.0 and 0.0 <= count <= _MOST_FACTORS:
        product: Quantity = 1.0 + 0.0 * z
        for i in range(int(count)):
            product = product * (z + float(i))
        return product
    total = z + m
    small = _are_small(z, total)
    near = ops.mul(ops.gamma(ops.where(small, total, 1.0)), rgamma(ops.where(small, z, 1.0)))
    positive = ops.logical_and(ops.gt(z, 0.0), ops.gt(total, 0.0))
    inside = ops.logical_and(positive, ops.logical_not(small))
    far = ops.exp(_log_poch(ops.where(inside, z, 1.0), ops.where(inside, m, 1.0)))
    sign = ops.mul(gammasgn(total), gammasgn(z))
    other = ops.mul(sign, ops.exp(ops.lgamma(total) - ops.lgamma(z)))
    found: Quantity = ops.where(small, near, ops.where(positive, far, other))
    return found
