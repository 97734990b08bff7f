"""Distributions of scipy.stats over counts and over vectors, on traced values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.libraries.scipy_functions import LOG_2PI, over_arrays, xlog1py
from autodiff.trace.libraries.special.incomplete import (
    betainc,
    betaincc,
    binomial,
    gammainc,
    gammaincc,
)
from autodiff.trace.libraries.stats.distributions import parameters, where_all_served

__all__ = ["COUNTS", "Dirichlet", "Multinomial", "MultivariateNormal", "MultivariateT"]


class _Counts:
    """A distribution of ``scipy.stats`` over whole numbers: its parameters, then ``loc``.

    Args:
        name: Its name there.
        parameters: Names of its parameters.
        logpmf: Logarithm of the probability of a count at which it is not zero.
        below: Probabilities of a count that is not negative and less, and of more.
        valid: Of each parameter, whether it is one.
        beyond: True, of a whole number and the parameters, where the probability is zero.
    """

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        logpmf: Callable[..., object],
        below: Callable[..., tuple[object, object]],
        valid: tuple[Callable[[Quantity], object], ...],
        beyond: Callable[..., object] = lambda k, *_: k < -0.5,
    ) -> None:
        self.name, self._parameters = name, parameters
        self._logpmf, self._parts, self._valid, self._beyond = logpmf, below, valid, beyond

    def logpmf(self, k: object, *args: object, **kwargs: object) -> Any:
        """Logarithm of the probability of k."""

        def mass(k: Quantity, *parameters: Quantity) -> Quantity:
            outside = ops.logical_or(self._beyond(k, *parameters), _is_between(k))
            inside = ops.where(outside, 0.0, k)
            found: Quantity = ops.where(outside, -np.inf, self._logpmf(inside, *parameters))
            return found

        return self._given(mass, k, args, kwargs)

    def _given(
        self,
        function: Callable[..., Quantity],
        k: object,
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> object:
        """A function of the count and the parameters."""
        given = parameters(self.name, (*self._parameters, "loc"), self._parameters, args, kwargs)
        operands = (
            as_array(k) - as_array(given.get("loc", 0.0)),
            *map(as_array, (given[name] for name in self._parameters)),
        )
        known = [x[()] if np.shape(x) == () else x for x in operands]

        def served(k: Quantity, *parameters: Quantity) -> Quantity:
            return where_all_served(
                [self._valid[i](x) for i, x in enumerate(parameters)],
                parameters,
                function(k, *parameters),
            )

        found = over_arrays(served)(*known)
        return found[()] if isinstance(found, np.ndarray) and found.shape == () else found

    def pmf(self, k: object, *args: object, **kwargs: object) -> object:
        """The probability of k."""
        return np.exp(self.logpmf(k, *args, **kwargs))

    def cdf(self, k: object, *args: object, **kwargs: object) -> object:
        """The probability of k and less."""
        return self._given(self._below, k, args, kwargs)

    def sf(self, k: object, *args: object, **kwargs: object) -> object:
        """The probability of more than k."""
        return self._given(self._above, k, args, kwargs)

    def _below(self, k: Quantity, *parameters: Quantity) -> Quantity:
        parts = self._parts(ops.floor(ops.maximum(k, 0.0)), *parameters)
        found: Quantity = ops.where(k < 0.0, 0.0, parts[0])
        return found

    def _above(self, k: Quantity, *parameters: Quantity) -> Quantity:
        parts = self._parts(ops.floor(ops.maximum(k, 0.0)), *parameters)
        found: Quantity = ops.where(k < 0.0, 1.0, parts[1])
        return found


def _log_choose(n: Quantity, k: Quantity) -> Quantity:
    return ops.lgamma(n + 1.0) - ops.lgamma(k + 1.0) - ops.lgamma(n - k + 1.0)


def _of_trials(k: Quantity, n: Quantity, p: Quantity) -> tuple[object, object]:
    past = ops.ge(k, n)
    below, above = binomial(ops.where(past, 0.0, k), n, p)
    return ops.where(past, 1.0, below), ops.where(past, 0.0, above)


def _is_share(p: Quantity) -> object:
    return ops.logical_and(ops.ge(p, 0.0), ops.le(p, 1.0))


def _is_likely(p: Quantity) -> object:
    return ops.logical_and(ops.gt(p, 0.0), ops.le(p, 1.0))


def _is_count(n: Quantity) -> object:
    return ops.logical_and(ops.ge(n, 0.0), ops.logical_not(_is_between(n)))


def _is_between(k: Quantity) -> object:
    """True of what is no whole number; whole ones, and what is next to them, are no border."""
    return ops.square(k - ops.rint(k)) > _NEXT_TO


_NEXT_TO = 2.0**-120


COUNTS = (
    _Counts(
        "poisson", ("mu",), lambda k, mu: ops.xlogy(k, mu) - ops.lgamma(k + 1.0) - mu,
        lambda k, mu: (gammaincc(k + 1.0, mu), gammainc(k + 1.0, mu)),
        (lambda mu: ops.ge(mu, 0.0),),
    ),
    _Counts(
        "bernoulli", ("p",), lambda k, p: ops.xlogy(k, p) + xlog1py(1.0 - k, -p),
        lambda k, p: _of_trials(k, 1.0, p),
        (_is_share,),
        lambda k, p: ops.logical_or(k < -0.5, k > 1.5),
    ),
    _Counts(
        "binom", ("n", "p"),
        lambda k, n, p: _log_choose(n, k) + ops.xlogy(k, p) + xlog1py(n - k, -p),
        _of_trials,
        (_is_count, _is_share),
        lambda k, n, p: ops.logical_or(k < -0.5, k > n + 0.5),
    ),
    _Counts(
        "nbinom", ("n", "p"),
        lambda k, n, p: ops.lgamma(n + k) - ops.lgamma(k + 1.0) - ops.lgamma(n) + n * ops.log(p)
        + xlog1py(k, -p),
        lambda k, n, p: (betainc(n, k + 1.0, p), betaincc(n, k + 1.0, p)),
        (lambda n: ops.gt(n, 0.0), _is_likely),
    ),
    _Counts(
        "geom", ("p",), lambda k, p: xlog1py(k - 1.0, -p) + ops.log(p),
        lambda k, p: (-ops.expm1(xlog1py(k, -p)), ops.exp(xlog1py(k, -p))),
        (_is_likely,),
        lambda k, p: k < 0.5,
    ),
)  # fmt: skip


def _spread(given: object, size: int) -> tuple[int, NDArray[np.float64]]:
    """The size, and a matrix of what may be one, its diagonal, or what that is everywhere."""
    spread = as_array(given)
    if np.ndim(spread):
        size = np.shape(spread)[-1]
    return size, np.eye(size) * spread if np.ndim(spread) < 2 else spread


def _distances(
    off: NDArray[np.float64], size: int, spread: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Quantity]:
    """Squared distances of rows as a matrix has them, and half of the logarithm of its volume.

    All of them traced arrays as well, which NumPy's functions take for arrays.
    """
    lower = np.linalg.cholesky(spread)
    scaled = np.linalg.solve(lower, np.reshape(off, (-1, size)).T)
    return np.sum(scaled * scaled, axis=0), np.sum(np.log(np.diagonal(lower)))


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
        point = as_array(x)
        size, spread = _spread(cov, np.shape(point)[-1])
        off = point if mean is None else point - as_array(mean)
        distances, volume = _distances(off, size, spread)
        found = -0.5 * (distances + (2.0 * volume + size * LOG_2PI))
        return found[0] if np.ndim(off) == 1 else found

    def pdf(self, x: object, *args: Any, **kwargs: Any) -> object:
        """The density at the rows of x."""
        return np.exp(self.logpdf(x, *args, **kwargs))

    def entropy(self, mean: object = None, cov: object = 1.0) -> object:
        """The entropy, which the mean has no part in."""
        size, spread = _spread(cov, np.size(as_array(mean)))
        return 0.5 * (np.linalg.slogdet(spread)[1] + size * (1.0 + LOG_2PI))


class Dirichlet:
    """``scipy.stats.dirichlet``: of shares that add up to 1, the last of which may be left out."""

    name = "dirichlet"

    def logpdf(self, x: object, alpha: object) -> Any:
        """Logarithm of the density at shares, or at the columns of x."""
        shares, weights = as_array(x), as_array(alpha)
        if np.shape(shares)[0] == np.shape(weights)[0] - 1:
            shares = np.concatenate([shares, [1.0 - np.sum(shares, axis=0)]], axis=0)
        logs = as_array(over_arrays(ops.xlogy)(weights - 1.0, shares.T))
        sizes = as_array(over_arrays(ops.lgamma)(weights))
        return np.sum(logs, axis=-1) + ops.lgamma(np.sum(weights)) - np.sum(sizes)

    def pdf(self, x: object, alpha: object) -> object:
        """The density at shares, or at the columns of x."""
        return np.exp(self.logpdf(x, alpha))


class Multinomial:
    """``scipy.stats.multinomial``: counts that add up to n, and their probabilities."""

    name = "multinomial"

    def logpmf(self, x: object, n: object, p: object) -> Quantity:
        """Logarithm of the probability of counts."""
        counts, shares = as_array(x), as_array(p)
        terms = as_array(over_arrays(ops.xlogy)(counts, shares))
        sizes = as_array(over_arrays(ops.lgamma)(counts + 1.0))
        found: Quantity = ops.lgamma(as_array(n) + 1.0) + np.sum(terms - sizes, axis=-1)
        return found

    def pmf(self, x: object, n: object, p: object) -> object:
        """The probability of counts."""
        return over_arrays(ops.exp)(self.logpmf(x, n, p))


class MultivariateT:
    """``scipy.stats.multivariate_t`` of a shape that has an inverse."""

    name = "multivariate_t"

    def logpdf(
        self, x: object, loc: object = None, shape: object = 1.0, df: object = 1.0
    ) -> Quantity:  # fmt: skip
        """Logarithm of the density at the rows of x."""
        point = as_array(x)
        size, spread = _spread(shape, np.shape(point)[-1])
        off = point if loc is None else point - as_array(loc)
        distances, volume = _distances(off, size, spread)
        freedom = as_array(df)[()]
        half = 0.5 * (freedom + size)
        constant = ops.lgamma(half) - ops.lgamma(0.5 * freedom)
        constant = constant - 0.5 * size * ops.log(freedom * np.pi)
        found = constant - volume - half * np.log1p(distances / freedom)
        made: Quantity = found[0] if np.ndim(off) == 1 else found
        return made

    def pdf(self, x: object, loc: object = None, shape: object = 1.0, df: object = 1.0) -> object:
        """The density at the rows of x."""
        return over_arrays(ops.exp)(self.logpdf(x, loc, shape, df))
