"""SciPy's special functions and densities on traced values, with SciPy's meaning.

SciPy is not needed: what is here is found by the identity of SciPy's own objects, if the program
has imported them.  Formulas are those of SciPy's documentation, in forms that keep their digits.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import PUBLIC
from autodiff.trace.arrays import elementwise
from autodiff.trace.constructors import CONSTRUCTORS, holds_operands

__all__ = ["SPECIAL", "STATS"]

_array = CONSTRUCTORS["asanyarray"]
_HALF = math.sqrt(0.5)
_LOG_2PI = math.log(2.0 * math.pi)


# --- special -----------------------------------------------------------------------------------


def _ndtr(x: Any) -> Any:
    return 0.5 * ops.erfc(x * -_HALF)


def _log_ndtr(x: Any) -> Any:
    """Far on the left the tail's asymptotic series (Abramowitz and Stegun 26.2.12)."""
    square = x * x
    term, series = 1.0, 0.0
    for k in range(1, 11):
        term = term * (-(2.0 * k - 1.0)) / square
        series = series + term
    tail = -0.5 * square - ops.log(-x) - 0.5 * _LOG_2PI + ops.log1p(series)
    near = ops.where(x > 0.0, ops.log1p(-_ndtr(-x)), ops.log(_ndtr(x)))
    return ops.where(x < -20.0, tail, near)


def _entr(x: Any) -> Any:
    return ops.where(x < 0.0, -math.inf, -ops.xlogy(x, x))


def _rel_entr(x: Any, y: Any) -> Any:
    return ops.where((x > 0.0) & (y > 0.0), x * ops.log(x / y), _edge(x, y, 0.0))


def _kl_div(x: Any, y: Any) -> Any:
    return ops.where((x > 0.0) & (y > 0.0), x * ops.log(x / y) - x + y, _edge(x, y, y))


def _edge(x: Any, y: Any, at_zero: Any) -> Any:
    return ops.where(ops.logical_and(ops.eq(x, 0.0), ops.ge(y, 0.0)), at_zero, math.inf)


def _exprel(x: Any) -> Any:
    inside = ops.where(ops.eq(x, 0.0), 1.0, x)
    return ops.where(ops.eq(x, 0.0), 1.0 + 0.5 * x, ops.expm1(inside) / inside)


def _xlog1py(x: Any, y: Any) -> Any:
    return ops.where(ops.eq(x, 0.0) & ops.eq(y, y), 0.0, x * ops.log1p(y))


def _betaln(a: Any, b: Any) -> Any:
    return ops.lgamma(a) + ops.lgamma(b) - ops.lgamma(a + b)


def _beta(a: Any, b: Any) -> Any:
    return ops.exp(_betaln(a, b))


def _binom(n: Any, k: Any) -> Any:
    return ops.exp(ops.lgamma(n + 1.0) - ops.lgamma(k + 1.0) - ops.lgamma(n - k + 1.0))


def _huber(delta: Any, r: Any) -> Any:
    size = abs(r)
    return ops.where(size <= delta, 0.5 * r * r, delta * (size - 0.5 * delta))


def _pseudo_huber(delta: Any, r: Any) -> Any:
    return delta * delta * (ops.hypot(1.0, r / delta) - 1.0)


def _polygamma(n: Any, x: Any) -> Any:
    return ops.digamma(x) if n == 0 else _over(lambda one: ops.polygamma(float(n), one))(x)


def _iv(order: Any, x: Any) -> Any:
    return ops.iv(float(order), x)


def _spherical_jn(n: Any, z: Any, derivative: bool = False) -> Any:
    if derivative:
        raise TraceError(
            f"{user_location()}: scipy.special.spherical_jn(derivative=True) cannot be traced; "
            "differentiate the function instead"
        )
    return _over(lambda one: ops.spherical_jn(float(n), one))(z)


def _multigammaln(a: Any, d: int) -> Any:
    constant = 0.25 * d * (d - 1) * math.log(math.pi)
    total = constant
    for j in range(1, d + 1):
        total = total + ops.lgamma(a + 0.5 * (1 - j))
    return total


def _logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    if return_sign:
        raise TraceError(
            f"{user_location()}: scipy.special.logsumexp(return_sign=True) cannot be traced; "
            "leave return_sign out"
        )
    array = np.asanyarray(_array(a))
    largest = np.max(array, axis=axis, keepdims=True)
    terms = np.exp(array - largest)
    total = np.log(np.sum(terms if b is None else terms * b, axis=axis, keepdims=True)) + largest
    if keepdims:
        return total
    squeezed = np.squeeze(total, axis=axis)
    return squeezed[()] if np.shape(squeezed) == () else squeezed


