"""Distributions of scipy.stats between two ends, of which parameters may be."""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.scipy_functions import log_ndtr, ndtr, ndtri
from autodiff.trace.libraries.special.gammas import betaln
from autodiff.trace.libraries.special.incomplete import betainc, betaincc, gammainc
from autodiff.trace.libraries.special.quantiles import beta_odds
from autodiff.trace.libraries.stats.distributions import (
    LOG_2PI,
    UNIT,
    Distribution,
    is_number,
    is_positive,
    tails,
)

__all__ = ["INTERVALS"]

_QUARTER = 0.25 * math.pi


def _is_share(c: Quantity) -> object:
    return ops.logical_and(ops.ge(c, 0.0), ops.le(c, 1.0))


# --- the normal distribution, cut off -----------------------------------------------------------


def _log_between(a: Quantity, b: Quantity) -> Quantity:
    """Logarithm of the probability of a normal variable between a and b, in either tail."""
    above = ops.gt(a, 0.0)
    low, high = ops.where(above, -b, a), ops.where(above, -a, b)
    upper = log_ndtr(high)
    found: Quantity = upper + ops.log(-ops.expm1(log_ndtr(low) - upper))
    return found


def _truncnorm_logpdf(x: Quantity, a: Quantity, b: Quantity) -> Quantity:
    return -0.5 * x * x - 0.5 * LOG_2PI - _log_between(a, b)


def _truncnorm_ppf(p: Quantity, q: Quantity, a: Quantity, b: Quantity) -> Quantity:
    """Where a share p of what lies between is below, and q above, from the nearer tail."""
    above = ops.gt(a, 0.0)
    low, high = ops.where(above, -b, a), ops.where(above, -a, b)
    below, rest = ops.where(above, q, p), ops.where(above, p, q)
    found = ndtri(ndtr(low) * rest + ndtr(high) * below)
    made: Quantity = ops.where(above, -found, found)
    return made


# --- of two or three pieces ---------------------------------------------------------------------


def _trapezoid_pdf(x: Quantity, c: Quantity, d: Quantity) -> Quantity:
    high = 2.0 / (d - c + 1.0)
    rising, falling = x < c, x > d
    up = x / ops.where(rising, c, 1.0)
    down = (1.0 - x) / ops.where(falling, 1.0 - d, 1.0)
    return high * ops.where(rising, up, ops.where(falling, down, 1.0))


def _trapezoid_cdf(x: Quantity, c: Quantity, d: Quantity) -> Quantity:
    high = 2.0 / (d - c + 1.0)
    rising, falling = x < c, x > d
    up = 0.5 * x * x / ops.where(rising, c, 1.0)
    down = 0.5 * ops.square(1.0 - x) / ops.where(falling, 1.0 - d, 1.0)
    return ops.where(rising, high * up, ops.where(falling, 1.0 - high * down, high * (x - 0.5 * c)))


def _trapezoid_ppf(q: Quantity, c: Quantity, d: Quantity) -> Quantity:
    total = d - c + 1.0
    low, high = q < c / total, q > 1.0 - (1.0 - d) / total
    up = ops.sqrt(ops.where(low, q * c * total, 1.0))
    down = 1.0 - ops.sqrt(ops.where(high, (1.0 - q) * total * (1.0 - d), 1.0))
    return ops.where(low, up, ops.where(high, down, 0.5 * (q * total + c)))


def _argus_part(chi: Quantity, x: Quantity) -> Quantity:
    """Probability above x."""
    half = 0.5 * chi * chi
    return gammainc(1.5, half * (1.0 - x * x)) / gammainc(1.5, half)


def _argus_logpdf(x: Quantity, chi: Quantity) -> Quantity:
    half = 0.5 * chi * chi
    room = 1.0 - x * x
    mass = ops.log(0.5 * gammainc(1.5, half)) + 0.5 * LOG_2PI
    found: Quantity = 3.0 * ops.log(chi) - mass + ops.log(x) + 0.5 * ops.log(room) - half * room
    return found


