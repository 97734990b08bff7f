"""Distributions of scipy.stats over counts and over vectors, on traced values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.libraries.scipy_functions import LOG_2PI, over_arrays, xlog1py

__all__ = ["COUNTS", "MultivariateNormal"]

_MOST_TERMS = 1000
_NUMBERS = int, float, np.integer, np.floating


class _Counts:
    """A distribution of ``scipy.stats`` over whole numbers: its parameters, then ``loc``.

    Args:
        name: Its name there.
        parameters: Names of its parameters.
        logpmf: Logarithm of the probability of a count at which it is not zero.
        beyond: True, of a count and the parameters, where the probability is zero.
    """

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        logpmf: Callable[..., object],
        beyond: Callable[..., object] = lambda k, *_: k < 0.0,
    ) -> None:
        self.name, self._parameters = name, parameters
        self._logpmf, self._beyond = logpmf, beyond

    def logpmf(self, k: object, *args: object, **kwargs: object) -> Any:
        """Logarithm of the probability of k."""
        names = (*self._parameters, "loc")
        given = dict(zip(names, args, strict=False)) | kwargs
        if given.keys() - set(names) or set(self._parameters) - given.keys():
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name}: found "
                f"{', '.join(given) or 'none'}; expected {', '.join(names)}"
            )
        count = as_array(k) - as_array(given.get("loc", 0.0))

        def mass(k: object, *parameters: object) -> object:
            outside = self._beyond(k, *parameters)
            inside = ops.where(outside, 0.0, k)
            return ops.where(outside, -np.inf, self._logpmf(inside, *parameters))

        found = over_arrays(mass)(count, *[as_array(given[name]) for name in self._parameters])
        return found[()] if isinstance(found, np.ndarray) and found.shape == () else found

    def pmf(self, k: object, *args: object, **kwargs: object) -> object:
        """The probability of k."""
        return np.exp(self.logpmf(k, *args, **kwargs))

    def cdf(self, k: object, *args: object, **kwargs: object) -> Any:
        """The probability of k and less, for a number k that is known: a sum of positive terms."""
        count = len(self._parameters)
        loc = kwargs.pop("loc", args[count] if len(args) > count else 0.0)
        if not (isinstance(k, _NUMBERS) and isinstance(loc, _NUMBERS) and k - loc < _MOST_TERMS):
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name}.cdf adds up probabilities: k has to "
                f"be a number below {_MOST_TERMS} that is no traced value; pmf takes all"
            )
        below = range(math.floor(k - loc) + 1) or (-1,)
        return sum(self.pmf(float(j), *args[:count], **kwargs) for j in below)


def _log_choose(n: Quantity, k: Quantity) -> Quantity:
    return ops.lgamma(n + 1.0) - ops.lgamma(k + 1.0) - ops.lgamma(n - k + 1.0)


COUNTS = (
    _Counts("poisson", ("mu",), lambda k, mu: ops.xlogy(k, mu) - ops.lgamma(k + 1.0) - mu),
    _Counts(
        "bernoulli", ("p",), lambda k, p: ops.xlogy(k, p) + xlog1py(1.0 - k, -p),
        lambda k, p: ops.logical_or(k < 0.0, k > 1.0),
    ),
    _Counts(
        "binom", ("n", "p"),
        lambda k, n, p: _log_choose(n, k) + ops.xlogy(k, p) + xlog1py(n - k, -p),
        lambda k, n, p: ops.logical_or(k < 0.0, k > n),
    ),
    _Counts(
        "nbinom", ("n", "p"),
        lambda k, n, p: ops.lgamma(n + k) - ops.lgamma(k + 1.0) - ops.lgamma(n) + n * ops.log(p)
        + xlog1py(k, -p),
    ),
    _Counts(
        "geom", ("p",), lambda k, p: xlog1py(k - 1.0, -p) + ops.log(p), lambda k, p: k < 1.0
    ),
)  # fmt: skip


class MultivariateNormal:
    """``scipy.stats.multivariate_normal`` of a covariance that has an inverse."""

    name = "multivariate_normal"

    def logpdf(
        self, x: object, mean: object = None, cov: object = 1.0, allow_singular: bool = False,
        **other: object,
    ) -> Any:  # fmt: skip
        """Logarithm of the density at the rows of x."""
        if allow_singular or other:
            raise TraceError(
                f"{user_location()}: scipy.stats.multivariate_normal with "
                f"{', '.join(['allow_singular'] * allow_singular + [*other])} cannot be traced; "
                "with mean and cov it can be"
            )
        point, spread = as_array(x), as_array(cov)
        size = np.shape(spread)[-1] if np.ndim(spread) else np.shape(point)[-1]
        if np.ndim(spread) < 2:
            spread = np.eye(size) * spread
        off = point if mean is None else point - as_array(mean)
        lower = np.linalg.cholesky(spread)
        scaled = np.linalg.solve(lower, np.reshape(off, (-1, size)).T)
        volume = 2.0 * np.sum(np.log(np.diagonal(lower))) + size * LOG_2PI
        found = -0.5 * (np.sum(scaled * scaled, axis=0) + volume)
        return found[0] if np.ndim(off) == 1 else found

    def pdf(self, x: object, *args: Any, **kwargs: Any) -> object:
        """The density at the rows of x."""
        return np.exp(self.logpdf(x, *args, **kwargs))