def _softmax(x: Any, axis: Any = None) -> Any:
    array = np.asanyarray(_array(x))
    terms = np.exp(array - np.max(array, axis=axis, keepdims=True))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    array = np.asanyarray(_array(x))
    shifted = array - np.max(array, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _over(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers, over the elements of arrays as well."""

    def over(*operands: Any) -> Any:
        if any(isinstance(x, (np.ndarray, list, tuple)) for x in operands):
            return elementwise(function, operands)
        return function(*operands)

    return over


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "beta": _beta,
    "betaln": _betaln,
    "binom": _binom,
    "cbrt": ops.cbrt,
    "cosm1": lambda x: -2.0 * ops.square(ops.sin(0.5 * x)),
    "digamma": ops.digamma,
    "entr": _entr,
    "erf": ops.erf,
    "erfc": ops.erfc,
    "exp10": lambda x: ops.pow(10.0, x),
    "exp2": ops.exp2,
    "expit": ops.sigmoid,
    "expm1": ops.expm1,
    "exprel": _exprel,
    "gamma": ops.gamma,
    "gammaln": ops.lgamma,
    "huber": _huber,
    "i0": ops.i0,
    "i0e": lambda x: ops.i0(x) * ops.exp(-abs(x)),
    "i1": ops.i1,
    "i1e": lambda x: ops.i1(x) * ops.exp(-abs(x)),
    "iv": _iv,
    "kl_div": _kl_div,
    "log1p": ops.log1p,
    "log_expit": lambda x: -ops.softplus(-x),
    "log_ndtr": _log_ndtr,
    "logit": lambda x: ops.log(x / (1.0 - x)),
    "loggamma": ops.lgamma,
    "ndtr": _ndtr,
    "pseudo_huber": _pseudo_huber,
    "psi": ops.digamma,
    "rel_entr": _rel_entr,
    "rgamma": lambda x: 1.0 / ops.gamma(x),
    "sinc": PUBLIC["sinc"],
    "xlog1py": _xlog1py,
    "xlogy": ops.xlogy,
}
# What ``scipy.special`` offers under these names, ufuncs and functions alike.
SPECIAL: dict[str, Callable[..., Any]] = {
    **{name: _over(function) for name, function in _ELEMENTWISE.items()},
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "multigammaln": _multigammaln,
    "polygamma": _polygamma,
    "softmax": _softmax,
    "spherical_jn": _spherical_jn,
}


# --- densities ---------------------------------------------------------------------------------


class _Distribution:
    """A continuous distribution of ``scipy.stats``: shape parameters, then ``loc`` and ``scale``.

    Args:
        name: Its name there.
        shapes: Names of its shape parameters.
        logpdf: Logarithm of the standard density, of x and the shapes.
        support: Where the standard density is not zero.
        cdf: The standard distribution function, and that of the upper tail; None if there is none
            in closed form.
    """

    def __init__(
        self,
        name: str,
        shapes: tuple[str, ...],
        logpdf: Callable[..., Any],
        support: tuple[float, float] = (-math.inf, math.inf),
        cdf: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
    ) -> None:
        self.name, self._shapes, self._logpdf = name, shapes, logpdf
        self._support, self._cdf = support, cdf

    def _standard(self, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
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
        z = (_array(x) - _array(given.get("loc", 0.0))) / _array(scale)
        return [z, *(_array(given[name]) for name in self._shapes), _array(scale)]

    def logpdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Logarithm of the density."""

        def density(z: Any, *rest: Any) -> Any:
            *shapes, scale = rest
            inside = self._inside(z)
            value = self._logpdf(z if inside is None else ops.where(inside, z, 0.5), *shapes)
            value = value - ops.log(scale)
            return value if inside is None else ops.where(inside, value, -math.inf)

        return _over(density)(*map(_number, self._standard(x, args, kwargs)))

    def pdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The density."""
        return np.exp(self.logpdf(x, *args, **kwargs))

    def _inside(self, z: Any) -> Any:
        low, high = self._support
        if math.isinf(low) and math.isinf(high):
            return None
        above = None if math.isinf(low) else ops.ge(z, low)
        below = None if math.isinf(high) else ops.le(z, high)
        if above is None or below is None:
            return below if above is None else above
        return ops.logical_and(above, below)

    def _distribution(self, which: int, x: Any, args: Any, kwargs: Any) -> Any:
        if self._cdf is None:
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name} has no distribution function in "
                "closed form here; its density (pdf, logpdf) can be traced"
            )
        function = self._cdf[which]
        low, high = self._support
        ends = (0.0, 1.0) if which == 0 else (1.0, 0.0)

        def probability(z: Any, *rest: Any) -> Any:
            *shapes, _ = rest
            inside = self._inside(z)
            if inside is None:
                return function(z, *shapes)
            value = function(ops.where(inside, z, 0.5), *shapes)
            beyond = ends[0] if math.isinf(high) else ops.where(ops.lt(z, low), *ends)
            return ops.where(inside, value, beyond)

        return _over(probability)(*map(_number, self._standard(x, args, kwargs)))

    def cdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Probability below x."""
        return self._distribution(0, x, args, kwargs)

    def sf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Probability above x."""
        return self._distribution(1, x, args, kwargs)

    def logcdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Logarithm of ``cdf``."""
        if self.name == "norm":
            z, _ = map(_number, self._standard(x, args, kwargs))
            return _over(_log_ndtr)(z)
        return np.log(self.cdf(x, *args, **kwargs))

    def logsf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Logarithm of ``sf``."""
        if self.name == "norm":
            z, _ = map(_number, self._standard(x, args, kwargs))
            return _over(_log_ndtr)(-z)
        return np.log(self.sf(x, *args, **kwargs))


def _number(value: Any) -> Any:
    return value[()] if isinstance(value, np.ndarray) and value.shape == () else value


def _t_logpdf(x: Any, df: Any) -> Any:
    half = 0.5 * (df + 1.0)
    constant = ops.lgamma(half) - ops.lgamma(0.5 * df) - 0.5 * (ops.log(df) + math.log(math.pi))
    return constant - half * ops.log1p(x * x / df)


def _gamma_logpdf(x: Any, a: Any) -> Any:
    return ops.xlogy(a - 1.0, x) - x - ops.lgamma(a)


def _beta_logpdf(x: Any, a: Any, b: Any) -> Any:
    return ops.xlogy(a - 1.0, x) + _xlog1py(b - 1.0, -x) - _betaln(a, b)


def _lognorm_logpdf(x: Any, s: Any) -> Any:
    z = ops.log(x) / s
    return -0.5 * z * z - ops.log(s) - 0.5 * _LOG_2PI - ops.log(x)


def _laplace_cdf(x: Any) -> Any:
    half = 0.5 * ops.exp(-abs(x))
    return ops.where(x > 0.0, 1.0 - half, half)


_POSITIVE = (0.0, math.inf)


def _tails(cdf: Callable[..., Any], sf: Callable[..., Any]) -> Any:
    return cdf, sf


_DISTRIBUTIONS = (
    _Distribution(
        "norm", (), lambda x: -0.5 * x * x - 0.5 * _LOG_2PI, cdf=_tails(_ndtr, lambda x: _ndtr(-x))
    ),
    _Distribution("t", ("df",), _t_logpdf),
    _Distribution(
        "expon", (), lambda x: -x, _POSITIVE,
        _tails(lambda x: -ops.expm1(-x), lambda x: ops.exp(-x)),
    ),
    _Distribution("gamma", ("a",), _gamma_logpdf, _POSITIVE),
    _Distribution("chi2", ("df",), lambda x, df: _gamma_logpdf(0.5 * x, 0.5 * df) - math.log(2.0),
                  _POSITIVE),
    _Distribution("beta", ("a", "b"), _beta_logpdf, (0.0, 1.0)),
    _Distribution(
        "cauchy", (), lambda x: -math.log(math.pi) - ops.log1p(x * x),
        cdf=_tails(lambda x: 0.5 + ops.atan(x) / math.pi, lambda x: 0.5 - ops.atan(x) / math.pi),
    ),
    _Distribution(
        "laplace", (), lambda x: -math.log(2.0) - abs(x),
        cdf=_tails(_laplace_cdf, lambda x: _laplace_cdf(-x)),
    ),
    _Distribution(
        "logistic", (), lambda x: -x - 2.0 * ops.softplus(-x),
        cdf=_tails(ops.sigmoid, lambda x: ops.sigmoid(-x)),
    ),
    _Distribution(
        "lognorm", ("s",), _lognorm_logpdf, _POSITIVE,
        _tails(lambda x, s: _ndtr(ops.log(x) / s), lambda x, s: _ndtr(-ops.log(x) / s)),
    ),
    _Distribution(
        "uniform", (), lambda x: 0.0 * x, (0.0, 1.0), _tails(lambda x: x, lambda x: 1.0 - x)
    ),
)  # fmt: skip


class _OnTraced:
    """A distribution of SciPy's that computes with ours what it is asked of traced values."""

    def __init__(self, ours: _Distribution) -> None:
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        original = getattr(getattr(sys.modules["scipy.stats"], self._ours.name), name)
        ours = getattr(self._ours, name, None)
        if ours is None:
            return original

        def method(*args: Any, **kwargs: Any) -> Any:
            traced = holds_operands([*args, *kwargs.values()])
            return (ours if traced else original)(*args, **kwargs)

        return method


STATS: dict[str, Any] = {one.name: _OnTraced(one) for one in _DISTRIBUTIONS}
