"""``scipy.stats`` of samples: moments, scores, entropies, as SciPy's documentation gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.fitting import Axes
from autodiff.trace.whole.linear_algebra import tracers
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["SAMPLES"]


def _centred(a: object, axis: Axes) -> ArrayOperand:
    (x,) = tracers(a)
    centred: ArrayOperand = x - np.mean(x, axis=axis, keepdims=True)
    return centred


def _moment(a: object, order: int = 1, axis: Axes = 0, **_: object) -> Any:
    return np.mean(_centred(a, axis) ** order, axis=axis)


def _skew(a: object, axis: Axes = 0, bias: bool = True, **_: object) -> object:
    made = _moment(a, 3, axis) / _moment(a, 2, axis) ** 1.5
    if bias:
        return made
    n = _count(a, axis)
    return made * np.sqrt(n * (n - 1.0)) / (n - 2.0)


def _kurtosis(
    a: object, axis: Axes = 0, fisher: bool = True, bias: bool = True, **_: object
) -> object:
    made = _moment(a, 4, axis) / _moment(a, 2, axis) ** 2
    if not bias:
        n = _count(a, axis)
        made = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * made - 3.0 * (n - 1.0)) + 3.0
    return made - 3.0 if fisher else made


def _count(a: object, axis: Any) -> float:
    (x,) = tracers(a)
    return float(x.size if axis is None else x.shape[axis])


def _zscore(a: object, axis: Axes = 0, ddof: int = 0, **_: object) -> object:
    (x,) = tracers(a)
    return _centred(x, axis) / np.std(x, axis=axis, ddof=ddof, keepdims=True)


def _variation(
    a: object, axis: Axes = 0, nan_policy: str = "propagate", ddof: int = 0, **_: object
) -> object:
    (x,) = tracers(a)
    return np.std(x, axis=axis, ddof=ddof) / np.mean(x, axis=axis)


def _sem(a: object, axis: int | None = 0, ddof: int = 1, **_: object) -> object:
    (x,) = tracers(a)
    return np.std(x, axis=axis, ddof=ddof) / np.sqrt(_count(x, axis))


def _entropy(
    pk: object, qk: object = None, base: float | None = None, axis: Axes = 0, **_: object
) -> object:
    given = tracers(pk, *([] if qk is None else [qk]))
    p, *rest = (x / np.sum(x, axis=axis, keepdims=True) for x in given)
    logs = np.log(np.where(p > 0.0, p, 1.0))
    terms = -p * logs if not rest else p * (logs - np.log(rest[0]))
    made = np.sum(terms, axis=axis)
    return made if base is None else made / np.log(base)


def _hmean(a: object, axis: Any = 0, *, weights: Any = None, **_: object) -> object:
    (x,) = tracers(a)
    return 1.0 / np.average(1.0 / x, axis=axis, weights=weights)


def _gmean(
    a: object, axis: Any = 0, dtype: object = None, weights: Any = None, **_: object
) -> object:
    (x,) = tracers(a)
    return np.exp(np.average(np.log(x), axis=axis, weights=weights))


class _Correlation(NamedTuple):
    statistic: object
    pvalue: float


def _pearsonr(x: object, y: object, **_: object) -> _Correlation:
    """The correlation; of its p-value nothing is known."""
    one, two = (_centred(a, None) for a in tracers(x, y))
    size = np.sqrt(np.sum(one * one)) * np.sqrt(np.sum(two * two))
    return _Correlation(np.sum(one * two) / size, np.nan)


def _iqr(x: object, axis: Axes = None, rng: Sequence[float] = (25, 75), **_: object) -> object:
    (a,) = tracers(x)
    low, high = (np.percentile(a, q, axis=axis) for q in rng)
    return high - low


_OURS: dict[str, Callable[..., object]] = {
    "entropy": _entropy,
    "gmean": _gmean,
    "hmean": _hmean,
    "iqr": _iqr,
    "kurtosis": _kurtosis,
    "moment": _moment,
    "pearsonr": _pearsonr,
    "sem": _sem,
    "skew": _skew,
    "variation": _variation,
    "zscore": _zscore,
}
SAMPLES = each_where_traced("scipy.stats", _OURS)
