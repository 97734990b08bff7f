"""Distributions of scipy.stats on traced values, over standard ones moved and scaled."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, Protocol

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.activations import ONE_OVER_SQRT_TWO_PI
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import holds_operands
from autodiff.trace.libraries.scipy_functions import (
    log_ndtr,
    ndtr,
    ndtri,
    xlog1py,
)
from autodiff.trace.libraries.special.differences import logit
from autodiff.trace.libraries.special.incomplete import (
    betainc,
    betaincc,
    fisher,
    gammainc,
    gammaincc,
    student_below,
)
from autodiff.trace.libraries.special.quantiles import (
    beta_odds,
    fisher_quantile,
    gamma_quantile,
    student_quantile,
)
from autodiff.trace.libraries.stats.bounded import INTERVALS
from autodiff.trace.libraries.stats.distributions import (
    LOG_2PI,
    POSITIVE,
    UNIT,
    Distribution,
    tails,
)
from autodiff.trace.libraries.stats.extremes import EXTREMES
from autodiff.trace.libraries.stats.lifetimes import LIFETIMES
from autodiff.trace.libraries.stats.masses import (
    COUNTS,
    Dirichlet,
    Multinomial,
    MultivariateNormal,
    MultivariateT,
)
from autodiff.trace.libraries.stats.unbounded import LINES

__all__ = ["STATS", "frozen"]


def _t_logpdf(x: Quantity, df: Quantity) -> Quantity:
    half = 0.5 * (df + 1.0)
    constant = ops.lgamma(half) - ops.lgamma(0.5 * df) - 0.5 * (ops.log(df) + math.log(math.pi))
    found: Quantity = constant - half * ops.log1p(x * x / df)
    return found


def _gamma_logpdf(x: Quantity, a: Quantity) -> Quantity:
    return ops.xlogy(a - 1.0, x) - x - ops.lgamma(a)


def _log_beta(a: Quantity, b: Quantity) -> Quantity:
    """Of parameters of everyday size, for which this has the digits, and proofs are short."""
    found: Quantity = ops.lgamma(a) + ops.lgamma(b) - ops.lgamma(a + b)
    return found


def _beta_logpdf(x: Quantity, a: Quantity, b: Quantity) -> Quantity:
    terms: Quantity = ops.xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x)
    return terms - _log_beta(a, b)


def _f_logpdf(x: Quantity, n: Quantity, m: Quantity) -> Quantity:
    ratio = n / m
    terms = 0.5 * n * ops.log(ratio) - 0.5 * (n + m) * ops.log1p(ratio * x)
    return terms + ops.xlogy(0.5 * n - 1.0, x) - _log_beta(0.5 * n, 0.5 * m)


def _lognorm_logpdf(x: Quantity, s: Quantity) -> Quantity:
    z: Quantity = ops.log(x) / s
    found: Quantity = -0.5 * z * z - ops.log(s) - 0.5 * LOG_2PI - ops.log(x)
    return found


def _away(x: Quantity) -> Quantity:
    """Minus the distance from 0, there with the slope of the side where nothing is turned."""
    found: Quantity = ops.where(x > 0.0, -x, x)
    return found


def _laplace_cdf(x: Quantity) -> object:
    half = 0.5 * ops.exp(_away(x))
    return ops.where(x > 0.0, 1.0 - half, half)


def _laplace_logcdf(x: Quantity) -> object:
    low = _away(x)
    return ops.where(x > 0.0, ops.log1p(-0.5 * ops.exp(low)), low - math.log(2.0))


def _laplace_ppf(q: Quantity) -> Quantity:
    return ops.where(q > 0.5, -ops.log(2.0 - 2.0 * q), ops.log(2.0 * q))


_ROOT_HALF = math.sqrt(0.5)


_DISTRIBUTIONS = (
    Distribution(
        "norm", (), lambda x: -0.5 * x * x - 0.5 * LOG_2PI, cdf=tails(ndtr, lambda x: ndtr(-x)),
        ppf=tails(ndtri, lambda q: -ndtri(q)),
        logs=tails(log_ndtr, lambda x: log_ndtr(-x)),
        pdf=lambda x: ONE_OVER_SQRT_TWO_PI * ops.gaussian(x, 0.5),
    ),
    Distribution(
        "t", ("df",), _t_logpdf,
        cdf=tails(lambda x, df: student_below(x, df)[0], lambda x, df: student_below(x, df)[1]),
        ppf=tails(
            lambda q, df: student_quantile(df, q), lambda q, df: -student_quantile(df, q)
        ),
        settled=True,
    ),
    Distribution("f", ("dfn", "dfd"), _f_logpdf, POSITIVE,
        tails(lambda x, n, m: fisher(n, m, x)[0], lambda x, n, m: fisher(n, m, x)[1]),
        tails(
            lambda q, n, m: fisher_quantile(n, m, q, 1.0 - q),
            lambda q, n, m: fisher_quantile(n, m, 1.0 - q, q),
        ),
    ),
    Distribution(
        "expon", (), lambda x: -x, POSITIVE,
        tails(lambda x: -ops.expm1(-x), lambda x: ops.exp(-x)),
        tails(lambda q: -ops.log1p(-q), lambda q: -ops.log(q)),
        (None, lambda x: -x),
    ),
    *(
        Distribution(
            name, ("a",), _gamma_logpdf, POSITIVE,
            tails(lambda x, a: gammainc(a, x), lambda x, a: gammaincc(a, x)),
            tails(
                lambda q, a: gamma_quantile(a, q, 1.0 - q),
                lambda q, a: gamma_quantile(a, 1.0 - q, q),
            ),
        )
        for name in ("gamma", "erlang")
    ),
    Distribution(
        "chi2", ("df",), lambda x, df: _gamma_logpdf(0.5 * x, 0.5 * df) - math.log(2.0), POSITIVE,
        tails(
            lambda x, df: gammainc(0.5 * df, 0.5 * x), lambda x, df: gammaincc(0.5 * df, 0.5 * x)
        ),
        tails(
            lambda q, df: 2.0 * gamma_quantile(0.5 * df, q, 1.0 - q),
            lambda q, df: 2.0 * gamma_quantile(0.5 * df, 1.0 - q, q),
        ),
    ),
    Distribution(
        "beta", ("a", "b"), _beta_logpdf, UNIT,
        tails(lambda x, a, b: betainc(a, b, x), lambda x, a, b: betaincc(a, b, x)),
        tails(
            lambda q, a, b: ops.sigmoid(beta_odds(a, b, q, 1.0 - q)),
            lambda q, a, b: ops.sigmoid(beta_odds(a, b, 1.0 - q, q)),
        ),
    ),
    Distribution(
        "cauchy", (), lambda x: -math.log(math.pi) - ops.log1p(x * x),
        cdf=tails(lambda x: ops.atan2(1.0, -x) / math.pi, lambda x: ops.atan2(1.0, x) / math.pi),
        ppf=tails(lambda q: -1.0 / ops.tan(math.pi * q), lambda q: 1.0 / ops.tan(math.pi * q)),
    ),
    Distribution(
        "laplace", (), lambda x: -math.log(2.0) - abs(x),
        cdf=tails(_laplace_cdf, lambda x: _laplace_cdf(-x)),
        ppf=tails(_laplace_ppf, lambda q: -_laplace_ppf(q)),
        logs=tails(_laplace_logcdf, lambda x: _laplace_logcdf(-x)),
    ),
    Distribution(
        "logistic", (), lambda x: -x - 2.0 * ops.softplus(-x),
        cdf=tails(ops.sigmoid, lambda x: ops.sigmoid(-x)),
        ppf=tails(logit, lambda q: -logit(q)),
        logs=tails(lambda x: -ops.softplus(-x), lambda x: -ops.softplus(x)),
    ),
    Distribution(
        "gibrat", (), lambda x: _lognorm_logpdf(x, 1.0), POSITIVE,
        tails(lambda x: ndtr(ops.log(x)), lambda x: ndtr(-ops.log(x))),
        tails(lambda q: ops.exp(ndtri(q)), lambda q: ops.exp(-ndtri(q))),
        tails(lambda x: log_ndtr(ops.log(x)), lambda x: log_ndtr(-ops.log(x))),
        beyond_end=True,
    ),
    Distribution(
        "lognorm", ("s",), _lognorm_logpdf, POSITIVE,
        tails(lambda x, s: ndtr(ops.log(x) / s), lambda x, s: ndtr(-ops.log(x) / s)),
        tails(lambda q, s: ops.exp(s * ndtri(q)), lambda q, s: ops.exp(-s * ndtri(q))),
        tails(lambda x, s: log_ndtr(ops.log(x) / s), lambda x, s: log_ndtr(-ops.log(x) / s)),
        beyond_end=True,
    ),
    Distribution(
        "weibull_min", ("c",), lambda x, c: ops.log(c) + ops.xlogy(c - 1.0, x) - ops.pow(x, c),
        POSITIVE,
        tails(lambda x, c: -ops.expm1(-ops.pow(x, c)), lambda x, c: ops.exp(-ops.pow(x, c))),
        tails(
            lambda q, c: ops.pow(-ops.log1p(-q), 1.0 / c),
            lambda q, c: ops.pow(-ops.log(q), 1.0 / c),
        ),
        (None, lambda x, c: -ops.pow(x, c)),
    ),
    Distribution(
        "gumbel_r", (), lambda x: -x - ops.exp(-x),
        cdf=tails(lambda x: ops.exp(-ops.exp(-x)), lambda x: -ops.expm1(-ops.exp(-x))),
        ppf=tails(lambda q: -ops.log(-ops.log(q)), lambda q: -ops.log(-ops.log1p(-q))),
        logs=(lambda x: -ops.exp(-x), None),
    ),
    Distribution(
        "pareto", ("b",), lambda x, b: ops.log(b) - (b + 1.0) * ops.log(x), (1.0, math.inf),
        tails(lambda x, b: 1.0 - ops.pow(x, -b), lambda x, b: ops.pow(x, -b)),
        tails(lambda q, b: ops.pow(1.0 - q, -1.0 / b), lambda q, b: ops.pow(q, -1.0 / b)),
        (None, lambda x, b: -b * ops.log(x)),
    ),
    Distribution(
        "invgamma", ("a",), lambda x, a: -(a + 1.0) * ops.log(x) - ops.lgamma(a) - 1.0 / x,
        POSITIVE,
        tails(lambda x, a: gammaincc(a, 1.0 / x), lambda x, a: gammainc(a, 1.0 / x)),
        tails(
            lambda q, a: 1.0 / gamma_quantile(a, 1.0 - q, q),
            lambda q, a: 1.0 / gamma_quantile(a, q, 1.0 - q),
        ),
        beyond_end=True,
    ),
    Distribution("halfnorm", (), lambda x: 0.5 * math.log(2.0 / math.pi) - 0.5 * x * x, POSITIVE,
                  tails(lambda x: ops.erf(x * _ROOT_HALF), lambda x: ops.erfc(x * _ROOT_HALF)),
                  tails(lambda q: ops.erfinv(q) / _ROOT_HALF,
                         lambda q: ops.erfcinv(q) / _ROOT_HALF)),
    Distribution(
        "rayleigh", (), lambda x: ops.log(x) - 0.5 * x * x, POSITIVE,
        tails(lambda x: -ops.expm1(-0.5 * x * x), lambda x: ops.exp(-0.5 * x * x)),
        tails(lambda q: ops.sqrt(-2.0 * ops.log1p(-q)), lambda q: ops.sqrt(-2.0 * ops.log(q))),
        (None, lambda x: -0.5 * x * x),
    ),
    Distribution(
        "vonmises", ("kappa",), lambda x, kappa: kappa * ops.cos(x) - LOG_2PI - ops.log_i0(kappa),
        valid=lambda kappa: ops.ge(kappa, 0.0),
    ),
    Distribution(
        "uniform", (), lambda x: 0.0 * x, UNIT, tails(lambda x: x, lambda x: 1.0 - x),
        tails(lambda q: q, lambda q: 1.0 - q),
    ),
)  # fmt: skip


class _OnTraced:
    """A distribution of SciPy's that computes with ours what it is asked of traced values."""

    def __init__(self, ours: Any) -> None:
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        original = getattr(getattr(sys.modules["scipy.stats"], self._ours.name), name)
        ours = getattr(self._ours, name, None)
        if not callable(original):
            return original

        def method(*args: object, **kwargs: object) -> object:
            if not holds_operands([*args, *kwargs.values()]):
                return original(*args, **kwargs)
            if ours is None:
                raise TraceError(
                    f"{user_location()}: scipy.stats.{self._ours.name}.{name} of traced values "
                    "cannot be traced; its densities, probabilities and quantiles can. Write its "
                    "formula, or integrate with scipy.integrate.quad"
                )
            return ours(*args, **kwargs)

        return method

    def __call__(self, *args: object, **kwargs: object) -> object:
        """The distribution with these parameters, as SciPy's ``norm(loc, scale)``."""
        return _Frozen(self, args, kwargs)


