"""Distributions of scipy.stats above 0: of lifetimes, sizes, extremes over a threshold."""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.scipy_functions import i0e, log_ndtr, ndtr, ndtri
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.cylinders.modified import ive, kve
from autodiff.trace.libraries.special.gammas import betaln
from autodiff.trace.libraries.special.incomplete import beta_parts, gammainc, gammaincc
from autodiff.trace.libraries.special.quantiles import beta_odds, gamma_quantile
from autodiff.trace.libraries.special.short_sums import kolmogorov
from autodiff.trace.libraries.stats.distributions import (
    LOG_2PI,
    POSITIVE,
    Distribution,
    is_number,
    is_positive,
    tails,
)

__all__ = ["LIFETIMES"]

_ROOT_HALF = math.sqrt(0.5)


def _invgauss_logpdf(x: Quantity, mu: Quantity) -> Quantity:
    off = (x - mu) / mu
    found: Quantity = -0.5 * LOG_2PI - 1.5 * ops.log(x) - 0.5 * off * off / x
    return found


def _invgauss(x: Quantity, mu: Quantity) -> tuple[Quantity, Quantity]:
    """Probabilities below and above x; the second term is never larger than the first."""
    root = ops.sqrt(x)
    mirrored = ops.exp(2.0 / mu + log_ndtr(-(x / mu + 1.0) / root))
    off = (x / mu - 1.0) / root
    return ndtr(off) + mirrored, ndtr(-off) - mirrored


def _fatigue_ppf(score: Quantity, c: Quantity) -> Quantity:
    half = 0.5 * c * score
    size = abs(half) + ops.hypot(1.0, half)
    found: Quantity = ops.square(ops.where(half < 0.0, 1.0 / size, size))
    return found


def _fatigue_logpdf(x: Quantity, c: Quantity) -> Quantity:
    off = (x - 1.0) / c
    found: Quantity = ops.log1p(x) - 0.5 * off * off / x - math.log(2.0) - ops.log(c)
    return found - 0.5 * LOG_2PI - 1.5 * ops.log(x)


def _chi_logpdf(x: Quantity, df: Quantity) -> Quantity:
    constant = (1.0 - 0.5 * df) * math.log(2.0) - ops.lgamma(0.5 * df)
    found: Quantity = constant + ops.xlogy(df - 1.0, x) - 0.5 * x * x
    return found


def _gengamma_tail(x: Quantity, a: Quantity, c: Quantity, upper: bool) -> Quantity:
    power = ops.pow(x, c)
    below, above = gammainc(a, power), gammaincc(a, power)
    found: Quantity = ops.where(c > 0.0, above if upper else below, below if upper else above)
    return found


def _gengamma_ppf(a: Quantity, c: Quantity, p: Quantity, q: Quantity) -> Quantity:
    low, high = ops.where(c > 0.0, p, q), ops.where(c > 0.0, q, p)
    found: Quantity = ops.pow(gamma_quantile(a, low, high), 1.0 / c)
    return found


def _odds_parts(x: Quantity, a: Quantity, b: Quantity) -> tuple[Quantity, Quantity]:
    return beta_parts("betaprime", a, b, x / (1.0 + x), 1.0 / (1.0 + x))


def _ncx2_logpdf(x: Quantity, df: Quantity, nc: Quantity) -> Quantity:
    order, apart = 0.5 * df - 1.0, ops.sqrt(x) - ops.sqrt(nc)
    terms = 0.5 * order * (ops.log(x) - ops.log(nc)) - 0.5 * apart * apart
    found: Quantity = terms + ops.log(ive(order, ops.sqrt(x * nc))) - math.log(2.0)
    return found


def _geninvgauss_logpdf(x: Quantity, p: Quantity, b: Quantity) -> Quantity:
    apart = ops.sqrt(x) - 1.0 / ops.sqrt(x)  # x + 1 / x less the 2 that kve has left out
    terms: Quantity = (p - 1.0) * ops.log(x) - 0.5 * b * apart * apart
    return terms - math.log(2.0) - ops.log(kve(p, b))


def _hazard(x: Quantity, a: Quantity, b: Quantity, c: Quantity) -> Quantity:
    """Minus the logarithm of the chance to last longer, of a generalised exponential variable."""
    found: Quantity = (a + b) * x + b * ops.expm1(-c * x) / c
    return found