def _weibull_between(x: Quantity, c: Quantity, a: Quantity, b: Quantity) -> Quantity:
    """Probability below x of a Weibull variable between a and b."""
    start = ops.pow(a, c)
    found: Quantity = ops.expm1(start - ops.pow(x, c)) / ops.expm1(start - ops.pow(b, c))
    return found


def _weibull_logpdf(x: Quantity, c: Quantity, a: Quantity, b: Quantity) -> Quantity:
    start = ops.pow(a, c)
    mass = ops.log(-ops.expm1(start - ops.pow(b, c)))
    found: Quantity = ops.log(c) + ops.xlogy(c - 1.0, x) - ops.pow(x, c) + start - mass
    return found


def _weibull_place(q: Quantity, c: Quantity, a: Quantity, b: Quantity) -> Quantity:
    start = ops.pow(a, c)
    found: Quantity = ops.pow(start - ops.log1p(q * ops.expm1(start - ops.pow(b, c))), 1.0 / c)
    return found


def _root(x: Quantity) -> Quantity:
    found: Quantity = ops.sqrt((1.0 - x) * (1.0 + x))
    return found


def _wrapped_below(x: Quantity, c: Quantity) -> Quantity:
    """Of a Cauchy variable on a circle."""
    up, across = (1.0 + c) * ops.sin(0.5 * x), (1.0 - c) * ops.cos(0.5 * x)
    found: Quantity = ops.atan2(up, across) / math.pi
    return found


def _wrapped_place(q: Quantity, c: Quantity) -> Quantity:
    turn = math.pi * q
    found: Quantity = ops.atan2((1.0 - c) * ops.sin(turn), (1.0 + c) * ops.cos(turn))
    return found


