"""``scipy.stats`` that compares samples: correlation, lines through points, Student's t tests.

Their p-values are two-sided, from Student's distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.libraries.scipy_functions import SPECIAL
from autodiff.trace.whole.fitting import Axes
from autodiff.trace.whole.linear_algebra import tracers

__all__ = ["COMPARED"]


class _Tested(NamedTuple):
    statistic: object
    pvalue: object


class _Line(NamedTuple):
    slope: object
    intercept: object
    rvalue: object
    pvalue: object
    stderr: object


class _LinregressResult(_Line):
    """A line, which unpacks to five parts, and one part more."""

    intercept_stderr: object


def _two_sided(t: ArrayOperand, freedom: object) -> object:
    (below,) = tracers(SPECIAL["stdtr"](freedom, -np.abs(t)))
    return 2.0 * below


def _of_correlation(r: ArrayOperand, freedom: float) -> object:
    """The p-value of a correlation."""
    return _two_sided(r * np.sqrt(freedom / ((1.0 - r) * (1.0 + r))), freedom)


def _products(x: object, y: object) -> tuple[ArrayOperand, ...]:
    """The two samples, and the mean squares and product of their deviations."""
    one, other = tracers(x, y)
    u, v = one - np.mean(one), other - np.mean(other)
    return (one, other, *tracers(*[np.mean(product) for product in (u * u, v * v, u * v)]))


def _pearsonr(x: object, y: object) -> _Tested:
    one, _, of_x, of_y, both = _products(x, y)
    r, freedom = both / (np.sqrt(of_x) * np.sqrt(of_y)), one.size - 2.0
    return _Tested(r, _of_correlation(r, freedom))


def _linregress(x: object, y: object) -> _LinregressResult:
    """Least squares; the errors are those of slope and intercept."""
    one, other, of_x, of_y, both = _products(x, y)
    r, freedom, slope = both / np.sqrt(of_x * of_y), one.size - 2.0, both / of_x
    error = np.sqrt((1.0 - r * r) * of_y / of_x / freedom)
    intercept = np.mean(other) - slope * np.mean(one)
    made = _LinregressResult(slope, intercept, r, _of_correlation(r, freedom), error)
    made.intercept_stderr = error * np.sqrt(of_x + np.mean(one) ** 2)
    return made


def _ttest_1samp(a: object, popmean: float, axis: Axes = 0) -> _Tested:
    (x,) = tracers(a)
    count = np.size(x) / np.size(np.mean(x, axis=axis))
    error = np.std(x, axis=axis, ddof=1) / np.sqrt(count)
    t = (np.mean(x, axis=axis) - popmean) / error
    return _Tested(t, _two_sided(t, count - 1.0))


def _ttest_rel(a: object, b: object, axis: Axes = 0) -> _Tested:
    one, other = tracers(a, b)
    return _ttest_1samp(one - other, 0.0, axis)


def _ttest_ind(a: object, b: object, *, axis: Axes = 0, equal_var: bool = True) -> _Tested:
    """Student's test, or Welch's where variances may differ."""
    samples = tracers(a, b)
    (m, n), (u, v) = (
        [np.size(x) / np.size(np.mean(x, axis=axis)) for x in samples],
        [np.var(x, axis=axis, ddof=1) for x in samples],
    )
    freedom: object = m + n - 2.0
    if equal_var:
        error = np.sqrt(((m - 1.0) * u + (n - 1.0) * v) / (m + n - 2.0) * (1.0 / m + 1.0 / n))
    else:
        one, other = u / m, v / n
        freedom = (one + other) ** 2 / (one**2 / (m - 1.0) + other**2 / (n - 1.0))
        error = np.sqrt(one + other)
    first, second = (np.mean(x, axis=axis) for x in samples)
    t = (first - second) / error
    return _Tested(t, _two_sided(t, freedom))


COMPARED: dict[str, Callable[..., object]] = {
    "linregress": _linregress,
    "pearsonr": _pearsonr,
    "ttest_1samp": _ttest_1samp,
    "ttest_ind": _ttest_ind,
    "ttest_rel": _ttest_rel,
}
