"""Distributions of scipy.stats over the whole line, or below 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.scipy_functions import log_ndtr, ndtr, ndtri
from autodiff.trace.libraries.special.cylinders.modified import kve
from autodiff.trace.libraries.special.gammas import betaln
from autodiff.trace.libraries.special.incomplete import betainc, gammainc, gammaincc
from autodiff.trace.libraries.special.quantiles import beta_odds, gamma_quantile
from autodiff.trace.libraries.special.short_sums import owens_t
from autodiff.trace.libraries.stats.distributions import (
    LOG_2PI,
    NEGATIVE,
    Distribution,
    is_number,
    is_positive,
    tails,
)

__all__ = ["LINES"]

_NEARLY_NORMAL = 1.6e-5  # a skewness, as SciPy has it
_ROOT_HALF = math.sqrt(0.5)
_Tails: TypeAlias = tuple[Callable[..., Quantity], Callable[..., Quantity]]


def _mirrored(x: Quantity, beyond: Quantity) -> Quantity:
    """The probability below x of a symmetric variable, by that above its size."""
    found: Quantity = ops.where(x > 0.0, 1.0 - 0.5 * beyond, 0.5 * beyond)
    return found


def _gennorm_cdf(x: Quantity, beta: Quantity) -> Quantity:
    at_zero = ops.eq(x, 0.0)  # where its power has no slope
    size = ops.where(at_zero, 1.0, abs(x))
    away = _mirrored(x, gammaincc(1.0 / beta, ops.pow(size, beta)))
    middle = 0.5 + 0.5 * x / ops.exp(ops.lgamma(1.0 + 1.0 / beta))
    found: Quantity = ops.where(at_zero, middle, away)
    return found


def _exponnorm_far(x: Quantity, k: Quantity) -> Quantity:
    """Logarithm of the part that the exponential variable has."""
    inverse = ops.reciprocal(k)
    found: Quantity = inverse * (0.5 * inverse - x) + log_ndtr(x - inverse)
    return found


def _asymmetric_share(kappa: Quantity) -> Quantity:
    """Probability above 0."""
    return 1.0 / (1.0 + kappa * kappa)


def _asymmetric_tail(x: Quantity, kappa: Quantity) -> Quantity:
    """Probability above x."""
    above = _asymmetric_share(kappa)
    right, left = ops.where(x > 0.0, x, 0.0), ops.where(x > 0.0, 0.0, x)
    far = above * ops.exp(-kappa * right)
    found: Quantity = ops.where(x > 0.0, far, 1.0 - (1.0 - above) * ops.exp(left / kappa))
    return found


def _asymmetric_logpdf(x: Quantity, kappa: Quantity) -> Quantity:
    slope = ops.where(x >= 0.0, -kappa, 1.0 / kappa)
    found: Quantity = x * slope - ops.log(kappa + 1.0 / kappa)
    return found


def _asymmetric_ppf(q: Quantity, kappa: Quantity) -> Quantity:
    below = 1.0 - _asymmetric_share(kappa)
    low = q < below
    left = kappa * ops.log(ops.where(low, q, below) / below)
    right = -ops.log((1.0 - ops.where(low, below, q)) / (1.0 - below)) / kappa
    found: Quantity = ops.where(low, left, right)
    return found


def _crystal_parts(x: Quantity, beta: Quantity, m: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """Total mass, the body at x, and the tail's logarithm at x."""
    inside: Quantity = ops.gt(x, -beta)
    tail = m / beta / (m - 1.0) * ops.exp(-0.5 * beta * beta)
    mass = tail + math.sqrt(2.0 * math.pi) * ndtr(beta)
    off = ops.where(inside, 0.0, -beta - x)
    power = -0.5 * beta * beta - m * ops.log1p(beta / m * off)
    return mass, inside, power


def _crystal_logpdf(x: Quantity, beta: Quantity, m: Quantity) -> Quantity:
    mass, inside, power = _crystal_parts(x, beta, m)
    body = ops.where(inside, x, 0.0)
    found: Quantity = ops.where(inside, -0.5 * body * body, power) - ops.log(mass)
    return found


def _crystal_cdf(x: Quantity, beta: Quantity, m: Quantity) -> Quantity:
    mass, inside, power = _crystal_parts(x, beta, m)
    edge = ops.where(inside, x, -beta)
    off = ops.where(inside, 0.0, -beta - x)
    tail = ops.exp(power) * (m / beta + off) / (m - 1.0)
    body = math.sqrt(2.0 * math.pi) * (ndtr(edge) - ndtr(-beta))
    found: Quantity = (tail + ops.where(inside, body, 0.0)) / mass
    return found


