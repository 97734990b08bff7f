"""Quantiles: inverses of the incomplete gamma and beta functions, by Newton's method.

Of a logarithm (that of a gamma variable, or of the odds of a beta variable) the logarithm of either
tail is concave, so that Newton's method for it converges from one side, wherever it begins.  Steps
from a start that is nearly right find the value; it is rounded, so that nothing flows to them, and
two steps from there have the value's other digits and its slopes: those of the implicit function
theorem (``autodiff/run/implicit.py``), the second ones too.  Where the last step is not small,
the result is nan.  Starts: Abramowitz and Stegun 26.2.22, 26.4.17, 26.5.22.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.gammas import betaln
from autodiff.trace.libraries.special.incomplete import beta_parts, gamma_parts, where_served

__all__ = ["beta_odds", "fisher_quantile", "gamma_quantile", "student_quantile"]

_STEPS = 7
_GRID = 2.0**36
_SMALL = 1e-5  # what the last step is at most
_CENTRE = 1e-4

# Of a place: the logarithm of a tail less that of its probability, over its slope.
Step = Callable[[Quantity], Quantity]


def _solved(step: Step, start: Quantity) -> Quantity:
    """Where a step is 0."""
    place = start
    for _ in range(_STEPS):
        place = place - ops.clip(step(place), -20.0, 20.0)
    place = ops.mul(ops.rint(_GRID * place), 1.0 / _GRID)
    place = place - step(place)
    last = step(place)
    return where_served(abs(last) < _SMALL, place - last)


def _normal_score(p: Quantity, q: Quantity) -> Quantity:
    """About the place below which the normal distribution has p, of which q is the rest."""
    t = ops.sqrt(-2.0 * ops.log(ops.minimum(p, q)))
    size = t - (2.30753 + 0.27061 * t) / (1.0 + t * (0.99229 + 0.04481 * t))
    found: Quantity = ops.where(p < q, -size, size)
    return found


@approximated
def gamma_quantile(a: Quantity, p: Quantity, q: Quantity) -> Quantity:
    """The x below which a gamma variable has the probability p, above it q."""
    inside = ops.logical_and(p > 0.0, q > 0.0)
    below, above = ops.where(inside, p, 0.5), ops.where(inside, q, 0.5)
    low = below < above
    size = ops.lgamma(a)

    def step(u: Quantity) -> Quantity:
        x = ops.exp(u)
        parts = gamma_parts("gammaincinv", a, x)
        slope = ops.exp(a * u - x - size)
        part, target = ops.where(low, parts[0], parts[1]), ops.where(low, below, above)
        tail = ops.log(part) - ops.log(target)
        return ops.div(ops.mul(ops.where(low, tail, -tail), part), slope)

    # By a power of a normal variable; next to 0 by the first term of the series.
    ninth = ops.div(1.0, 9.0 * a)
    root = 1.0 - ninth + _normal_score(below, above) * ops.sqrt(ninth)
    first = (ops.log(below) + ops.lgamma(a + 1.0)) / a
    cubed = ops.log(a) + 3.0 * ops.log(ops.maximum(root, 0.05))
    far = ops.log(ops.maximum(-ops.log(above), 1e-300))
    guess = ops.where(a < 0.5, ops.where(below < 0.75, first, far), ops.maximum(first, cubed))
    found = ops.exp(_solved(step, guess))
    ends = ops.where(ops.eq(p, 0.0), 0.0, ops.where(ops.eq(q, 0.0), math.inf, math.nan))
    value: Quantity = ops.where(inside, found, ends)
    return value


@approximated
def beta_odds(a: Quantity, b: Quantity, p: Quantity, q: Quantity) -> Quantity:
    """Logarithm of x / (1 - x), where a beta variable is below x with p, above with q."""
    inside = ops.logical_and(p > 0.0, q > 0.0)
    below, above = ops.where(inside, p, 0.5), ops.where(inside, q, 0.5)
    low = below < above
    size = betaln(a, b)

    def step(u: Quantity) -> Quantity:
        x, y = ops.sigmoid(u), ops.sigmoid(-u)
        parts = beta_parts("betaincinv", a, b, x, y)
        slope = ops.exp(-a * ops.softplus(-u) - b * ops.softplus(u) - size)
        part, target = ops.where(low, parts[0], parts[1]), ops.where(low, below, above)
        tail = ops.log(part) - ops.log(target)
        return ops.div(ops.mul(ops.where(low, tail, -tail), part), slope)

    score = -_normal_score(below, above)
    half, other = ops.div(1.0, 2.0 * a - 1.0), ops.div(1.0, 2.0 * b - 1.0)
    mean = ops.div(2.0, half + other)
    third = (score * score - 3.0) / 6.0
    turned = ops.div(score * ops.sqrt(ops.maximum(mean + third, 0.0)), mean)
    off = turned - (other - half) * (third + 5.0 / 6.0 - ops.div(2.0, 3.0 * mean))
    middle = ops.log(a) - ops.log(b) - 2.0 * off
    first = (ops.log(below) + ops.log(a) + size) / a
    last = -(ops.log(above) + ops.log(b) + size) / b
    large = ops.logical_and(a > 1.0, b > 1.0)
    guess = ops.where(large, middle, ops.where(low, first, last))
    found = _solved(step, guess)
    ends = ops.where(ops.eq(p, 0.0), -math.inf, ops.where(ops.eq(q, 0.0), math.inf, math.nan))
    value: Quantity = ops.where(inside, found, ends)
    return value


def fisher_quantile(n: Quantity, m: Quantity, p: Quantity, q: Quantity) -> Quantity:
    """The quantile of Fisher's distribution."""
    found: Quantity = m / n * ops.exp(beta_odds(0.5 * n, 0.5 * m, p, q))
    return found


@approximated
def student_quantile(df: Quantity, p: Quantity) -> Quantity:
    """The quantile of Student's distribution."""
    off = 2.0 * p - 1.0
    near = abs(off) < _CENTRE
    both = 2.0 * ops.minimum(p, 1.0 - p)
    odds = beta_odds(0.5 * df, 0.5, ops.where(near, 0.5, both), ops.where(near, 0.5, abs(off)))
    size = ops.sqrt(df) * ops.exp(-0.5 * odds)
    # In the middle the inverse of its series.
    plain = off * (0.5 * ops.sqrt(df) * ops.exp(betaln(0.5 * df, 0.5)))
    centre = plain * (1.0 + plain * plain * (df + 1.0) / (6.0 * df))
    found: Quantity = ops.where(near, centre, ops.where(off < 0.0, -size, size))
    return found