INTERVALS = (
    Distribution(
        "anglit", (), lambda x: ops.log(ops.cos(2.0 * x)), (-_QUARTER, _QUARTER),
        tails(
            lambda x: ops.square(ops.sin(x + _QUARTER)), lambda x: ops.square(ops.cos(x + _QUARTER))
        ),
        tails(
            lambda q: ops.asin(ops.sqrt(q)) - _QUARTER, lambda q: ops.acos(ops.sqrt(q)) - _QUARTER
        ),
    ),
    Distribution(
        "arcsine", (), lambda x: -math.log(math.pi) - 0.5 * (ops.log(x) + ops.log1p(-x)), UNIT,
        tails(
            lambda x: ops.asin(ops.sqrt(x)) * (2.0 / math.pi),
            lambda x: ops.acos(ops.sqrt(x)) * (2.0 / math.pi),
        ),
        tails(
            lambda q: ops.square(ops.sin(0.5 * math.pi * q)),
            lambda q: ops.square(ops.cos(0.5 * math.pi * q)),
        ),
    ),
    Distribution(
        "argus", ("chi",), _argus_logpdf, UNIT,
        tails(lambda x, chi: 1.0 - _argus_part(chi, x), lambda x, chi: _argus_part(chi, x)),
    ),
    Distribution(
        "bradford", ("c",), lambda x, c: ops.log(c) - ops.log(ops.log1p(c)) - ops.log1p(c * x),
        UNIT,
        tails(
            lambda x, c: ops.log1p(c * x) / ops.log1p(c),
            lambda x, c: 1.0 - ops.log1p(c * x) / ops.log1p(c),
        ),
        tails(
            lambda q, c: ops.expm1(q * ops.log1p(c)) / c,
            lambda q, c: ops.expm1((1.0 - q) * ops.log1p(c)) / c,
        ),
    ),
    Distribution(
        "cosine", (), lambda x: ops.log1p(ops.cos(x)) - LOG_2PI, (-math.pi, math.pi),
        tails(
            lambda x: (math.pi + x + ops.sin(x)) * (0.5 / math.pi),
            lambda x: (math.pi - x - ops.sin(x)) * (0.5 / math.pi),
        ),
    ),
    Distribution(
        "johnsonsb", ("a", "b"),
        lambda x, a, b: ops.log(b) - ops.log(x) - ops.log1p(-x) - 0.5 * LOG_2PI
        - 0.5 * ops.square(a + b * (ops.log(x) - ops.log1p(-x))),
        UNIT,
        tails(
            lambda x, a, b: ndtr(a + b * (ops.log(x) - ops.log1p(-x))),
            lambda x, a, b: ndtr(-a - b * (ops.log(x) - ops.log1p(-x))),
        ),
        tails(
            lambda q, a, b: ops.sigmoid((ndtri(q) - a) / b),
            lambda q, a, b: ops.sigmoid((-ndtri(q) - a) / b),
        ),
        valid=(is_number, is_positive),
    ),
    *(
        Distribution(
            name, ("a", "b"), lambda x, a, b: -ops.log(x) - ops.log(ops.log(b) - ops.log(a)),
            lambda a, b: (a, b),
            tails(
                lambda x, a, b: (ops.log(x) - ops.log(a)) / (ops.log(b) - ops.log(a)),
                lambda x, a, b: (ops.log(b) - ops.log(x)) / (ops.log(b) - ops.log(a)),
            ),
            tails(
                lambda q, a, b: ops.exp(ops.log(a) + q * (ops.log(b) - ops.log(a))),
                lambda q, a, b: ops.exp(ops.log(b) - q * (ops.log(b) - ops.log(a))),
            ),
            order=ops.lt,
        )
        for name in ("loguniform", "reciprocal")
    ),
    Distribution(
        "powerlaw", ("a",), lambda x, a: ops.log(a) + ops.xlogy(a - 1.0, x), UNIT,
        tails(ops.pow, lambda x, a: -ops.expm1(a * ops.log(x))),
        tails(
            lambda q, a: ops.pow(q, 1.0 / a), lambda q, a: ops.exp(ops.log1p(-q) / a)
        ),
        (lambda x, a: a * ops.log(x), None),
    ),
    Distribution(
        "rdist", ("c",),
        lambda x, c: (0.5 * c - 1.0) * (ops.log1p(-x) + ops.log1p(x)) - betaln(0.5, 0.5 * c),
        (-1.0, 1.0),
        tails(
            lambda x, c: betainc(0.5 * c, 0.5 * c, 0.5 * (x + 1.0)),
            lambda x, c: betaincc(0.5 * c, 0.5 * c, 0.5 * (x + 1.0)),
        ),
        tails(
            lambda q, c: ops.tanh(0.5 * beta_odds(0.5 * c, 0.5 * c, q, 1.0 - q)),
            lambda q, c: ops.tanh(0.5 * beta_odds(0.5 * c, 0.5 * c, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "semicircular", (),
        lambda x: math.log(2.0 / math.pi) + 0.5 * (ops.log1p(-x) + ops.log1p(x)), (-1.0, 1.0),
        tails(
            lambda x: 0.5 + (x * _root(x) + ops.asin(x)) / math.pi,
            lambda x: 0.5 - (x * _root(x) + ops.asin(x)) / math.pi,
        ),
    ),
    Distribution(
        "trapezoid", ("c", "d"), lambda x, c, d: ops.log(_trapezoid_pdf(x, c, d)), UNIT,
        tails(_trapezoid_cdf, lambda x, c, d: 1.0 - _trapezoid_cdf(x, c, d)),
        tails(_trapezoid_ppf, lambda q, c, d: _trapezoid_ppf(1.0 - q, c, d)),
        pdf=_trapezoid_pdf, valid=_is_share, order=ops.le,
    ),
    Distribution(
        "triang", ("c",), lambda x, c: ops.log(_trapezoid_pdf(x, c, c)), UNIT,
        tails(
            lambda x, c: _trapezoid_cdf(x, c, c), lambda x, c: 1.0 - _trapezoid_cdf(x, c, c)
        ),
        tails(
            lambda q, c: _trapezoid_ppf(q, c, c), lambda q, c: _trapezoid_ppf(1.0 - q, c, c)
        ),
        pdf=lambda x, c: _trapezoid_pdf(x, c, c), valid=_is_share,
    ),
    Distribution(
        "truncexpon", ("b",), lambda x, b: -x - ops.log(-ops.expm1(-b)), lambda b: (0.0, b),
        tails(
            lambda x, b: ops.expm1(-x) / ops.expm1(-b),
            lambda x, b: (ops.exp(-b) - ops.exp(-x)) / ops.expm1(-b),
        ),
        tails(
            lambda q, b: -ops.log1p(q * ops.expm1(-b)),
            lambda q, b: -ops.log1p((1.0 - q) * ops.expm1(-b)),
        ),
    ),
    Distribution(
        "truncnorm", ("a", "b"), _truncnorm_logpdf, lambda a, b: (a, b),
        tails(
            lambda x, a, b: ops.exp(_log_between(a, x) - _log_between(a, b)),
            lambda x, a, b: ops.exp(_log_between(x, b) - _log_between(a, b)),
        ),
        tails(
            lambda q, a, b: _truncnorm_ppf(q, 1.0 - q, a, b),
            lambda q, a, b: _truncnorm_ppf(1.0 - q, q, a, b),
        ),
        (
            lambda x, a, b: _log_between(a, x) - _log_between(a, b),
            lambda x, a, b: _log_between(x, b) - _log_between(a, b),
        ),
        valid=is_number, order=ops.lt,
    ),
    Distribution(
        "truncpareto", ("b", "c"),
        lambda x, b, c: ops.log(-b / ops.expm1(-b * ops.log(c))) - (b + 1.0) * ops.log(x),
        lambda b, c: (1.0, c),
        tails(
            lambda x, b, c: ops.expm1(-b * ops.log(x)) / ops.expm1(-b * ops.log(c)),
            lambda x, b, c: (ops.pow(c, -b) - ops.pow(x, -b)) / ops.expm1(-b * ops.log(c)),
        ),
        tails(
            lambda q, b, c: ops.exp(-ops.log1p(q * ops.expm1(-b * ops.log(c))) / b),
            lambda q, b, c: ops.exp(-ops.log1p((1.0 - q) * ops.expm1(-b * ops.log(c))) / b),
        ),
        valid=(lambda b: ops.ne(b, 0.0), lambda c: ops.gt(c, 1.0)),
    ),
    Distribution(
        "truncweibull_min", ("c", "a", "b"), _weibull_logpdf, lambda c, a, b: (a, b),
        tails(
            _weibull_between, lambda x, c, a, b: 1.0 - _weibull_between(x, c, a, b)
        ),
        tails(
            _weibull_place, lambda q, c, a, b: _weibull_place(1.0 - q, c, a, b)
        ),
        valid=(is_positive, lambda a: ops.ge(a, 0.0), is_positive), order=ops.lt,
    ),
    Distribution(
        "wrapcauchy", ("c",),
        lambda x, c: ops.log1p(-c * c) - LOG_2PI - ops.log1p(c * c - 2.0 * c * ops.cos(x)),
        (0.0, 2.0 * math.pi),
        tails(_wrapped_below, lambda x, c: _wrapped_below(2.0 * math.pi - x, c)),
        tails(
            lambda q, c: 2.0 * _wrapped_place(q, c),
            lambda q, c: 2.0 * math.pi - 2.0 * _wrapped_place(q, c),
        ),
        valid=lambda c: ops.logical_and(ops.gt(c, 0.0), ops.lt(c, 1.0)),
    ),
)  # fmt: skip