@approximated
def _kolmogorov_logpdf(x: Quantity) -> Quantity:
    low = x < 0.82
    left, right = ops.where(low, x, 0.5), ops.where(low, 1.0, x)
    first = -0.125 * math.pi**2 / ops.square(left)
    below: Quantity = 0.0
    above: Quantity = 0.0
    for k in range(5, 0, -1):
        odd = (2.0 * k - 1.0) ** 2
        below = below - (2.0 * odd * first + 1.0) * ops.exp((odd - 1.0) * first)
        above = float(k * k) * ops.exp((2.0 - 2.0 * k * k) * ops.square(right)) - above
    near = 0.5 * LOG_2PI - 2.0 * ops.log(left) + first + ops.log(below)
    far = ops.log(8.0 * right) - 2.0 * ops.square(right) + ops.log(above)
    found: Quantity = ops.where(low, near, far)
    return found


LIFETIMES = (
    Distribution(
        "alpha", ("a",),
        lambda x, a: -2.0 * ops.log(x) - log_ndtr(a) - 0.5 * LOG_2PI
        - 0.5 * ops.square(a - 1.0 / x),
        POSITIVE,
        tails(lambda x, a: ndtr(a - 1.0 / x) / ndtr(a),
        lambda x, a: 1.0 - ndtr(a - 1.0 / x) / ndtr(a)),
        tails(
            lambda q, a: 1.0 / (a - ndtri(q * ndtr(a))),
            lambda q, a: 1.0 / (a - ndtri((1.0 - q) * ndtr(a))),
        ),
        beyond_end=True,
    ),
    Distribution(
        "betaprime", ("a", "b"),
        lambda x, a, b: ops.xlogy(a - 1.0, x) - (a + b) * ops.log1p(x) - betaln(a, b),
        POSITIVE,
        tails(lambda x, a, b: _odds_parts(x, a, b)[0], lambda x, a, b: _odds_parts(x, a, b)[1]),
        tails(
            lambda q, a, b: ops.exp(beta_odds(a, b, q, 1.0 - q)),
            lambda q, a, b: ops.exp(beta_odds(a, b, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "chi", ("df",), _chi_logpdf, POSITIVE,
        tails(
            lambda x, df: gammainc(0.5 * df, 0.5 * x * x),
            lambda x, df: gammaincc(0.5 * df, 0.5 * x * x),
        ),
        tails(
            lambda q, df: ops.sqrt(2.0 * gamma_quantile(0.5 * df, q, 1.0 - q)),
            lambda q, df: ops.sqrt(2.0 * gamma_quantile(0.5 * df, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "exponpow", ("b",),
        lambda x, b: 1.0 + ops.log(b) + ops.xlogy(b - 1.0, x) + ops.pow(x, b)
        - ops.exp(ops.pow(x, b)),
        POSITIVE,
        tails(
            lambda x, b: -ops.expm1(-ops.expm1(ops.pow(x, b))),
            lambda x, b: ops.exp(-ops.expm1(ops.pow(x, b))),
        ),
        tails(
            lambda q, b: ops.pow(ops.log1p(-ops.log1p(-q)), 1.0 / b),
            lambda q, b: ops.pow(ops.log1p(-ops.log(q)), 1.0 / b),
        ),
        (None, lambda x, b: -ops.expm1(ops.pow(x, b))),
    ),
    Distribution(
        "exponweib", ("a", "c"),
        lambda x, a, c: ops.log(a * c) + (a - 1.0) * ops.log(-ops.expm1(-ops.pow(x, c)))
        - ops.pow(x, c) + ops.xlogy(c - 1.0, x),
        POSITIVE,
        tails(
            lambda x, a, c: ops.pow(-ops.expm1(-ops.pow(x, c)), a),
            lambda x, a, c: -ops.expm1(a * ops.log1p(-ops.exp(-ops.pow(x, c)))),
        ),
        tails(
            lambda q, a, c: ops.pow(-ops.log1p(-ops.pow(q, 1.0 / a)), 1.0 / c),
            lambda q, a, c: ops.pow(-ops.log(-ops.expm1(ops.log1p(-q) / a)), 1.0 / c),
        ),
    ),
    Distribution(
        "fatiguelife", ("c",), _fatigue_logpdf, POSITIVE,
        tails(
            lambda x, c: ndtr((ops.sqrt(x) - 1.0 / ops.sqrt(x)) / c),
            lambda x, c: ndtr((1.0 / ops.sqrt(x) - ops.sqrt(x)) / c),
        ),
        tails(
            lambda q, c: _fatigue_ppf(ndtri(q), c), lambda q, c: _fatigue_ppf(-ndtri(q), c)
        ),
        beyond_end=True,
    ),
    Distribution(
        "foldcauchy", ("c",),
        lambda x, c: ops.log(1.0 / (1.0 + ops.square(x - c)) + 1.0 / (1.0 + ops.square(x + c)))
        - math.log(math.pi),
        POSITIVE,
        tails(
            lambda x, c: (ops.atan(x - c) + ops.atan(x + c)) / math.pi,
            lambda x, c: (ops.atan2(1.0, x - c) + ops.atan2(1.0, x + c)) / math.pi,
        ),
        valid=lambda c: ops.ge(c, 0.0),
    ),
    Distribution(
        "foldnorm", ("c",),
        lambda x, c: -0.5 * LOG_2PI - 0.5 * ops.square(x - c) + ops.log1p(ops.exp(-2.0 * c * x)),
        POSITIVE,
        tails(
            lambda x, c: 0.5 * (ops.erf((x - c) * _ROOT_HALF) + ops.erf((x + c) * _ROOT_HALF)),
            lambda x, c: ndtr(c - x) + ndtr(-c - x),
        ),
        valid=lambda c: ops.ge(c, 0.0),
    ),
    Distribution(
        "gengamma", ("a", "c"),
        lambda x, a, c: ops.log(abs(c)) + ops.xlogy(c * a - 1.0, x) - ops.pow(x, c) - ops.lgamma(a),
        POSITIVE,
        tails(
            lambda x, a, c: _gengamma_tail(x, a, c, False),
            lambda x, a, c: _gengamma_tail(x, a, c, True),
        ),
        tails(
            lambda q, a, c: _gengamma_ppf(a, c, q, 1.0 - q),
            lambda q, a, c: _gengamma_ppf(a, c, 1.0 - q, q),
        ),
        valid=(is_positive, lambda c: ops.ne(c, 0.0)),
    ),
    Distribution(
        "genexpon", ("a", "b", "c"),
        lambda x, a, b, c: ops.log(a - b * ops.expm1(-c * x)) - _hazard(x, a, b, c), POSITIVE,
        tails(
            lambda x, a, b, c: -ops.expm1(-_hazard(x, a, b, c)),
            lambda x, a, b, c: ops.exp(-_hazard(x, a, b, c)),
        ),
        logs=(None, lambda x, a, b, c: -_hazard(x, a, b, c)),
    ),
    Distribution(
        "genhalflogistic", ("c",),
        lambda x, c: math.log(2.0) + (1.0 / c - 1.0) * ops.log1p(-c * x)
        - 2.0 * ops.softplus(ops.log1p(-c * x) / c),
        lambda c: (0.0, 1.0 / c),
        tails(
            lambda x, c: ops.tanh(-0.5 * ops.log1p(-c * x) / c),
            lambda x, c: 2.0 * ops.sigmoid(ops.log1p(-c * x) / c),
        ),
        tails(
            lambda q, c: -ops.expm1(-2.0 * c * ops.atanh(q)) / c,
            lambda q, c: -ops.expm1(c * (ops.log(q) - ops.log(2.0 - q))) / c,
        ),
    ),
    Distribution(
        "geninvgauss", ("p", "b"), _geninvgauss_logpdf, POSITIVE, valid=(is_number, is_positive),
        beyond_end=True,
    ),
    Distribution(
        "gompertz", ("c",), lambda x, c: ops.log(c) + x - c * ops.expm1(x), POSITIVE,
        tails(lambda x, c: -ops.expm1(-c * ops.expm1(x)), lambda x, c: ops.exp(-c * ops.expm1(x))),
        tails(
            lambda q, c: ops.log1p(-ops.log1p(-q) / c), lambda q, c: ops.log1p(-ops.log(q) / c)
        ),
        (None, lambda x, c: -c * ops.expm1(x)),
    ),
    Distribution(
        "halfcauchy", (), lambda x: math.log(2.0 / math.pi) - ops.log1p(x * x), POSITIVE,
        tails(
            lambda x: ops.atan(x) * (2.0 / math.pi), lambda x: ops.atan2(1.0, x) * (2.0 / math.pi)
        ),
        tails(
            lambda q: ops.tan(0.5 * math.pi * q), lambda q: 1.0 / ops.tan(0.5 * math.pi * q)
        ),
    ),
    Distribution(
        "halfgennorm", ("beta",),
        lambda x, b: ops.log(b) - ops.lgamma(1.0 / b) - ops.pow(x, b), POSITIVE,
        tails(
            lambda x, b: gammainc(1.0 / b, ops.pow(x, b)),
            lambda x, b: gammaincc(1.0 / b, ops.pow(x, b))
        ),
        tails(
            lambda q, b: ops.pow(gamma_quantile(1.0 / b, q, 1.0 - q), 1.0 / b),
            lambda q, b: ops.pow(gamma_quantile(1.0 / b, 1.0 - q, q), 1.0 / b),
        ),
    ),
    Distribution(
        "halflogistic", (), lambda x: math.log(2.0) - x - 2.0 * ops.log1p(ops.exp(-x)), POSITIVE,
        tails(lambda x: ops.tanh(0.5 * x), lambda x: 2.0 * ops.sigmoid(-x)),
        tails(lambda q: 2.0 * ops.atanh(q), lambda q: ops.log(2.0 - q) - ops.log(q)),
        (None, lambda x: math.log(2.0) - ops.softplus(x)),
    ),
    Distribution(
        "invgauss", ("mu",), _invgauss_logpdf, POSITIVE,
        tails(lambda x, mu: _invgauss(x, mu)[0], lambda x, mu: _invgauss(x, mu)[1]),
        beyond_end=True,
    ),
    Distribution(
        "wald", (), lambda x: _invgauss_logpdf(x, 1.0), POSITIVE,
        tails(lambda x: _invgauss(x, 1.0)[0], lambda x: _invgauss(x, 1.0)[1]),
        beyond_end=True,
    ),
    Distribution(
        "kstwobign", (), _kolmogorov_logpdf, POSITIVE,
        tails(lambda x: 1.0 - kolmogorov(x), kolmogorov),
        beyond_end=True,
    ),
    Distribution(
        "levy", (), lambda x: -0.5 * LOG_2PI - 1.5 * ops.log(x) - 0.5 / x, POSITIVE,
        tails(
            lambda x: ops.erfc(ops.sqrt(0.5 / x)), lambda x: ops.erf(ops.sqrt(0.5 / x))
        ),
        tails(
            lambda q: 0.5 / ops.square(ops.erfcinv(q)), lambda q: 0.5 / ops.square(ops.erfinv(q))
        ),
        beyond_end=True,
    ),
    Distribution(
        "maxwell", (), lambda x: 0.5 * math.log(2.0 / math.pi) + ops.xlogy(2.0, x) - 0.5 * x * x,
        POSITIVE,
        tails(lambda x: gammainc(1.5, 0.5 * x * x), lambda x: gammaincc(1.5, 0.5 * x * x)),
        tails(
            lambda q: ops.sqrt(2.0 * gamma_quantile(1.5, q, 1.0 - q)),
            lambda q: ops.sqrt(2.0 * gamma_quantile(1.5, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "nakagami", ("nu",),
        lambda x, nu: math.log(2.0) + ops.xlogy(nu, nu) - ops.lgamma(nu)
        + ops.xlogy(2.0 * nu - 1.0, x) - nu * x * x,
        POSITIVE,
        tails(lambda x, nu: gammainc(nu, nu * x * x), lambda x, nu: gammaincc(nu, nu * x * x)),
        tails(
            lambda q, nu: ops.sqrt(gamma_quantile(nu, q, 1.0 - q) / nu),
            lambda q, nu: ops.sqrt(gamma_quantile(nu, 1.0 - q, q) / nu),
        ),
    ),
    Distribution("ncx2", ("df", "nc"), _ncx2_logpdf, POSITIVE),
    Distribution(
        "powerlognorm", ("c", "s"),
        lambda x, c, s: ops.log(c) - ops.log(x) - ops.log(s) - 0.5 * LOG_2PI
        - 0.5 * ops.square(ops.log(x) / s) + (c - 1.0) * log_ndtr(-ops.log(x) / s),
        POSITIVE,
        tails(
            lambda x, c, s: -ops.expm1(c * log_ndtr(-ops.log(x) / s)),
            lambda x, c, s: ops.exp(c * log_ndtr(-ops.log(x) / s)),
        ),
        tails(
            lambda q, c, s: ops.exp(-s * ndtri(ops.exp(ops.log1p(-q) / c))),
            lambda q, c, s: ops.exp(-s * ndtri(ops.pow(q, 1.0 / c))),
        ),
        (None, lambda x, c, s: c * log_ndtr(-ops.log(x) / s)),
        beyond_end=True,
    ),
    Distribution(
        "recipinvgauss", ("mu",),
        lambda x, mu: -0.5 * ops.square((1.0 - mu * x) / mu) / x - 0.5 * LOG_2PI - 0.5 * ops.log(x),
        POSITIVE,
        tails(
            lambda x, mu: _invgauss(1.0 / x, mu)[1], lambda x, mu: _invgauss(1.0 / x, mu)[0]
        ),
        beyond_end=True,
    ),
    Distribution(
        "rice", ("b",),
        lambda x, b: ops.log(x) - 0.5 * ops.square(x - b) + ops.log(i0e(x * b)), POSITIVE,
        valid=lambda b: ops.ge(b, 0.0),
    ),
)  # fmt: skip