def _skewcauchy_logpdf(x: Quantity, a: Quantity) -> Quantity:
    width = 1.0 + ops.where(x < 0.0, -a, a)
    found: Quantity = -ops.log1p(ops.square(x / width)) - math.log(math.pi)
    return found


def _skewcauchy_cdf(x: Quantity, a: Quantity) -> Quantity:
    width = 1.0 + ops.where(x < 0.0, -a, a)
    found: Quantity = 0.5 * (1.0 - a) + width / math.pi * ops.atan(x / width)
    return found


def _skewcauchy_ppf(q: Quantity, a: Quantity) -> Quantity:
    off = q - 0.5 * (1.0 - a)
    width = 1.0 + ops.where(off < 0.0, -a, a)
    found: Quantity = width * ops.tan(math.pi * off / width)
    return found


def _either_way(quantile: Callable[..., Quantity]) -> _Tails:
    """Quantiles of a variable that is as often below 0 as above.

    Args:
        quantile: That of its size, of the chances below and above, and of the parameters.
    """

    def low(q: Quantity, *parameters: Quantity) -> Quantity:
        above = q > 0.5
        outside = 2.0 * ops.where(above, 1.0 - q, q)
        size = quantile(1.0 - outside, outside, *parameters)
        found: Quantity = ops.where(above, size, -size)
        return found

    return low, lambda q, *parameters: -low(q, *parameters)


def _jones_faddy(x: Quantity, a: Quantity, b: Quantity) -> Quantity:
    """The logarithm of the odds of a beta variable."""
    found: Quantity = 2.0 * ops.asinh(x / ops.sqrt(a + b))
    return found


def _jones_faddy_logpdf(x: Quantity, a: Quantity, b: Quantity) -> Quantity:
    odds = _jones_faddy(x, a, b)
    tail = (a + 0.5) * ops.softplus(-odds) + (b + 0.5) * ops.softplus(odds)
    found: Quantity = 2.0 * math.log(2.0) - tail - betaln(a, b) - 0.5 * ops.log(a + b)
    return found


