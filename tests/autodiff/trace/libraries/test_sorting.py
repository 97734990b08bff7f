"""Sorting networks: every order, equal elements, nan, and what is too long."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.libraries.sorting import _network
from codegen import compile_gradient


@pytest.mark.parametrize("count", range(10))
def test_networks_sort(count: int) -> None:
    """A network that sorts all zeros and ones sorts anything."""
    for bits in itertools.product((0, 1), repeat=count):
        found = list(bits)
        for low, high in _network(count):
            found[low], found[high] = sorted((found[low], found[high]))
        assert found == sorted(bits)


def weighted(x: Any) -> Any:
    """Each element counts by its rank."""
    return np.sort(x) @ np.arange(1.0, len(x) + 1.0)


@pytest.mark.parametrize("target", ["python", "native"])
def test_derivatives_go_to_the_elements(target: str) -> None:
    """Whatever the order is at a call, not that of the example."""
    df = compile_gradient(weighted, np.array([3.0, 1.0, 2.0, 0.5]), target=target)
    for order in itertools.permutations([0.5, 1.0, 2.0, 7.0]):
        x = np.array(order)
        value, gradient = df(x)
        assert value == weighted(x)
        assert gradient.tolist() == [1.0 + np.sum(x < one) for one in x]


def test_nan_comes_last() -> None:
    """As in NumPy: what is no number sorts behind all numbers."""
    f = lambda x: np.sort(x)[0] + np.sort(x)[1]  # noqa: E731
    df = compile_gradient(f, np.array([3.0, 1.0, 2.0]))
    assert df(np.array([np.nan, 4.0, 2.0]))[0] == 6.0
    median = compile_gradient(lambda x: np.median(x) * 1.0, np.ones(3))
    assert np.isnan(median(np.array([1.0, np.nan, 2.0]))[0])


SKIPPING: dict[str, Any] = {
    "nanmedian": lambda m: np.nanmedian(m) + np.nanmedian(m, axis=0)[1],
    "nanpercentile": lambda m: np.sum(np.nanpercentile(m, [20.0, 70.0], axis=1) * W),
    "nanquantile": lambda m: np.nanquantile(m, 1.0, axis=(0, 1), keepdims=True)[0, 0],
    "nanargmax": lambda m: m.ravel()[np.nanargmax(m)] * m[np.nanargmin(m[:, 0]), 0],
}
W = np.array([[1.0, 2.0], [-1.0, 0.5]])


_METHODS = "averaged_inverted_cdf closest_observation hazen inverted_cdf lower midpoint weibull"


@pytest.mark.parametrize("method", _METHODS.split())
def test_quantiles_by_every_method(method: Any) -> None:
    """As NumPy finds them, and the derivative goes to the neighbours in their shares."""
    x = np.array([3.0, 1.0, 2.5, 0.5, 7.0])
    f = lambda x: np.quantile(x, 0.37, method=method) * 1.0  # noqa: E731
    value, gradient = compile_gradient(f, x, target="numpy")(x)
    assert value == pytest.approx(float(f(x)), rel=1e-14)
    slopes = [float(f(x + one) - f(x - one)) / 2e-6 for one in 1e-6 * np.eye(5)]
    assert gradient == pytest.approx(slopes, abs=1e-8)


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", SKIPPING)
def test_what_skips_nan(name: str, target: str) -> None:
    """Shares of the numbers that are there, wherever nan stands; nan where none is left."""
    f, m = SKIPPING[name], np.array([[3.0, 1.0, 2.5], [0.5, 4.0, 7.0]])
    df = compile_gradient(f, m, target=target)
    for hole in ((0, 0), (1, 2)):
        x = m.copy()
        x[hole] = np.nan
        value, gradient = df(x)
        assert value == pytest.approx(float(f(x)), rel=1e-14)
        moved = x + 1e-6 * np.cos(np.arange(6.0)).reshape(2, 3)
        change = np.nansum(gradient * (moved - x))
        assert change == pytest.approx(float(f(moved) - f(x)), rel=1e-4)
    if name == "nanmedian":
        with pytest.warns(RuntimeWarning, match="All-NaN"):
            assert np.isnan(f(np.full((2, 3), np.nan)))
        assert np.isnan(df(np.full((2, 3), np.nan))[0])


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_share_of_what_holds_nan_is_nan(target: str) -> None:
    """As in NumPy, also where arrays stay whole."""
    x = np.array([1.0, np.nan, 2.0, 5.0, 3.0])
    for f in (np.median, lambda x: np.percentile(x, 25.0) * 1.0):
        assert np.isnan(compile_gradient(f, np.ones(5), target=target)(x)[0])


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_histograms(target: str) -> None:
    """Counts with edges that are given or found, sums of weights, densities."""
    x, places = np.array([1.0, 2.0, 4.0, 7.5]), [0.0, 5.0, 5.0, 9.0]

    def f(x: Any) -> Any:
        counts, edges = np.histogram(x, bins=3)
        sums, _ = np.histogram(places, bins=[0.0, 2.0, 5.0, 9.0], weights=x)
        share, _ = np.histogram(x, bins=2, range=(0.0, 8.0), density=True)
        return counts @ np.arange(3.0) + edges[1] + sums @ np.array([1.0, 3.0, 2.0]) + share[0]

    value, gradient = compile_gradient(f, x, target=target)(x)
    assert value == pytest.approx(float(f(x)), rel=1e-14)
    assert gradient == pytest.approx(np.array([1.0 + 2.0 / 3.0, 2.0, 2.0, 2.0 + 1.0 / 3.0]))
    with pytest.raises(ad.TraceError, match=r"np.histogram\(bins='auto'\).*number of bins"):
        ad.trace(lambda x: np.histogram(x, "auto")[1][0], x)


def test_equal_elements_share_no_slope_that_is_not_there() -> None:
    """Where all are equal, the gradient of their sum in order is that of their sum."""
    df = compile_gradient(lambda x: np.sum(np.sort(x)), np.ones(30))
    value, gradient = df(np.full(30, 2.0))
    assert value == 60.0
    assert gradient.tolist() == [1.0] * 30


def test_too_many_are_refused() -> None:
    """A long array gets an error with the way out."""
    with pytest.raises(ad.TraceError, match=r"np.sort of 513 elements .*np.argsort"):
        ad.trace(lambda x: np.sort(x)[0] * 1.0, np.ones(513))


def test_a_question_about_nan_is_no_switch() -> None:
    """``x != x`` has one side: a function that skips nan runs no second form for it."""
    df = compile_gradient(lambda x: np.nansum(x * x), np.array([1.0, 2.0]))
    assert "ArithmeticError" not in df.source