class _Frozen:
    """A distribution whose parameters are given."""

    def __init__(
        self, distribution: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        self._distribution, self._args, self._kwargs = distribution, args, kwargs

    def __getattr__(self, name: str) -> object:
        method = getattr(self._distribution, name)
        if not callable(method):
            return method
        return lambda *args: method(*args, *self._args, **self._kwargs)


_CONTINUOUS: tuple[Distribution, ...] = (*_DISTRIBUTIONS, *EXTREMES, *LIFETIMES, *INTERVALS, *LINES)
STATS: dict[str, object] = {one.name: _OnTraced(one) for one in _CONTINUOUS}
STATS |= {one.name: _OnTraced(one) for one in COUNTS}
_VECTORS = MultivariateNormal(), Dirichlet(), Multinomial(), MultivariateT()
STATS |= {one.name: _OnTraced(one) for one in _VECTORS}


def frozen() -> dict[type, Callable[..., object]]:
    """By the class of a distribution with parameters that a function finds, what stands for it."""
    library = sys.modules.get("scipy.stats")
    if library is None:
        return {}
    numbers, vectors = library._distn_infrastructure, library._multivariate
    kinds = numbers.rv_continuous_frozen, numbers.rv_discrete_frozen
    return {
        **dict.fromkeys(kinds, _thawed),
        vectors.multivariate_normal_frozen: lambda one: _Frozen(
            STATS["multivariate_normal"], (one.mean, one.cov), {}
        ),
    }


class _OfScipy(Protocol):
    """A distribution of SciPy's, and one that holds it with its parameters."""

    name: str
    dist: _OfScipy
    args: tuple[object, ...]
    kwds: dict[str, object]


def _thawed(one: _OfScipy) -> object:
    ours = STATS.get(one.dist.name)
    return one if ours is None else _Frozen(ours, one.args, one.kwds)
