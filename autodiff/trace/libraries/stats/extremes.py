"""Distributions of scipy.stats of extremes and with heavy tails: powers of a variable."""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.differences import boxcox, log_inv_boxcox
from autodiff.trace.libraries.stats.distributions import (
    NEGATIVE,
    POSITIVE,
    Distribution,
    is_number,
    tails,
)

__all__ = ["EXTREMES"]


def _burr_ppf(q: Quantity, c: Quantity, d: Quantity) -> Quantity:
    found: Quantity = ops.pow(ops.expm1(-ops.log(q) / d), -1.0 / c)
    return found


def _pareto_logpdf(x: Quantity, c: Quantity) -> Quantity:
    return -(c + 1.0) * log_inv_boxcox(x, c)


def _lomax_log(x: Quantity, c: Quantity) -> Quantity:
    return -c * ops.log1p(x)


def _extreme_log(x: Quantity, c: Quantity) -> Quantity:
    """Logarithm of minus the logarithm of the probability below x."""
    return log_inv_boxcox(-x, c)


EXTREMES = (
    Distribution(
        "burr", ("c", "d"),
        lambda x, c, d: ops.log(c * d) - (c + 1.0) * ops.log(x)
        - (d + 1.0) * ops.softplus(-c * ops.log(x)),
        POSITIVE,
        tails(
            lambda x, c, d: ops.exp(-d * ops.softplus(-c * ops.log(x))),
            lambda x, c, d: -ops.expm1(-d * ops.softplus(-c * ops.log(x))),
        ),
        tails(_burr_ppf, lambda q, c, d: ops.pow(ops.expm1(-ops.log1p(-q) / d), -1.0 / c)),
        (lambda x, c, d: -d * ops.softplus(-c * ops.log(x)), None),
        beyond_end=True,
    ),
    Distribution(
        "burr12", ("c", "d"),
        lambda x, c, d: ops.log(c * d) + ops.xlogy(c - 1.0, x)
        - (d + 1.0) * ops.log1p(ops.pow(x, c)),
        POSITIVE,
        tails(
            lambda x, c, d: -ops.expm1(-d * ops.log1p(ops.pow(x, c))),
            lambda x, c, d: ops.exp(-d * ops.log1p(ops.pow(x, c))),
        ),
        tails(
            lambda q, c, d: ops.pow(ops.expm1(-ops.log1p(-q) / d), 1.0 / c),
            lambda q, c, d: ops.pow(ops.expm1(-ops.log(q) / d), 1.0 / c),
        ),
        (None, lambda x, c, d: -d * ops.log1p(ops.pow(x, c))),
    ),
    Distribution(
        "fisk", ("c",),
        lambda x, c: ops.log(c) - ops.log(x) - ops.softplus(c * ops.log(x))
        - ops.softplus(-c * ops.log(x)),
        POSITIVE,
        tails(
            lambda x, c: ops.sigmoid(c * ops.log(x)), lambda x, c: ops.sigmoid(-c * ops.log(x))
        ),
        tails(
            lambda q, c: ops.pow(q / (1.0 - q), 1.0 / c),
            lambda q, c: ops.pow((1.0 - q) / q, 1.0 / c)
        ),
        (lambda x, c: -ops.softplus(-c * ops.log(x)), lambda x, c: -ops.softplus(c * ops.log(x))),
        beyond_end=True,
    ),
    Distribution(
        "genextreme", ("c",),
        lambda x, c: (1.0 - c) * _extreme_log(x, c) - ops.exp(_extreme_log(x, c)),
        lambda c: (
            ops.where(c < 0.0, 1.0 / ops.where(c < 0.0, c, -1.0), -math.inf),
            ops.where(c > 0.0, 1.0 / ops.where(c > 0.0, c, 1.0), math.inf),
        ),
        tails(
            lambda x, c: ops.exp(-ops.exp(_extreme_log(x, c))),
            lambda x, c: -ops.expm1(-ops.exp(_extreme_log(x, c))),
        ),
        tails(
            lambda q, c: -boxcox(ops.log(-ops.log(q)), c),
            lambda q, c: -boxcox(ops.log(-ops.log1p(-q)), c),
        ),
        (lambda x, c: -ops.exp(_extreme_log(x, c)), None),
        valid=is_number,
    ),
    Distribution(
        "genpareto", ("c",), _pareto_logpdf,
        lambda c: (0.0, ops.where(c < 0.0, -1.0 / ops.where(c < 0.0, c, -1.0), math.inf)),
        tails(
            lambda x, c: -ops.expm1(-log_inv_boxcox(x, c)),
            lambda x, c: ops.exp(-log_inv_boxcox(x, c))
        ),
        tails(
            lambda q, c: boxcox(-ops.log1p(-q), c), lambda q, c: boxcox(-ops.log(q), c)
        ),
        (None, lambda x, c: -log_inv_boxcox(x, c)),
        valid=is_number,
    ),
    Distribution(
        "gumbel_l", (), lambda x: x - ops.exp(x),
        cdf=tails(lambda x: -ops.expm1(-ops.exp(x)), lambda x: ops.exp(-ops.exp(x))),
        ppf=tails(lambda q: ops.log(-ops.log1p(-q)), lambda q: ops.log(-ops.log(q))),
        logs=(None, lambda x: -ops.exp(x)),
    ),
    Distribution(
        "invweibull", ("c",),
        lambda x, c: ops.log(c) - (c + 1.0) * ops.log(x) - ops.pow(x, -c), POSITIVE,
        tails(lambda x, c: ops.exp(-ops.pow(x, -c)), lambda x, c: -ops.expm1(-ops.pow(x, -c))),
        tails(
            lambda q, c: ops.pow(-ops.log(q), -1.0 / c),
            lambda q, c: ops.pow(-ops.log1p(-q), -1.0 / c)
        ),
        (lambda x, c: -ops.pow(x, -c), None),
        beyond_end=True,
    ),
    Distribution(
        "kappa3", ("a",), lambda x, a: ops.log(a) - (a + 1.0) / a * ops.log(a + ops.pow(x, a)),
        POSITIVE,
        tails(
            lambda x, a: x * ops.pow(a + ops.pow(x, a), -1.0 / a),
            lambda x, a: -ops.expm1(-ops.log1p(a * ops.pow(x, -a)) / a),
        ),
        tails(
            lambda q, a: ops.pow(a / ops.expm1(-a * ops.log(q)), 1.0 / a),
            lambda q, a: ops.pow(a / ops.expm1(-a * ops.log1p(-q)), 1.0 / a),
        ),
    ),
    Distribution(
        "loglaplace", ("c",),
        lambda x, c: ops.log(0.5 * c) + ops.where(x < 1.0, c - 1.0, -c - 1.0) * ops.log(x),
        POSITIVE,
        tails(
            lambda x, c: ops.where(x < 1.0, 0.5 * ops.pow(x, c), 1.0 - 0.5 * ops.pow(x, -c)),
            lambda x, c: ops.where(x < 1.0, 1.0 - 0.5 * ops.pow(x, c), 0.5 * ops.pow(x, -c)),
        ),
        tails(
            lambda q, c: ops.pow(ops.where(q < 0.5, 2.0 * q, 0.5 / (1.0 - q)), 1.0 / c),
            lambda q, c: ops.pow(ops.where(q < 0.5, 0.5 / q, 2.0 * (1.0 - q)), 1.0 / c),
        ),
    ),
    Distribution(
        "lomax", ("c",), lambda x, c: ops.log(c) - (c + 1.0) * ops.log1p(x), POSITIVE,
        tails(lambda x, c: -ops.expm1(_lomax_log(x, c)), lambda x, c: ops.exp(_lomax_log(x, c))),
        tails(
            lambda q, c: ops.expm1(-ops.log1p(-q) / c), lambda q, c: ops.expm1(-ops.log(q) / c)
        ),
        (None, _lomax_log),
    ),
    Distribution(
        "mielke", ("k", "s"),
        lambda x, k, s: ops.log(k) + ops.xlogy(k - 1.0, x)
        - (1.0 + k / s) * ops.log1p(ops.pow(x, s)),
        POSITIVE,
        tails(
            lambda x, k, s: ops.exp(-k / s * ops.softplus(-s * ops.log(x))),
            lambda x, k, s: -ops.expm1(-k / s * ops.softplus(-s * ops.log(x))),
        ),
        tails(
            lambda q, k, s: _burr_ppf(q, s, k / s), lambda q, k, s: _burr_ppf(1.0 - q, s, k / s)
        ),
    ),
    Distribution(
        "weibull_max", ("c",),
        lambda x, c: ops.log(c) + ops.xlogy(c - 1.0, -x) - ops.pow(-x, c), NEGATIVE,
        tails(lambda x, c: ops.exp(-ops.pow(-x, c)), lambda x, c: -ops.expm1(-ops.pow(-x, c))),
        tails(
            lambda q, c: -ops.pow(-ops.log(q), 1.0 / c),
            lambda q, c: -ops.pow(-ops.log1p(-q), 1.0 / c)
        ),
        (lambda x, c: -ops.pow(-x, c), None),
    ),
)  # fmt: skip