def _pearson_parts(skew: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """Whether it is a normal variable; rate and shape of the gamma variable."""
    normal = abs(skew) < _NEARLY_NORMAL
    rate = 2.0 / ops.where(normal, 1.0, skew)
    return normal, rate, rate * rate


def _pearson_logpdf(x: Quantity, skew: Quantity) -> Quantity:
    normal, rate, shape = _pearson_parts(skew)
    y = rate * (x + rate)
    inside = y > 0.0
    size = ops.where(inside, y, 1.0)
    gamma = (shape - 1.0) * ops.log(size) - size - ops.lgamma(shape) + ops.log(abs(rate))
    found = ops.where(normal, -0.5 * x * x - 0.5 * LOG_2PI, ops.where(inside, gamma, -math.inf))
    value: Quantity = found
    return value


def _pearson_tail(x: Quantity, skew: Quantity, upper: bool) -> Quantity:
    normal, rate, shape = _pearson_parts(skew)
    y = ops.maximum(rate * (x + rate), 0.0)
    known = ops.where(normal, 1.0, shape)
    below, above = gammainc(known, y), gammaincc(known, y)
    right, left = (above, below) if upper else (below, above)
    found: Quantity = ops.where(
        normal, ndtr(-x if upper else x), ops.where(skew > 0.0, right, left)
    )
    return found


def _pearson_ppf(p: Quantity, q: Quantity, skew: Quantity) -> Quantity:
    normal, rate, shape = _pearson_parts(skew)
    up = skew > 0.0
    place = gamma_quantile(ops.where(normal, 1.0, shape), ops.where(up, p, q), ops.where(up, q, p))
    found: Quantity = ops.where(normal, ndtri(p), place / rate - rate)
    return found


def _norminvgauss_logpdf(x: Quantity, a: Quantity, b: Quantity) -> Quantity:
    size = ops.hypot(1.0, x)
    root = ops.sqrt((a - b) * (a + b))
    found: Quantity = ops.log(a / math.pi) + root + ops.log(kve(1.0, a * size)) - a * size + b * x
    return found - ops.log(size)


def _breit_wigner(x: Quantity, rho: Quantity) -> Quantity:
    root = ops.sqrt(1.0 + 1.0 / ops.square(rho))
    scale = ops.sqrt(2.0 * ops.square(root) / (1.0 + root)) * (2.0 / math.pi)
    found: Quantity = ops.log(scale) - ops.log1p(ops.square((x - rho) * (x + rho) / rho))
    return found


LINES = (
    Distribution(
        "crystalball", ("beta", "m"), _crystal_logpdf,
        cdf=tails(_crystal_cdf, lambda x, beta, m: 1.0 - _crystal_cdf(x, beta, m)),
        valid=(is_positive, lambda m: ops.gt(m, 1.0)),
    ),
    Distribution(
        "dgamma", ("a",),
        lambda x, a: ops.xlogy(a - 1.0, abs(x)) - abs(x) - math.log(2.0) - ops.lgamma(a),
        cdf=tails(
            lambda x, a: _mirrored(x, gammaincc(a, abs(x))),
            lambda x, a: _mirrored(-x, gammaincc(a, abs(x))),
        ),
        ppf=_either_way(lambda p, q, a: gamma_quantile(a, p, q)),
    ),
    Distribution(
        "dweibull", ("c",),
        lambda x, c: ops.log(0.5 * c) + ops.xlogy(c - 1.0, abs(x)) - ops.pow(abs(x), c),
        cdf=tails(
            lambda x, c: _mirrored(x, ops.exp(-ops.pow(abs(x), c))),
            lambda x, c: _mirrored(-x, ops.exp(-ops.pow(abs(x), c))),
        ),
        ppf=_either_way(lambda p, q, c: ops.pow(-ops.log(q), 1.0 / c)),
    ),
    Distribution(
        "exponnorm", ("K",), lambda x, k: _exponnorm_far(x, k) - ops.log(k),
        cdf=tails(
            lambda x, k: ndtr(x) - ops.exp(_exponnorm_far(x, k)),
            lambda x, k: ndtr(-x) + ops.exp(_exponnorm_far(x, k)),
        ),
    ),
    Distribution(
        "genlogistic", ("c",), lambda x, c: ops.log(c) - x - (c + 1.0) * ops.softplus(-x),
        cdf=tails(
            lambda x, c: ops.exp(-c * ops.softplus(-x)),
            lambda x, c: -ops.expm1(-c * ops.softplus(-x))
        ),
        ppf=tails(
            lambda q, c: -ops.log(ops.expm1(-ops.log(q) / c)),
            lambda q, c: -ops.log(ops.expm1(-ops.log1p(-q) / c)),
        ),
        logs=(lambda x, c: -c * ops.softplus(-x), None),
    ),
    Distribution(
        "gennorm", ("beta",),
        lambda x, b: ops.log(0.5 * b) - ops.lgamma(1.0 / b) - ops.pow(abs(x), b),
        cdf=tails(_gennorm_cdf, lambda x, b: _gennorm_cdf(-x, b)),
        ppf=_either_way(lambda p, q, b: ops.pow(gamma_quantile(1.0 / b, p, q), 1.0 / b)),
    ),
    Distribution(
        "hypsecant", (),
        lambda x: math.log(2.0 / math.pi) - abs(x) - ops.log1p(ops.exp(-2.0 * abs(x))),
        cdf=tails(
            lambda x: ops.atan(ops.exp(x)) * (2.0 / math.pi),
            lambda x: ops.atan(ops.exp(-x)) * (2.0 / math.pi),
        ),
        ppf=tails(
            lambda q: ops.log(ops.tan(0.5 * math.pi * q)),
            lambda q: -ops.log(ops.tan(0.5 * math.pi * q)),
        ),
    ),
    Distribution(
        "jf_skew_t", ("a", "b"), _jones_faddy_logpdf,
        cdf=tails(
            lambda x, a, b: betainc(a, b, ops.sigmoid(_jones_faddy(x, a, b))),
            lambda x, a, b: betainc(b, a, ops.sigmoid(-_jones_faddy(x, a, b))),
        ),
        ppf=tails(
            lambda q, a, b: ops.sqrt(a + b) * ops.sinh(0.5 * beta_odds(a, b, q, 1.0 - q)),
            lambda q, a, b: ops.sqrt(a + b) * ops.sinh(0.5 * beta_odds(a, b, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "johnsonsu", ("a", "b"),
        lambda x, a, b: ops.log(b) - 0.5 * ops.log1p(x * x) - 0.5 * LOG_2PI
        - 0.5 * ops.square(a + b * ops.asinh(x)),
        cdf=tails(
            lambda x, a, b: ndtr(a + b * ops.asinh(x)), lambda x, a, b: ndtr(-a - b * ops.asinh(x))
        ),
        ppf=tails(
            lambda q, a, b: ops.sinh((ndtri(q) - a) / b),
            lambda q, a, b: ops.sinh((-ndtri(q) - a) / b)
        ),
        logs=(
            lambda x, a, b: log_ndtr(a + b * ops.asinh(x)),
            lambda x, a, b: log_ndtr(-a - b * ops.asinh(x)),
        ),
        valid=(is_number, is_positive),
    ),
    Distribution(
        "laplace_asymmetric", ("kappa",), _asymmetric_logpdf,
        cdf=tails(lambda x, k: _asymmetric_tail(-x, 1.0 / k), _asymmetric_tail),
        ppf=tails(_asymmetric_ppf, lambda q, k: -_asymmetric_ppf(q, 1.0 / k)),
    ),
    Distribution(
        "levy_l", (), lambda x: -0.5 * LOG_2PI - 1.5 * ops.log(-x) + 0.5 / x, NEGATIVE,
        tails(
            lambda x: ops.erf(ops.sqrt(-0.5 / x)), lambda x: ops.erfc(ops.sqrt(-0.5 / x))
        ),
        tails(
            lambda q: -0.5 / ops.square(ops.erfinv(q)), lambda q: -0.5 / ops.square(ops.erfcinv(q))
        ),
    ),
    Distribution(
        "loggamma", ("c",), lambda x, c: c * x - ops.exp(x) - ops.lgamma(c),
        cdf=tails(lambda x, c: gammainc(c, ops.exp(x)), lambda x, c: gammaincc(c, ops.exp(x))),
        ppf=tails(
            lambda q, c: ops.log(gamma_quantile(c, q, 1.0 - q)),
            lambda q, c: ops.log(gamma_quantile(c, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "moyal", (), lambda x: -0.5 * (x + ops.exp(-x) + LOG_2PI),
        cdf=tails(
            lambda x: ops.erfc(ops.exp(-0.5 * x) * _ROOT_HALF),
            lambda x: ops.erf(ops.exp(-0.5 * x) * _ROOT_HALF),
        ),
        ppf=tails(
            lambda q: -ops.log(2.0 * ops.square(ops.erfcinv(q))),
            lambda q: -ops.log(2.0 * ops.square(ops.erfinv(q))),
        ),
    ),
    Distribution(
        "norminvgauss", ("a", "b"), _norminvgauss_logpdf, valid=(is_positive, is_number),
        order=lambda a, b: ops.lt(abs(b), a),
    ),
    Distribution(
        "pearson3", ("skew",), _pearson_logpdf,
        cdf=tails(
            lambda x, skew: _pearson_tail(x, skew, False),
            lambda x, skew: _pearson_tail(x, skew, True)
        ),
        ppf=tails(
            lambda q, skew: _pearson_ppf(q, 1.0 - q, skew),
            lambda q, skew: _pearson_ppf(1.0 - q, q, skew)
        ),
        valid=is_number,
    ),
    Distribution(
        "powernorm", ("c",),
        lambda x, c: ops.log(c) - 0.5 * x * x - 0.5 * LOG_2PI + (c - 1.0) * log_ndtr(-x),
        cdf=tails(
            lambda x, c: -ops.expm1(c * log_ndtr(-x)), lambda x, c: ops.exp(c * log_ndtr(-x))
        ),
        ppf=tails(
            lambda q, c: -ndtri(ops.exp(ops.log1p(-q) / c)),
            lambda q, c: -ndtri(ops.pow(q, 1.0 / c))
        ),
        logs=(None, lambda x, c: c * log_ndtr(-x)),
    ),
    Distribution("rel_breitwigner", ("rho",), _breit_wigner, (0.0, math.inf)),
    Distribution(
        "skewcauchy", ("a",), _skewcauchy_logpdf,
        cdf=tails(_skewcauchy_cdf, lambda x, a: _skewcauchy_cdf(-x, -a)),
        ppf=tails(_skewcauchy_ppf, lambda q, a: -_skewcauchy_ppf(q, -a)),
        valid=lambda a: ops.lt(abs(a), 1.0),
    ),
    Distribution(
        "skewnorm", ("a",),
        lambda x, a: math.log(2.0) - 0.5 * x * x - 0.5 * LOG_2PI + log_ndtr(a * x),
        cdf=tails(
            lambda x, a: ndtr(x) - 2.0 * owens_t(x, a), lambda x, a: ndtr(-x) + 2.0 * owens_t(x, a)
        ),
        valid=is_number,
    ),
    Distribution(
        "vonmises_line", ("kappa",),
        lambda x, kappa: kappa * ops.cos(x) - LOG_2PI - ops.log_i0(kappa),
        (-math.pi, math.pi), valid=lambda kappa: ops.ge(kappa, 0.0),
    ),
)  # fmt: skip
