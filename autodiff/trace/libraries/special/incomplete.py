"""The incomplete gamma and beta functions, of any operands, by series and continued fractions.

``P(a, x)`` is a series of positive terms below ``a + 2`` and one less Legendre's fraction above;
``I_x(a, b)`` is the fraction of DLMF 8.17.22, of whichever of its two forms converges fast.  How
many steps that takes follows from the parameters where these are known when the function is traced;
else there are enough for parameters up to 200, and beyond the result and its slopes are nan.  The
digits lost are those of the largest logarithm in the factor before the series: about 1e-14; of the
beta function 1e-13 at parameters of 100, 1e-11 at 1000.  Formulas: Digital Library of Mathematical
Functions 8.7.1, 8.9.2, 8.17.
"""

from __future__ import annotations

import math

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated

__all__ = [
    "beta_parts",
    "betainc",
    "betaincc",
    "binomial",
    "fisher",
    "gamma_parts",
    "gammainc",
    "gammaincc",
    "student_below",
    "where_served",
]

_LARGEST = 10_000.0  # of a known parameter
_UNKNOWN = 200.0  # up to which an unknown one is served
_GONE = 1e6  # beyond it no upper function is left
# Of Stirling's series (DLMF 5.11.1).
_STIRLING = (
    1.0 / 156.0, -691.0 / 360360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0,
    1.0 / 12.0,
)  # fmt: skip


def gammainc(a: Quantity, x: Quantity) -> Quantity:
    """P(a, x), the regularised lower incomplete gamma function."""
    return gamma_parts("gammainc", a, x)[0]


def gammaincc(a: Quantity, x: Quantity) -> Quantity:
    """Q(a, x), the upper one."""
    return gamma_parts("gammaincc", a, x)[1]


@approximated
def gamma_parts(name: str, a: Quantity, x: Quantity) -> tuple[Quantity, Quantity]:
    """P and Q."""
    steps, known = _steps(name, 25.0, 8.3, a)
    turns, _ = _steps(name, 50.0, 1.6, a)
    border = a + 2.0
    low, gone = x < border, x > _GONE
    left, right = ops.where(low, x, border), ops.where(ops.logical_or(low, gone), border, x)
    series: Quantity = 1.0
    fraction: Quantity = right + (2.0 * turns + 1.0) - a
    for k in range(steps, 0, -1):
        series = 1.0 + series * left / (a + float(k))
    for k in range(turns, 0, -1):
        fraction = (right + (2.0 * k - 1.0)) - a + (a - float(k)) * float(k) / fraction
    # Where x is 0 its power has the slope, which the logarithm of it has not.
    is_zero = ops.eq(left, 0.0)
    at_zero = ops.pow(left, a) * ops.exp(-ops.lgamma(a + 1.0))
    below = ops.where(is_zero, at_zero, _gamma_front(a, ops.where(is_zero, 1.0, left)) * series)
    above = ops.where(gone, 0.0, _gamma_front(a, right) * a / fraction)
    inside = ops.logical_and(known, ops.logical_and(ops.gt(a, 0.0), ops.ge(x, 0.0)))
    return (
        where_served(inside, ops.where(low, below, 1.0 - above)),
        where_served(inside, ops.where(low, 1.0 - below, above)),
    )


def _gamma_front(a: Quantity, x: Quantity) -> Quantity:
    """x**a exp(-x) / gamma(a + 1); for large a Loader's form, whose terms are small."""
    size = as_literal(a)
    plain = ops.exp(ops.xlogy(a, x) - x - ops.lgamma(a + 1.0)) if size is None or size < 10 else 0.0
    if size is not None and size < 10:
        return plain
    large = a if size is not None else ops.where(a < 10.0, 10.0, a)
    rest: Quantity = 0.0
    for coefficient in _STIRLING:
        rest = rest / (large * large) + coefficient
    rest = rest / large
    off = (x - large) / large
    near = ops.logical_and(off > -0.7, off < 1.4)
    inside = ops.where(near, off, 0.0)
    # log1p(off) - off without cancellation, near 0.
    deviance = ops.where(
        near,
        ops.log1p_rest_2(inside) - 0.5 * inside * inside,
        ops.log(x / large) - off,
    )
    loader = ops.exp(large * deviance - rest) / ops.sqrt(2.0 * math.pi * large)
    found: Quantity = loader if size is not None else ops.where(a < 10.0, plain, loader)
    return found


def _steps(name: str, least: float, factor: float, *parameters: Quantity) -> tuple[int, Quantity]:
    """Steps that parameters need, of ``factor`` times their root, and whether they are served."""
    sizes = [as_literal(x) for x in parameters]
    known = [x for x in sizes if x is not None]
    if any(not x <= _LARGEST for x in known):
        raise TraceError(
            f"{user_location()}: scipy.special.{name} with a parameter of {max(known):g} cannot be "
            f"traced; expected at most {_LARGEST:g}. Use the normal distribution, which it nearly "
            "is there"
        )
    served: Quantity = True
    for parameter, size in zip(parameters, sizes, strict=True):
        if size is None:
            known.append(_UNKNOWN)
            served = ops.logical_and(served, parameter <= _UNKNOWN)
    return int(least + factor * math.sqrt(max(known))), served


