"""Distributions of scipy.stats on traced values, over standard ones moved and scaled."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.libraries.masses import COUNTS, Dirichlet, MultivariateNormal
from autodiff.trace.libraries.scipy_functions import (
    LOG_2PI,
    log_ndtr,
    ndtr,
    ndtri,
    over_arrays,
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
    where_served,
)
from autodiff.trace.libraries.special.quantiles import (
    beta_odds,
    fisher_quantile,
    gamma_quantile,
    student_quantile,
)

__all__ = ["STATS"]


class _Distribution:
    """A continuous distribution of ``scipy.stats``: shape parameters, then ``loc`` and ``scale``.

    Args:
        name: Its name there.
        shapes: Names of its shape parameters.
        logpdf: Logarithm of the standard density, of x and the shapes.
        support: Where the standard density is not zero.
        cdf: The standard distribution function, and that of the upper tail; None if there is none
            in closed form.
        ppf: The standard quantiles of a probability below, and of one above.
    """

    def __init__(
        self,
        name: str,
        shapes: tuple[str, ...],
        logpdf: Callable[..., object],
        support: tuple[float, float] = (-math.inf, math.inf),
        cdf: tuple[Callable[..., object], Callable[..., object]] | None = None,
        ppf: tuple[Callable[..., Quantity], Callable[..., Quantity]] | None = None,
    ) -> None:
        self.name, self._shapes, self._logpdf = name, shapes, logpdf
        self._support, self._cdf, self._ppf = support, cdf, ppf

    def _standard(
        self, x: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> list[Quantity]:
        names = (*self._shapes, "loc", "scale")
        given = dict(zip(names, args, strict=False)) | kwargs
        unknown = given.keys() - set(names)
        missing = [name for name in self._shapes if name not in given]
        if unknown or missing or len(args) > len(names):
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name}: found {', '.join(given) or 'none'}; "
                f"expected {', '.join(names)}"
            )
        scale = given.get("scale", 1.0)
        z = (as_array(x) - as_array(given.get("loc", 0.0))) / as_array(scale)
        return [z, *(as_array(given[name]) for name in self._shapes), as_array(scale)]

    def logpdf(self, x: object, *args: object, **kwargs: object) -> Any:
        """Logarithm of the density."""

        def density(z: object, *rest: object) -> object:
            *shapes, scale = rest
            inside = self._inside(z)
            value = self._logpdf(z if inside is None else ops.where(inside, z, 0.5), *shapes)
            value = value - ops.log(scale)
            return value if inside is None else ops.where(inside, value, -math.inf)

        return over_arrays(density)(*map(_number, self._standard(x, args, kwargs)))

    def pdf(self, x: object, *args: object, **kwargs: object) -> object:
        """The density."""
        return np.exp(self.logpdf(x, *args, **kwargs))

    def _inside(self, z: object) -> object:
        low, high = self._support
        if math.isinf(low) and math.isinf(high):
            return None
        above = None if math.isinf(low) else ops.ge(z, low)
        below = None if math.isinf(high) else ops.le(z, high)
        if above is None or below is None:
            return below if above is None else above
        return ops.logical_and(above, below)

    def _distribution(
        self, which: int, x: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        if self._cdf is None:
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name} has no distribution function in "
                "closed form here; its density (pdf, logpdf) can be traced"
            )
        function = self._cdf[which]
        low, high = self._support
        ends = (0.0, 1.0) if which == 0 else (1.0, 0.0)

        def probability(z: object, *rest: object) -> object:
            *shapes, _ = rest
            inside = self._inside(z)
            if inside is None:
                return function(z, *shapes)
            value = function(ops.where(inside, z, 0.5), *shapes)
            beyond = ends[0] if math.isinf(high) else ops.where(ops.lt(z, low), *ends)
            return ops.where(inside, value, beyond)

        return over_arrays(probability)(*map(_number, self._standard(x, args, kwargs)))

    def cdf(self, x: object, *args: object, **kwargs: object) -> Any:
        """Probability below x."""
        return self._distribution(0, x, args, kwargs)

    def sf(self, x: object, *args: object, **kwargs: object) -> Any:
        """Probability above x."""
        return self._distribution(1, x, args, kwargs)

    def _quantile(
        self, which: int, q: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        if self._ppf is None:
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name} has no quantiles in closed form here; "
                "solve cdf(x) = q with autodiff.root"
            )
        function = self._ppf[which]
        # The place is what quantiles are moved to, not what q is measured from.
        loc = dict(zip((*self._shapes, "loc"), args, strict=False)) | kwargs
        standard = self._standard(0.0, args, kwargs)

        def quantile(p: object, place: Quantity, *rest: Quantity) -> object:
            *shapes, scale = rest
            inside = ops.logical_and(ops.ge(p, 0.0), ops.le(p, 1.0))
            return where_served(inside, place + scale * function(p, *shapes))

        given = (as_array(q), as_array(loc.get("loc", 0.0)), *standard[1:])
        return over_arrays(quantile)(*map(_number, given))

    def ppf(self, q: object, *args: object, **kwargs: object) -> object:
        """The place below which the probability is q."""
        return self._quantile(0, q, args, kwargs)

    def isf(self, q: object, *args: object, **kwargs: object) -> object:
        """The place above which the probability is q."""
        return self._quantile(1, q, args, kwargs)

    def logcdf(self, x: object, *args: object, **kwargs: object) -> object:
        """Logarithm of ``cdf``."""
        if self.name == "norm":
            z, _ = map(_number, self._standard(x, args, kwargs))
            return over_arrays(log_ndtr)(z)
        return np.log(self.cdf(x, *args, **kwargs))

    def logsf(self, x: object, *args: object, **kwargs: object) -> object:
        """Logarithm of ``sf``."""
        if self.name == "norm":
            z, _ = map(_number, self._standard(x, args, kwargs))
            return over_arrays(log_ndtr)(-z)
        return np.log(self.sf(x, *args, **kwargs))


def _number(value: object) -> Any:
    return value[()] if isinstance(value, np.ndarray) and value.shape == () else value


def _t_logpdf(x: Quantity, df: Quantity) -> object:
    half = 0.5 * (df + 1.0)
    constant = ops.lgamma(half) - ops.lgamma(0.5 * df) - 0.5 * (ops.log(df) + math.log(math.pi))
    return constant - half * ops.log1p(x * x / df)


def _gamma_logpdf(x: Quantity, a: Quantity) -> Quantity:
    return ops.xlogy(a - 1.0, x) - x - ops.lgamma(a)


def _log_beta(a: Quantity, b: Quantity) -> Quantity:
    """Of parameters of everyday size, for which this has the digits, and proofs are short."""
    found: Quantity = ops.lgamma(a) + ops.lgamma(b) - ops.lgamma(a + b)
    return found


def _beta_logpdf(x: Quantity, a: Quantity, b: Quantity) -> object:
    return ops.xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - _log_beta(a, b)


def _f_logpdf(x: Quantity, n: Quantity, m: Quantity) -> object:
    ratio = n / m
    terms = 0.5 * n * ops.log(ratio) - 0.5 * (n + m) * ops.log1p(ratio * x)
    return terms + ops.xlogy(0.5 * n - 1.0, x) - _log_beta(0.5 * n, 0.5 * m)


def _lognorm_logpdf(x: object, s: object) -> object:
    z = ops.log(x) / s
    return -0.5 * z * z - ops.log(s) - 0.5 * LOG_2PI - ops.log(x)


def _laplace_cdf(x: Quantity) -> object:
    half = 0.5 * ops.exp(-abs(x))
    return ops.where(x > 0.0, 1.0 - half, half)


def _laplace_ppf(q: Quantity) -> Quantity:
    return ops.where(q > 0.5, -ops.log(2.0 - 2.0 * q), ops.log(2.0 * q))


_POSITIVE = (0.0, math.inf)
_ROOT_HALF = math.sqrt(0.5)


def _tails(cdf: Callable[..., object], sf: Callable[..., object]) -> Any:
    return cdf, sf


_DISTRIBUTIONS = (
    _Distribution(
        "norm", (), lambda x: -0.5 * x * x - 0.5 * LOG_2PI, cdf=_tails(ndtr, lambda x: ndtr(-x)),
        ppf=_tails(ndtri, lambda q: -ndtri(q)),
    ),
    _Distribution(
        "t", ("df",), _t_logpdf,
        cdf=_tails(lambda x, df: student_below(x, df)[0], lambda x, df: student_below(x, df)[1]),
        ppf=_tails(
            lambda q, df: student_quantile(df, q), lambda q, df: -student_quantile(df, q)
        ),
    ),
    _Distribution("f", ("dfn", "dfd"), _f_logpdf, _POSITIVE,
        _tails(lambda x, n, m: fisher(n, m, x)[0], lambda x, n, m: fisher(n, m, x)[1]),
        _tails(
            lambda q, n, m: fisher_quantile(n, m, q, 1.0 - q),
            lambda q, n, m: fisher_quantile(n, m, 1.0 - q, q),
        ),
    ),
    _Distribution(
        "expon", (), lambda x: -x, _POSITIVE,
        _tails(lambda x: -ops.expm1(-x), lambda x: ops.exp(-x)),
        _tails(lambda q: -ops.log1p(-q), lambda q: -ops.log(q)),
    ),
    _Distribution(
        "gamma", ("a",), _gamma_logpdf, _POSITIVE,
        _tails(lambda x, a: gammainc(a, x), lambda x, a: gammaincc(a, x)),
        _tails(
            lambda q, a: gamma_quantile(a, q, 1.0 - q), lambda q, a: gamma_quantile(a, 1.0 - q, q)
        ),
    ),
    _Distribution(
        "chi2", ("df",), lambda x, df: _gamma_logpdf(0.5 * x, 0.5 * df) - math.log(2.0), _POSITIVE,
        _tails(
            lambda x, df: gammainc(0.5 * df, 0.5 * x), lambda x, df: gammaincc(0.5 * df, 0.5 * x)
        ),
        _tails(
            lambda q, df: 2.0 * gamma_quantile(0.5 * df, q, 1.0 - q),
            lambda q, df: 2.0 * gamma_quantile(0.5 * df, 1.0 - q, q),
        ),
    ),
    _Distribution(
        "beta", ("a", "b"), _beta_logpdf, (0.0, 1.0),
        _tails(lambda x, a, b: betainc(a, b, x), lambda x, a, b: betaincc(a, b, x)),
        _tails(
            lambda q, a, b: ops.sigmoid(beta_odds(a, b, q, 1.0 - q)),
            lambda q, a, b: ops.sigmoid(beta_odds(a, b, 1.0 - q, q)),
        ),
    ),
    _Distribution(
        "cauchy", (), lambda x: -math.log(math.pi) - ops.log1p(x * x),
        cdf=_tails(lambda x: 0.5 + ops.atan(x) / math.pi, lambda x: 0.5 - ops.atan(x) / math.pi),
        ppf=_tails(lambda q: -1.0 / ops.tan(math.pi * q), lambda q: 1.0 / ops.tan(math.pi * q)),
    ),
    _Distribution(
        "laplace", (), lambda x: -math.log(2.0) - abs(x),
        cdf=_tails(_laplace_cdf, lambda x: _laplace_cdf(-x)),
        ppf=_tails(_laplace_ppf, lambda q: -_laplace_ppf(q)),
    ),
    _Distribution(
        "logistic", (), lambda x: -x - 2.0 * ops.softplus(-x),
        cdf=_tails(ops.sigmoid, lambda x: ops.sigmoid(-x)),
        ppf=_tails(logit, lambda q: -logit(q)),
    ),
    _Distribution(
        "lognorm", ("s",), _lognorm_logpdf, _POSITIVE,
        _tails(lambda x, s: ndtr(ops.log(x) / s), lambda x, s: ndtr(-ops.log(x) / s)),
        _tails(lambda q, s: ops.exp(s * ndtri(q)), lambda q, s: ops.exp(-s * ndtri(q))),
    ),
    _Distribution(
        "weibull_min", ("c",), lambda x, c: ops.log(c) + ops.xlogy(c - 1.0, x) - ops.pow(x, c),
        _POSITIVE,
        _tails(lambda x, c: -ops.expm1(-ops.pow(x, c)), lambda x, c: ops.exp(-ops.pow(x, c))),
        _tails(
            lambda q, c: ops.pow(-ops.log1p(-q), 1.0 / c),
            lambda q, c: ops.pow(-ops.log(q), 1.0 / c),
        ),
    ),
    _Distribution(
        "gumbel_r", (), lambda x: -x - ops.exp(-x),
        cdf=_tails(lambda x: ops.exp(-ops.exp(-x)), lambda x: -ops.expm1(-ops.exp(-x))),
        ppf=_tails(lambda q: -ops.log(-ops.log(q)), lambda q: -ops.log(-ops.log1p(-q))),
    ),
    _Distribution(
        "pareto", ("b",), lambda x, b: ops.log(b) - (b + 1.0) * ops.log(x), (1.0, math.inf),
        _tails(lambda x, b: 1.0 - ops.pow(x, -b), lambda x, b: ops.pow(x, -b)),
        _tails(lambda q, b: ops.pow(1.0 - q, -1.0 / b), lambda q, b: ops.pow(q, -1.0 / b)),
    ),
    _Distribution(
        "invgamma", ("a",), lambda x, a: -(a + 1.0) * ops.log(x) - ops.lgamma(a) - 1.0 / x,
        _POSITIVE,
        _tails(lambda x, a: gammaincc(a, 1.0 / x), lambda x, a: gammainc(a, 1.0 / x)),
        _tails(
            lambda q, a: 1.0 / gamma_quantile(a, 1.0 - q, q),
            lambda q, a: 1.0 / gamma_quantile(a, q, 1.0 - q),
        ),
    ),
    _Distribution("halfnorm", (), lambda x: 0.5 * math.log(2.0 / math.pi) - 0.5 * x * x, _POSITIVE,
                  _tails(lambda x: ops.erf(x * _ROOT_HALF), lambda x: ops.erfc(x * _ROOT_HALF)),
                  _tails(lambda q: ops.erfinv(q) / _ROOT_HALF,
                         lambda q: ops.erfcinv(q) / _ROOT_HALF)),
    _Distribution(
        "rayleigh", (), lambda x: ops.log(x) - 0.5 * x * x, _POSITIVE,
        _tails(lambda x: -ops.expm1(-0.5 * x * x), lambda x: ops.exp(-0.5 * x * x)),
        _tails(lambda q: ops.sqrt(-2.0 * ops.log1p(-q)), lambda q: ops.sqrt(-2.0 * ops.log(q))),
    ),
    _Distribution(
        "vonmises", ("kappa",), lambda x, kappa: kappa * ops.cos(x) - LOG_2PI - ops.log_i0(kappa)
    ),
    _Distribution(
        "uniform", (), lambda x: 0.0 * x, (0.0, 1.0), _tails(lambda x: x, lambda x: 1.0 - x),
        _tails(lambda q: q, lambda q: 1.0 - q),
    ),
)  # fmt: skip


class _OnTraced:
    """A distribution of SciPy's that computes with ours what it is asked of traced values."""

    def __init__(self, ours: Any) -> None:
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        original = getattr(getattr(sys.modules["scipy.stats"], self._ours.name), name)
        ours = getattr(self._ours, name, None)
        if ours is None:
            return original

        def method(*args: object, **kwargs: object) -> object:
            traced = holds_operands([*args, *kwargs.values()])
            return (ours if traced else original)(*args, **kwargs)

        return method

    def __call__(self, *args: object, **kwargs: object) -> object:
        """The distribution with these parameters, as SciPy's ``norm(loc, scale)``."""
        return _Frozen(self, args, kwargs)


class _Frozen:
    """A distribution whose parameters are given."""

    def __init__(
        self, distribution: _OnTraced, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        self._distribution, self._args, self._kwargs = distribution, args, kwargs

    def __getattr__(self, name: str) -> object:
        method = getattr(self._distribution, name)
        if not callable(method):
            return method
        return lambda *args: method(*args, *self._args, **self._kwargs)


STATS: dict[str, object] = {one.name: _OnTraced(one) for one in (*_DISTRIBUTIONS, *COUNTS)}
STATS["multivariate_normal"] = _OnTraced(MultivariateNormal())
STATS["dirichlet"] = _OnTraced(Dirichlet())
