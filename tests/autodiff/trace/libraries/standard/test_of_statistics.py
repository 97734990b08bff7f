"""``statistics`` in traced functions: values as the module has them, slopes as differences."""

from __future__ import annotations

import numbers
import statistics
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import scipy.special

from autodiff.errors import TraceError
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree

X = np.array([0.7, 1.3, 0.4, 2.1])
below = NormalDist().cdf
normal = NormalDist(0.3, 1.2)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "means": lambda x: (
        statistics.mean(x) * statistics.fmean([x[0], 2.0])
        + statistics.fmean(x, weights=[1.0, 2.0, x[0], 1.0])
    ),
    "other means": lambda x: (
        statistics.harmonic_mean(x) * statistics.geometric_mean(list(x))
        + statistics.harmonic_mean(x, weights=[1.0, 2.0, 3.0, 1.0])
    ),
    "spreads": lambda x: (
        statistics.variance(x) * statistics.pstdev(x[:3])
        + statistics.stdev(x) * statistics.pvariance(v * v for v in x)
    ),
    "about a mean": lambda x: statistics.variance(x, x[0]) + statistics.pvariance(x, 1.0),
    "medians": lambda x: (
        statistics.median(x) * statistics.median_low(x)
        + statistics.median_high([x[0], x[1]]) * statistics.median(x[:3])
    ),
    "quantiles": lambda x: (
        sum(statistics.quantiles(x, n=5)) * statistics.quantiles(x, method="inclusive")[2]
    ),
    "two samples": lambda x: (
        statistics.covariance(x, [1.0, x[0], 3.0, 2.0])
        + statistics.correlation(x, [1.0, 2.0, 3.0, 2.0])
    ),
    "regression": lambda x: (
        statistics.linear_regression(x, [1.0, 2.0, x[1], 2.0]).slope
        + statistics.linear_regression([1.0, 2.0, 3.0, 4.0], x, proportional=True)[0]
        * statistics.linear_regression([1.0, 2.0, 3.0, 4.0], x).intercept
    ),
    "a distribution outside": lambda x: below(x[0]) * normal.pdf(x[1]) + normal.inv_cdf(x[2]),
    "one inside": lambda x: (
        NormalDist(x[0], x[1]).cdf(x[2])
        + NormalDist.from_samples(x).zscore(1.0)
        + NormalDist(x[0]).quantiles()[0] * NormalDist(sigma=x[1]).variance
    ),
    "of numbers": lambda x: x[0] * statistics.mean([1, 2]) * NormalDist().mean + sum(x * x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_slopes(name: str) -> None:
    """The module's own value, away from the example, and the slope of its differences."""
    function = FUNCTIONS[name]
    df = compile_gradient(function, X, target="numpy")
    at = np.array([0.8, 1.1, 0.45, 1.9])
    value, gradient = df(at)
    assert value == pytest.approx(function(at), rel=1e-12)
    assert_differences_agree(function, at, gradient)


def test_one_function_alone_is_enough() -> None:
    """A method of a distribution made outside is followed, though nothing else is replaced."""
    value, slope = compile_gradient(lambda x: below(x), 0.3)(0.5)  # noqa: PLW0108  # as users have it
    assert value == pytest.approx(scipy.special.ndtr(0.5), rel=1e-14)
    assert slope == pytest.approx(NormalDist().pdf(0.5), rel=1e-14)


@pytest.mark.parametrize(
    ("function", "error", "said"),
    [
        (lambda x: NormalDist(x[0], 1.0).overlap(normal), TraceError, "NormalDist.overlap"),
        (lambda x: statistics.correlation(x, x, method="ranked"), TraceError, "spearmanr"),
        (lambda x: statistics.stdev([x[0]]), statistics.StatisticsError, "at least 2"),
        (lambda x: x[0] * NormalDist(0.0, -1.0).mean, statistics.StatisticsError, "non-negative"),
        (lambda x: NormalDist().width * x[0], AttributeError, "width"),
    ],
)
def test_what_is_refused(function: Callable[[Any], Any], error: type[Exception], said: str) -> None:
    """Errors are the module's, where it has them."""
    with pytest.raises(error, match=said):
        compile_gradient(function, X)


def test_kinds_of_numbers() -> None:
    """A traced number is one of the kinds that ``numbers`` says a float is."""

    def f(x: Any) -> Any:
        assert isinstance(x, numbers.Number)
        assert not isinstance("a", numbers.Real)
        return x * x if isinstance(x, numbers.Real) else 0.0

    assert compile_gradient(f, 2.0)(3.0) == (9.0, 6.0)