def betainc(a: Quantity, b: Quantity, x: Quantity) -> Quantity:
    """I_x(a, b), the regularised incomplete beta function."""
    return beta_parts("betainc", a, b, x, 1.0 - x)[0]


def betaincc(a: Quantity, b: Quantity, x: Quantity) -> Quantity:
    """1 - I_x(a, b)."""
    return beta_parts("betaincc", a, b, x, 1.0 - x)[1]


@approximated
def beta_parts(
    name: str, a: Quantity, b: Quantity, x: Quantity, y: Quantity
) -> tuple[Quantity, Quantity]:
    """I_x(a, b) and I_y(b, a), where y is 1 - x."""
    steps, known = _steps(name, 25.0, 2.5, a, b)
    low = x < (a + 1.0) / (a + b + 2.0)
    part = _beta_fraction(
        ops.where(low, a, b),
        ops.where(low, b, a),
        ops.where(low, x, y),
        ops.where(low, y, x),
        steps,
    )
    inside = ops.logical_and(
        ops.logical_and(known, ops.logical_and(ops.gt(a, 0.0), ops.gt(b, 0.0))),
        ops.logical_and(ops.ge(x, 0.0), ops.ge(y, 0.0)),
    )
    return (
        where_served(inside, ops.where(low, part, 1.0 - part)),
        where_served(inside, ops.where(low, 1.0 - part, part)),
    )


def binomial(k: Quantity, n: Quantity, p: Quantity) -> tuple[Quantity, Quantity]:
    """Probabilities of k successes and less in n trials, and of more, for whole k."""
    inside = ops.logical_and(ops.ge(k, 0.0), ops.lt(k, n))
    rest, count = ops.where(inside, n - k, 1.0), ops.where(inside, k + 1.0, 1.0)
    below, above = beta_parts("bdtr", rest, count, 1.0 - p, p)
    at_end = ops.eq(k, n)
    beyond = ops.where(at_end, 1.0, math.nan), ops.where(at_end, 0.0, math.nan)
    return ops.where(inside, below, beyond[0]), ops.where(inside, above, beyond[1])


def fisher(n: Quantity, m: Quantity, x: Quantity) -> tuple[Quantity, Quantity]:
    """Probabilities that a number of Fisher's distribution is below x, and above."""
    total = n * x + m
    return beta_parts("fdtr", 0.5 * n, 0.5 * m, n * x / total, m / total)


def _beta_fraction(a: Quantity, b: Quantity, x: Quantity, y: Quantity, steps: int) -> Quantity:
    is_zero = ops.eq(x, 0.0)
    inside = ops.where(is_zero, 0.5, x)
    size = ops.lgamma(a) + ops.lgamma(b) - ops.lgamma(a + b)
    front = ops.exp(ops.xlogy(a, inside) + ops.xlogy(b, y) - size)
    at_zero = ops.pow(x, a) * ops.exp(ops.minimum(-size, 700.0))  # its power has the slope there
    found: Quantity = ops.where(is_zero, at_zero, front * _beta_rest(a, b, inside, steps)) / a
    return found


def _beta_rest(a: Quantity, b: Quantity, x: Quantity, steps: int) -> Quantity:
    """The continued fraction."""
    fraction: Quantity = 1.0
    for m in range(steps, -1, -1):
        n, twice = float(m), a + 2.0 * m
        odd = (a + n) * (a + b + n) * x / (twice * (twice + 1.0))
        fraction = 1.0 - odd / fraction
        if m:
            fraction = 1.0 + n * (b - n) * x / ((twice - 1.0) * twice) / fraction
    found: Quantity = 1.0 / fraction
    return found


@approximated
def student_below(t: Quantity, df: Quantity) -> tuple[Quantity, Quantity]:
    """Probabilities that a number of Student's distribution is below t, and above."""
    gone, sided = ops.eq(abs(t), math.inf), t
    t = ops.where(gone, 1.0, t)
    half, total = 0.5 * df, df + t * t
    steps, known = _steps("stdtr", 25.0, 2.5, half)
    y = t * t / total
    near = y < 1.5 / (half + 2.5)
    rest = _beta_rest(
        ops.where(near, 0.5, half),
        ops.where(near, half, 0.5),
        ops.where(near, y, df / total),
        steps,
    )
    constant = ops.exp(ops.lgamma(half + 0.5) - ops.lgamma(half)) / math.sqrt(math.pi)
    # In the middle what is added to a half, farther out df times the tail: odd in t, and smooth.
    odd = constant * (t / ops.sqrt(total)) * ops.exp(-half * ops.log1p(t * t / df)) * rest
    tail = abs(odd) / df
    known = ops.logical_and(known, ops.gt(df, 0.0))
    below = ops.where(near, 0.5 + odd, ops.where(t < 0.0, tail, 1.0 - tail))
    above = ops.where(near, 0.5 - odd, ops.where(t < 0.0, 1.0 - tail, tail))
    whole = ops.where(sided < 0.0, 0.0, 1.0)
    below, above = ops.where(gone, whole, below), ops.where(gone, 1.0 - whole, above)
    return where_served(known, below), where_served(known, above)


def where_served(served: Quantity, value: Quantity) -> Quantity:
    """The value, or nan: a factor, so that slopes are nan as well, which a choice would make 0."""
    found: Quantity = value * ops.where(served, 1.0, math.nan)
    return found
