"""``scipy.stats`` of samples: moments, scores, entropies, as SciPy's documentation gives them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.tree.leaves import Floats
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.libraries.scipy_functions import SPECIAL
from autodiff.trace.whole.fitting import Axes, axes
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.scipy.compared_samples import COMPARED
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["SAMPLES"]


def _centred(a: object, axis: Axes) -> ArrayOperand:
    (x,) = tracers(a)
    centred: ArrayOperand = x - np.mean(x, axis=axis, keepdims=True)
    return centred


def _moment(a: object, order: int = 1, axis: Axes = 0) -> Any:
    return np.mean(_centred(a, axis) ** order, axis=axis)


def _skew(a: object, axis: Axes = 0, bias: bool = True) -> object:
    made = _moment(a, 3, axis) / _moment(a, 2, axis) ** 1.5
    if bias:
        return made
    n = _count(a, axis)
    return made * np.sqrt(n * (n - 1.0)) / (n - 2.0)


def _kurtosis(a: object, axis: Axes = 0, fisher: bool = True, bias: bool = True) -> object:
    made = _moment(a, 4, axis) / _moment(a, 2, axis) ** 2
    if not bias:
        n = _count(a, axis)
        made = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * made - 3.0 * (n - 1.0)) + 3.0
    return made - 3.0 if fisher else made


def _count(a: object, axis: Axes) -> float:
    (x,) = tracers(a)
    return float(math.prod(x.shape[one] for one in axes(axis, x.ndim)))


def _zscore(a: object, axis: Axes = 0, ddof: int = 0) -> object:
    return _zmap(a, a, axis, ddof)


def _variation(a: object, axis: Axes = 0, *, ddof: int = 0) -> object:
    (x,) = tracers(a)
    return np.std(x, axis=axis, ddof=ddof) / np.mean(x, axis=axis)


def _sem(a: object, axis: int | None = 0, ddof: int = 1) -> object:
    (x,) = tracers(a)
    return np.std(x, axis=axis, ddof=ddof) / np.sqrt(_count(x, axis))


def _entropy(pk: object, qk: object = None, base: float | None = None, axis: Axes = 0) -> object:
    given = tracers(pk, *([] if qk is None else [qk]))
    p, *rest = (x / np.sum(x, axis=axis, keepdims=True) for x in given)
    (terms,) = tracers(SPECIAL["rel_entr"](p, rest[0]) if rest else SPECIAL["entr"](p))
    made = np.sum(terms, axis=axis)
    return made if base is None else made / np.log(base)


def _hmean(a: object, axis: Any = 0, *, weights: Any = None) -> object:
    (x,) = tracers(a)
    made = 1.0 / np.average(1.0 / x, axis=axis, weights=weights)
    return np.where(np.min(x, axis=axis) >= 0.0, made, np.nan)


def _gmean(a: object, axis: Any = 0, dtype: object = None, weights: Any = None) -> object:
    (x,) = tracers(a)
    return np.exp(np.average(np.log(x), axis=axis, weights=weights))


def _iqr(x: object, axis: Axes = None, rng: Sequence[float] = (25, 75)) -> object:
    (a,) = tracers(x)
    low, high = (np.percentile(a, q, axis=axis) for q in rng)
    return high - low


def _trim_mean(a: object, proportiontocut: float, axis: int | None = 0) -> object:
    """The mean of what is left when a share of the numbers is cut at either end."""
    (x,) = tracers(a)
    ordered = np.sort(x.reshape(x.size), axis=0) if axis is None else np.sort(x, axis=axis)
    along = axis or 0
    count = ordered.shape[along]
    cut = int(proportiontocut * count)
    if not 0 <= cut < count - cut:
        refuse(f"scipy.stats.trim_mean: a share of {proportiontocut} at either end leaves nothing")
    made = np.mean(np.take(ordered, range(cut, count - cut), axis=along), axis=along)
    return np.where(np.isnan(np.max(x, axis=axis)), np.nan, made)  # the order hides it


def _gstd(a: object, axis: Axes = 0, ddof: int = 1) -> object:
    (x,) = tracers(a)
    return np.exp(np.std(np.log(x), axis=axis, ddof=ddof))


def _gzscore(a: object, *, axis: Axes = 0, ddof: int = 0) -> object:
    (x,) = tracers(a)
    return _zscore(np.log(x), axis, ddof)


def _zmap(scores: object, compare: object, axis: Axes = 0, ddof: int = 0) -> object:
    one, other = tracers(scores, compare)
    mean = np.mean(other, axis=axis, keepdims=True)
    return (one - mean) / np.std(other, axis=axis, ddof=ddof, keepdims=True)


def _boxcox_llf(lmb: object, data: object) -> object:
    """Box and Cox (1964): the log-likelihood of a power, with the variance that fits best."""
    power, x = tracers(lmb, data)
    logs = np.log(x)
    (made,) = tracers(SPECIAL["boxcox"](x, power))
    return (power - 1.0) * np.sum(logs, axis=0) - x.shape[0] / 2.0 * np.log(np.var(made, axis=0))


_Places = NDArray[np.intp]


def _pieces(count: int, other: int) -> tuple[_Places, _Places, Floats]:
    """Which of two sorted samples' numbers are met on each piece of [0, 1], and its length."""
    ends = np.union1d(np.arange(1, count + 1) * other, np.arange(1, other + 1) * count)
    starts = np.concatenate([[0], ends[:-1]])
    return starts // other, starts // count, (ends - starts) / (count * other)


def _wasserstein_distance(u_values: object, v_values: object) -> object:
    """The mean distance of quantiles, which pair the samples in order."""
    one, other = (np.sort(x) for x in tracers(u_values, v_values))
    first, second, length = _pieces(one.size, other.size)
    return np.sum(length * np.abs(one[first] - other[second]))


def _energy_distance(u_values: object, v_values: object) -> object:
    """Szekely: the root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|."""

    def apart(x: ArrayOperand, y: ArrayOperand) -> ArrayOperand:
        (made,) = tracers(np.mean(np.abs(x[:, None] - y[None, :])))
        return made

    one, other = tracers(u_values, v_values)
    return np.sqrt(2.0 * apart(one, other) - apart(one, one) - apart(other, other))


_OURS: dict[str, Callable[..., object]] = {
    "boxcox_llf": _boxcox_llf,
    "energy_distance": _energy_distance,
    "entropy": _entropy,
    "gmean": _gmean,
    "gstd": _gstd,
    "gzscore": _gzscore,
    "hmean": _hmean,
    "iqr": _iqr,
    "kurtosis": _kurtosis,
    "moment": _moment,
    "sem": _sem,
    "skew": _skew,
    "trim_mean": _trim_mean,
    "variation": _variation,
    "wasserstein_distance": _wasserstein_distance,
    "zmap": _zmap,
    "zscore": _zscore,
}
SAMPLES = each_where_traced("scipy.stats", _OURS | COMPARED)
