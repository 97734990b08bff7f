"""``statistics`` on traced values: means, spreads, order statistics, ``NormalDist``.

The module counts in fractions, which traced values cannot be: what it rounds once is summed here in
doubles.  A call without a traced value is a call of the module's own, which is not imported here: a
function that uses it has done so.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Operand, Quantity
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.arrays import OperandArray
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.libraries.scipy_functions import ndtri

__all__ = ["STATISTICS", "normals"]

_SQRT2 = math.sqrt(2.0)


Sample = ArrayOperand  # as every function here gets it


def _library() -> types.ModuleType:
    return sys.modules["statistics"]


def _at_least(count: int, data: Sample, name: str) -> int:
    size = int(data.shape[0])
    if size < count:
        raise _library().StatisticsError(f"{name} requires at least {count} data points")
    return size


def _fmean(data: Sample, weights: object = None) -> object:
    return np.average(data, weights=None if weights is None else as_array(weights))


def _harmonic_mean(data: Sample, weights: object = None) -> object:
    shares = np.ones(data.shape[0]) if weights is None else as_array(weights)
    return np.sum(shares) / np.sum(shares / data)


def _geometric_mean(data: Sample) -> object:
    return ops.exp(np.mean(ops.log(data)))


def _spread(name: str, ddof: int, root: bool) -> Callable[..., Quantity]:
    """``variance`` and its like; the mean may be given."""

    def spread(data: Sample, mean: Quantity | None = None) -> Quantity:
        count = _at_least(1 + ddof, data, name) - ddof
        off = data - (np.mean(data) if mean is None else mean)
        found: Quantity = np.sum(off * off) / float(count)
        return ops.sqrt(found) if root else found

    return spread


def _ordered(place: Callable[[int], int]) -> Callable[[Sample], Quantity]:
    """The element at a place of the sorted data."""

    def element(data: Sample) -> Quantity:
        found: Quantity = np.sort(data)[place(_at_least(1, data, "median"))]
        return found

    return element


def _quantiles(data: Sample, *, n: int = 4, method: str = "exclusive") -> list[Quantity]:
    size, ordered = _at_least(2, data, "quantiles"), np.sort(data)
    steps = size + 1 if method == "exclusive" else size - 1
    found = []
    for i in range(1, n):
        place, rest = divmod(i * steps, n)
        if method == "exclusive":
            place = min(max(place, 1), size - 1)
            rest = i * steps - place * n
            place -= 1
        below, above = ordered[place], ordered[place + 1]
        found.append((below * float(n - rest) + above * float(rest)) / float(n))
    return found


def _covariance(x: Sample, y: object) -> object:
    _at_least(2, x, "covariance")
    return np.cov(x, as_array(y))[0, 1]


def _correlation(x: Sample, y: Sample, *, method: str = "linear") -> object:
    if method != "linear":
        raise TraceError(
            f"{user_location()}: statistics.correlation(method={method!r}) cannot be traced; "
            "scipy.stats.spearmanr can"
        )
    return np.corrcoef(x, as_array(y))[0, 1]


def _linear_regression(x: Sample, y: Sample, *, proportional: bool = False) -> object:
    y = as_array(y)
    if proportional:
        return _library().LinearRegression(np.sum(x * y) / np.sum(x * x), 0.0)
    off = x - np.mean(x)
    slope = np.sum(off * (y - np.mean(y))) / np.sum(off * off)
    return _library().LinearRegression(slope, np.mean(y) - slope * np.mean(x))


_OURS: dict[str, Callable[..., object]] = {
    "mean": _fmean,
    "fmean": _fmean,
    "geometric_mean": _geometric_mean,
    "harmonic_mean": _harmonic_mean,
    "median": np.median,
    "median_high": _ordered(lambda n: n // 2),
    "median_low": _ordered(lambda n: (n - 1) // 2),
    "pstdev": _spread("pstdev", 0, root=True),
    "pvariance": _spread("pvariance", 0, root=False),
    "stdev": _spread("stdev", 1, root=True),
    "variance": _spread("variance", 1, root=False),
    "quantiles": _quantiles,
    "covariance": _covariance,
    "correlation": _correlation,
    "linear_regression": _linear_regression,
}


def _listed(x: object) -> object:
    """A sample as a list, since what iterates can be gone through once."""
    single = isinstance(x, (str, Operand)) and getattr(x, "shape", ()) == ()
    return list(x) if isinstance(x, Iterable) and not single else x


def _is_traced(x: object) -> bool:
    return isinstance(x, (Operand, OperandArray)) or holds_operands(x)


def _of_samples(name: str) -> Callable[..., object]:
    def function(data: object, *others: object, **named: object) -> object:
        samples = [_listed(data), *map(_listed, others)]
        if any(map(_is_traced, (*samples, *named.values()))):
            return _OURS[name](as_array(samples[0]), *samples[1:], **named)
        original: Callable[..., object] = getattr(_library(), name)
        return original(*samples, **named)

    return function


class Normal:
    """``statistics.NormalDist`` of numbers and of traced values.

    Args:
        mu: The mean.
        sigma: The standard deviation.
    """

    def __init__(self, mu: Quantity = 0.0, sigma: Quantity = 1.0) -> None:
        if not isinstance(sigma, Operand) and sigma < 0.0:
            raise _library().StatisticsError("sigma must be non-negative")
        self.mean, self.stdev = mu, sigma
        self.median = self.mode = mu

    @classmethod
    def from_samples(cls, data: Iterable[object]) -> Normal:
        """The distribution with the mean and the standard deviation of a sample."""
        sample = list(data)
        return cls(STATISTICS["fmean"](sample), STATISTICS["stdev"](sample))  # type: ignore[arg-type]  # numbers

    @property
    def variance(self) -> Quantity:
        """The square of the standard deviation."""
        return self.stdev * self.stdev

    def zscore(self, x: Quantity) -> Quantity:
        """By how many standard deviations ``x`` is off the mean."""
        return (x - self.mean) / self.stdev

    def pdf(self, x: Quantity) -> Quantity:
        """The density at ``x``."""
        off = x - self.mean
        return ops.exp(off * off / (-2.0 * self.variance)) / ops.sqrt(math.tau * self.variance)

    def cdf(self, x: Quantity) -> Quantity:
        """The probability of at most ``x``."""
        return 0.5 * (1.0 + ops.erf((x - self.mean) / (self.stdev * _SQRT2)))

    def inv_cdf(self, p: Quantity) -> Quantity:
        """The number that is exceeded with probability ``1 - p``."""
        return self.mean + self.stdev * ndtri(p)

    def quantiles(self, n: int = 4) -> Sequence[Quantity]:
        """The borders of ``n`` intervals of the same probability."""
        return [self.inv_cdf(i / n) for i in range(1, n)]

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or not hasattr(_library().NormalDist, name):
            raise AttributeError(f"NormalDist has no attribute {name!r}")
        raise TraceError(
            f"{user_location()}: statistics.NormalDist.{name} cannot be traced; pdf, cdf, inv_cdf, "
            "zscore, quantiles, mean, stdev and sums of them can be"
        )


STATISTICS: dict[str, Callable[..., object]] = {
    **{name: _of_samples(name) for name in _OURS},
    "NormalDist": Normal,
}


def normals() -> dict[type, Callable[[object], object]]:
    """What stands for a ``NormalDist`` that is made outside, if there can be one."""
    if "statistics" not in sys.modules:
        return {}
    return {_library().NormalDist: lambda one: Normal(one.mean, one.stdev)}  # type: ignore[attr-defined]  # it is one
